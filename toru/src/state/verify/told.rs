//! Where levels part from what is kept: in words and as JSON.

use layer1::plain::one_line;
use pvm::Status;
use serde_json::{Value, json};
use store::Difference;

/// The most bytes of a value that are shown in words.
const MAX_BYTES_SHOWN: usize = 32;

/// A level that was played again and parts from what is kept.
pub(super) struct Parted {
    pub(super) level: i32,
    pub(super) differences: Vec<Difference>,
    pub(super) more: u64,
    /// Where engines part from each other.
    pub(super) engines: Option<String>,
}

/// All of it in words.
pub(super) fn words(replayed: usize, names: &[&str], parted: &[Parted]) -> String {
    let engines = names.join(" and ");
    let levels = if replayed == 1 { "level" } else { "levels" };
    let mut text =
        format!("the state goes together; {replayed} {levels} played again on {engines}\n");
    for Parted { level, differences, more, engines } in parted {
        text.push_str(&format!("level {level}:\n"));
        let told = differences.iter().map(difference_words).chain(engines.clone());
        let left_out = (*more > 0).then(|| format!("and {more} differences more"));
        for line in told.chain(left_out) {
            text.push_str(&format!("  {}\n", one_line(&line)));
        }
    }
    text
}

fn difference_words(difference: &Difference) -> String {
    match difference {
        Difference::Fact { what, kept, found } => {
            format!("{what}: {kept} kept, {found} found")
        }
        Difference::Status { kept, found } => {
            let status = |status: &Status| match status {
                Status::Running => "running".to_owned(),
                Status::Stuck(why) => format!("stuck for good ({why})"),
            };
            format!("kernel: {} kept, {} found", status(kept), status(found))
        }
        Difference::Outbox { index, kept, found } => format!(
            "outbox message {index}: {} kept, {} found",
            shown(kept.as_deref()),
            shown(found.as_deref())
        ),
        Difference::Length { path, kept, found } => {
            let length = |length: &Option<usize>| match length {
                None => "nothing".to_owned(),
                Some(bytes) => format!("{bytes} bytes"),
            };
            format!("{path}: {} kept, {} found", length(kept), length(found))
        }
        Difference::Value { path, part, kept, found } => {
            let part = if *part == 0 { String::new() } else { format!(" (part {part})") };
            let [kept, found] = [kept, found].map(|row| shown(row.as_deref()));
            format!("{path}{part}: {kept} kept, {found} found")
        }
    }
}

/// Bytes as hex, the first of many.
fn shown(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "nothing".to_owned(),
        Some([]) => "an empty value".to_owned(),
        Some(bytes) => match bytes.get(..MAX_BYTES_SHOWN) {
            Some(first) if first.len() < bytes.len() => {
                format!("{}… ({} bytes)", hex::encode(first), bytes.len())
            }
            _ => hex::encode(bytes),
        },
    }
}

pub(super) fn as_json(parted: &Parted) -> Value {
    let hex = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(hex::encode);
    let differences = parted.differences.iter().map(|difference| match difference {
        Difference::Fact { what, kept, found } => {
            json!({"kind": "fact", "what": what, "kept": kept, "found": found})
        }
        Difference::Status { kept, found } => {
            let stuck = |status: &Status| match status {
                Status::Running => None,
                Status::Stuck(why) => Some(why.clone()),
            };
            json!({"kind": "status", "kept": stuck(kept), "found": stuck(found)})
        }
        Difference::Outbox { index, kept, found } => {
            json!({"kind": "outbox", "index": index, "kept": hex(kept), "found": hex(found)})
        }
        Difference::Length { path, kept, found } => {
            json!({"kind": "length", "path": path, "kept": kept, "found": found})
        }
        Difference::Value { path, part, kept, found } => json!({
            "kind": "value", "path": path, "part": part, "kept": hex(kept), "found": hex(found),
        }),
    });
    let engines = parted.engines.iter().map(|how| json!({"kind": "engines", "problem": how}));
    json!({
        "level": parted.level,
        "more": parted.more,
        "differences": differences.chain(engines).collect::<Value>(),
    })
}
