//! Which commitment is cemented next, and when.

use encoding::Level;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wallet::block_times::BlockTimes;
use wallet::error::RpcError;
use wallet::withdrawal::SettlementPace;

use crate::head::Head;
use crate::parts::{Moment, count};

/// What the node says of the commitment that is cemented next: that of the first level that is not cemented.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// It is published, and has the levels up to this one; when it is cemented, as the node reckons.
    Published(Level, Option<String>),
    /// It is not published yet, and will have the levels up to this one.
    Unpublished(Level),
    /// The node does not tell which it is.
    Unknown,
}

/// In words, when what follows the last cemented level is cemented.
pub(crate) fn next_commitment(head: &Head, times: Option<&BlockTimes>) -> String {
    let level = head.pace.settled.cemented.0.saturating_add(1);
    let asked = head.once("next commitment", |head| {
        let path = format!("/global/block/{level}/committed_status");
        match head.session.node().get::<Value>(&path) {
            Err(RpcError::Refused { .. } | RpcError::Shape { .. }) => Ok(Value::Null),
            told => told,
        }
    });
    // The clock of a sandbox is not that of its levels.
    let by_time = !head.session.is_sandbox();
    let next = asked.map_or(Next::Unknown, |told| next(&told, level, by_time));
    words(&head.pace, &next, times)
}

/// What a node has told of how far the commitment of a level is.
fn next(told: &Value, first: i32, by_time: bool) -> Next {
    let level = |status: &Value| {
        let level = status["commitment_level"].as_i64();
        let level = level.and_then(|level| i32::try_from(level).ok());
        level.filter(|level| *level >= first).map(Level)
    };
    let published = &told["committed"];
    if let Some(found) = level(published) {
        let text = published["estimated_cementation_time"].as_str().filter(|_| by_time);
        let time = text.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        let time = time.and_then(|time| Moment::of(time.unix_timestamp()));
        return Next::Published(found, time.map(|moment| moment.words));
    }
    level(&told["uncommitted"]).map_or(Next::Unknown, Next::Unpublished)
}

fn words(pace: &SettlementPace, next: &Next, times: Option<&BlockTimes>) -> String {
    let settled = pace.settled;
    let about = |level: Level| {
        let left = pace.left(level)?;
        let words = count(u64::try_from(left).unwrap_or(0), "level");
        let at = Level(settled.head.0.saturating_add(left));
        let when = times.and_then(|times| times.words(settled.head, at));
        let when = when.map_or_else(String::new, |when| format!(" ({when})"));
        Some(format!("within about {words}{when}"))
    };
    match next {
        Next::Published(level, time) => {
            let when = match time {
                Some(time) => Some(format!("at about {time}, as the node reckons")),
                None => about(*level),
            };
            match when {
                Some(when) => format!("the commitment up to level {level} is next, {when}"),
                None => format!("the commitment up to level {level} will be the first"),
            }
        }
        Next::Unpublished(level) => {
            format!("the next one, up to level {level}, is not published yet")
        }
        Next::Unknown if settled.committed <= settled.cemented => {
            "no commitment is known that would follow".to_owned()
        }
        Next::Unknown => match about(settled.committed) {
            Some(when) => format!(
                "which one is next the node does not tell; the last, up to level {}, follows {when}",
                settled.committed
            ),
            None => "nothing of this rollup is cemented yet".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wallet::rpc::Settled;

    use super::*;

    const SETTLED: Settled = Settled {
        head: Level(100),
        finalized: Level(98),
        committed: Level(95),
        cemented: Level(20),
    };

    fn said(known: bool, told: &Value, by_time: bool) -> String {
        let pace = SettlementPace { settled: SETTLED, published: Some(Level(95)), known };
        words(&pace, &next(told, 21, by_time), None)
    }

    #[test]
    fn it_is_the_next_one_and_not_the_last() {
        let told = json!({"committed": {
            "commitment_level": 35, "first_published_level": 36, "published_level": 36,
            "estimated_cementation_time": "2026-12-01T10:20:30Z",
        }});
        let by_node = "the commitment up to level 35 is next, at about 2026-12-01 10:20:30 UTC, \
                       as the node reckons";
        assert_eq!(said(true, &told, true), by_node);
        assert_eq!(said(false, &told, true), by_node);
        let by_levels = "the commitment up to level 35 is next, within about 15 levels";
        assert_eq!(said(true, &told, false), by_levels);
        assert_eq!(said(false, &told, false), "the commitment up to level 35 will be the first");
        let waits = json!({"uncommitted": {"commitment_level": 35}});
        assert_eq!(said(true, &waits, true), "the next one, up to level 35, is not published yet");
    }

    #[test]
    fn what_the_node_does_not_tell_is_not_made_up() {
        let older = json!({"committed": {"commitment_level": 20}});
        let far = json!({"committed": {"commitment_level": 5_000_000_000_i64}});
        for told in [Value::Null, json!([]), json!({"cemented": {}}), json!("x"), older, far] {
            let words = said(true, &told, true);
            assert!(words.starts_with("which one is next the node does not tell"), "{words}");
            assert!(words.ends_with("up to level 95, follows within about 75 levels"), "{words}");
        }
        let odd = json!({"committed": {
            "commitment_level": 35, "estimated_cementation_time": "soon",
        }});
        assert!(said(true, &odd, true).ends_with("is next, within about 15 levels"));
        let none = SettlementPace {
            settled: Settled { committed: Level(20), ..SETTLED },
            published: None,
            known: true,
        };
        let words = words(&none, &Next::Unknown, None);
        assert_eq!(words, "no commitment is known that would follow");
    }
}
