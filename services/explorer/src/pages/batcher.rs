//! A batcher: what waits, the batch that is being offered, and how the last ones went.

use askama::Template;
use batcher_api::{BatchStage, OpenBatchSummary, OpenBatchesAnswer, Quote};
use encoding::Hash32;
use history::{BatchCount, HistoryError, Message, Page, ResultKind};
use layer1::plain::grouped;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::BATCHES;
use crate::parts::{LongName, RESULT_LOST, Tag, count, reason};
use crate::text::Text;
use crate::visit::{Visit, hash};

/// A batch that has no final result yet.
#[derive(Debug)]
struct Open {
    id: LongName,
    stage: Tag,
    transactions: String,
    share: String,
    bytes: String,
}

/// A batch that is in a level.
#[derive(Debug)]
struct Past {
    id: LongName,
    level: i32,
    place: u32,
    tag: Tag,
    transactions: String,
    share: String,
    bytes: String,
    each: String,
}

#[derive(Template)]
#[template(path = "batcher.html")]
struct BatcherPage {
    frame: Frame,
    /// Where the batcher is.
    url: Text,
    /// Why the batcher does not tell, if it does not.
    away: Option<Text>,
    facts: Vec<(&'static str, Text)>,
    open: Vec<Open>,
    more: Option<String>,
    past: Vec<Past>,
}

/// Makes it.
///
/// # Errors
/// When there is none, the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    let batcher = visit.site.batcher.as_ref().ok_or_else(Failure::no_page)?;
    visit.asks_only(&[])?;
    let answers = batcher.answers();
    let past = visit.read(|reader| {
        let last = reader.last_batches(Page::first(BATCHES))?.rows;
        last.into_iter()
            .map(|message| Ok((reader.count_operations(message.row)?, message)))
            .collect::<Result<Vec<_>, HistoryError>>()
    })?;
    let (away, facts, open, more) = match answers.as_deref() {
        Err(why) => (Some(Text::of(why)), Vec::new(), Vec::new(), None),
        Ok((quote, answer)) => {
            let open = answer.batches.iter().take(BATCHES).filter_map(open_row).collect::<Vec<_>>();
            let all = usize::try_from(answer.count).unwrap_or(usize::MAX);
            let more = all.checked_sub(open.len()).filter(|more| *more > 0).map(grouped);
            (None, facts(quote, answer), open, more)
        }
    };
    let page = BatcherPage {
        frame: Frame::new(visit, "Batcher"),
        url: Text::of(batcher.url()),
        away,
        facts,
        open,
        more,
        past: past.iter().filter_map(|(count, message)| past_row(*count, message)).collect(),
    };
    Ok(Answer::Page(page.render()?))
}

fn facts(quote: &Quote, answer: &OpenBatchesAnswer) -> Vec<(&'static str, Text)> {
    let seconds = |ms: u64| format!("{}.{:03} s", ms / 1_000, ms % 1_000);
    let fee = match quote.fees.as_slice() {
        [] => "nothing".to_owned(),
        fees => {
            count(u64::try_from(fees.len()).unwrap_or(u64::MAX), "price") + ", of which one is paid"
        }
    };
    let facts = [
        ("Transactions that wait for a batch", grouped(answer.pending)),
        ("Batches without a final result", grouped(answer.count)),
        ("Its head", format!("level {}", quote.level)),
        ("A batch is open for signatures", format!("up to {}", seconds(quote.round_ms))),
        ("A transaction waits for others", format!("up to {}", seconds(quote.max_wait_ms))),
        ("A transfer costs", fee),
    ];
    facts.map(|(name, value)| (name, Text::of(&value))).into()
}

fn open_row(batch: &OpenBatchSummary) -> Option<Open> {
    let stage = match batch.stage {
        BatchStage::Offered => Tag::open("takes signatures"),
        BatchStage::Sealed => Tag::open("sealed"),
        BatchStage::Sent => Tag::open("with the node"),
        BatchStage::Included => Tag::open("in an inbox"),
        BatchStage::Accepted => Tag::good("accepted"),
        BatchStage::Dropped => Tag::bad("dropped"),
    };
    Some(Open {
        id: LongName::batch(&hash(&batch.id).ok()?),
        stage,
        transactions: grouped(batch.transactions),
        share: share(batch.signed.into(), batch.signers.into()),
        bytes: grouped(batch.bytes),
    })
}

fn past_row(count: BatchCount, message: &Message) -> Option<Past> {
    let digest: Hash32 = message.digest?;
    let tag = match &message.result {
        None if message.unknown.is_some() => Tag::open("unknown").because(RESULT_LOST),
        None => Tag::open("waits"),
        Some((ResultKind::Refused, result)) => {
            Tag::bad("refused").because(&reason(&result.outcome))
        }
        Some(_) if count.failed > 0 => Tag::bad("in part").because(&format!(
            "{} of {} not applied",
            grouped(count.failed),
            grouped(count.all)
        )),
        Some(_) => Tag::good("applied"),
    };
    let each = message.length.checked_div(message.transactions);
    Some(Past {
        id: LongName::batch(&digest),
        level: message.id.level.0,
        place: message.id.index,
        tag,
        transactions: grouped(message.transactions),
        share: share(count.cosigned, count.all),
        bytes: grouped(message.length),
        each: each.map(grouped).unwrap_or_default(),
    })
}

/// How many of all, and in percent.
fn share(some: u64, all: u64) -> String {
    let percent = some.saturating_mul(100).checked_div(all);
    let percent = percent.map_or_else(String::new, |percent| format!(" ({percent} %)"));
    format!("{} of {}{percent}", grouped(some), grouped(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_in_percent_where_there_is_something() {
        assert_eq!(share(9, 12), "9 of 12 (75 %)");
        assert_eq!(share(0, 0), "0 of 0");
        assert_eq!(share(1_999, 2_000), "1,999 of 2,000 (99 %)");
    }
}
