//! The kernel: its hash, how to rebuild it, its configuration, and an upgrade that is announced.

use askama::Template;
use encoding::{Kt1Address, Level, blake2b_256};
use layer1::plain::grouped;
use serde_json::{Value, json};
use tx_kernel::layout::{ACCEPT_V1, ADMINISTRATOR, RECEIPTS_EVERY, UPGRADE_DELAY};
use tx_kernel::view::View;
use wallet::error::StateError;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::head::Head;
use crate::parts::{LongName, count};
use crate::text::Text;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "kernel.html")]
struct KernelPage {
    frame: Frame,
    rollup: LongName,
    told: Result<KernelFacts, Text>,
}

/// What the node tells of it.
struct KernelFacts {
    level: i32,
    hash: Option<LongName>,
    bytes: Option<String>,
    administrator: Option<LongName>,
    facts: Vec<(&'static str, Text)>,
    upgrade: Option<Upgrade>,
}

/// An upgrade that is announced.
struct Upgrade {
    bytes: String,
    next: Option<LongName>,
    due: Option<Text>,
}

/// Where the PVM has the kernel that it runs.
const KERNEL: &str = "/kernel/boot.wasm";

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&[])?;
    let rollup = visit.read(|reader| reader.rollup())?;
    let told = match visit.look.seen() {
        None => Err(Text::of("The node is not there to tell.")),
        Some(head) => match head.once("kernel", asked) {
            Ok(value) => Ok(told(head, &value)),
            Err(error) => Err(Text::of(&visit.site.heads.without_address(&error.to_string()))),
        },
    };
    let rollup = LongName::plain(&rollup).whole();
    let page = KernelPage { frame: Frame::new(visit, "Kernel"), rollup, told };
    Ok(Answer::Page(page.render()?))
}

/// What the node is asked, once for all who ask about this head.
fn asked(head: &Head) -> Result<Value, StateError> {
    let node = head.session.node();
    let block = &head.block.hash;
    let kernel = node.value(block, KERNEL)?;
    let number = |path| -> Result<Option<u32>, StateError> {
        let bytes = node.value(block, path)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes))
    };
    let upgrade = head.state()?.read(|host| View::new(host).upgrade())?;
    let upgrade = upgrade.map(|upgrade| {
        json!({
            "next": upgrade.next.map(|next| next.to_string()),
            "bytes": upgrade.bytes,
            "due": upgrade.due.0,
        })
    });
    Ok(json!({
        "hash": kernel.as_deref().map(|module| blake2b_256(&[module]).to_string()),
        "bytes": kernel.as_deref().map(<[u8]>::len),
        "administrator": node.value(block, ADMINISTRATOR)?.map(hex::encode),
        "delay": number(UPGRADE_DELAY)?,
        "receipts": number(RECEIPTS_EVERY)?,
        "v1": node.value(block, ACCEPT_V1)?.is_some_and(|value| value == [1]),
        "upgrade": upgrade,
    }))
}

fn told(head: &Head, value: &Value) -> KernelFacts {
    let administrator = value["administrator"].as_str().and_then(|text| hex::decode(text).ok());
    let administrator = administrator.and_then(|bytes| bytes.try_into().ok()).map(Kt1Address);
    let levels = |field: &str| value[field].as_u64().map(|levels| count(levels, "level"));
    let mut facts = Vec::new();
    let mut fact = |name, text: &str| facts.push((name, Text::of(text)));
    let delay = levels("delay").unwrap_or_else(|| "not set".to_owned());
    fact("Levels between a complete upgrade and its installation", &delay);
    let receipts = levels("receipts").map_or_else(
        || "none are made".to_owned(),
        |levels| format!("a root over the results of {levels} goes into the outbox"),
    );
    fact("Receipts", &receipts);
    let v1 = if value["v1"] == true { "accepted too" } else { "not accepted" };
    fact("Batches in wire format v1", v1);
    KernelFacts {
        level: head.level().0,
        hash: value["hash"].as_str().map(|hash| LongName::plain(hash).whole()),
        bytes: value["bytes"].as_u64().map(|bytes| format!("{} bytes", grouped(bytes))),
        administrator: administrator.map(|kt1| LongName::outside(&kt1.to_string())),
        facts,
        upgrade: value["upgrade"].is_object().then(|| upgrade(head, &value["upgrade"])),
    }
}

fn upgrade(head: &Head, value: &Value) -> Upgrade {
    let next = value["next"].as_str().map(LongName::plain);
    let due = value["due"].as_i64().and_then(|due| i32::try_from(due).ok()).map(Level);
    // Until all pages are there it is not due.
    let due = due.filter(|_| next.is_none()).map(|due| {
        let left = due.0.saturating_sub(head.level().0);
        let left = count(u64::try_from(left).unwrap_or(0), "level");
        let when = head.times.and_then(|times| times.words(head.level(), due));
        let when = when.map_or_else(String::new, |words| format!(" ({words})"));
        Text::of(&format!("with level {due}, in {left}{when}"))
    });
    let bytes = format!("{} bytes", grouped(value["bytes"].as_u64().unwrap_or(0)));
    Upgrade { bytes, next, due }
}
