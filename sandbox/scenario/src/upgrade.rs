//! Sentences about upgrades of the kernel: what a contract orders, and pages that somebody sends.

use inbox::envelope::framed_page;
use inbox::upgrade::{UpgradeCommand, hash_of_page};

use crate::encode::{ROLLUP, call_with_bytes};
use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::model::Route;
use crate::operation::SOURCE;
use crate::words::Words;
use layer1::plain::quoted;

/// The forms of an order, and of a page.
pub(crate) const FORMS: [&str; 3] = [
    "contract CONTRACT announces kernel NAME",
    "contract CONTRACT calls the upgrade off",
    "page NUMBER of kernel NAME is sent (or pages NUMBER to NUMBER of kernel NAME are sent)",
];

/// Reads an order or pages, if the sentence is one or the other.
pub(crate) fn messages(
    text: &str,
    fixtures: &mut Fixtures,
) -> Result<Option<Vec<Vec<u8>>>, Problem> {
    if let Some((contract, announced)) = order(text) {
        let order = match announced {
            Some(name) => {
                let first = fixtures.pages(name)?.first();
                UpgradeCommand::Announce(hash_of_page(first.map_or(&[], Vec::as_slice)))
            }
            None => UpgradeCommand::Cancel,
        };
        let route =
            Route { sender: fixtures.contract(contract)?, source: fixtures.source(SOURCE)? };
        return Ok(Some(vec![call_with_bytes(&order.to_bytes(), &route)]));
    }
    let Some((from, to, name)) = pages(text) else { return Ok(None) };
    let pages = fixtures.pages(name)?;
    let asked = pages.get(from..=to).ok_or_else(|| {
        let expected = format!("pages 0 to {} of kernel {name}", pages.len().saturating_sub(1));
        Problem::unexpected(quoted(text), expected)
    })?;
    Ok(Some(asked.iter().map(|page| framed_page(&ROLLUP, page)).collect()))
}

/// The contract that sends a command, and the kernel that it announces, or nothing if it cancels the upgrade.
fn order(text: &str) -> Option<(&str, Option<&str>)> {
    let mut words = Words::of(text);
    words.phrase("contract")?;
    let contract = words.next()?;
    let announced = match words.phrase("announces kernel") {
        Some(()) => Some(words.name()?),
        None => words.phrase("calls the upgrade off").map(|()| None)?,
    };
    words.end().map(|()| (contract, announced))
}

/// From which page to which, of which kernel.
fn pages(text: &str) -> Option<(usize, usize, &str)> {
    let mut words = Words::of(text);
    let (from, to, verb) = match words.next()? {
        "page" => {
            let page = words.bounded()?;
            (page, page, "is sent")
        }
        "pages" => {
            let from: usize = words.bounded()?;
            words.phrase("to")?;
            let to = words.bounded()?;
            (from <= to).then_some((from, to, "are sent"))?
        }
        _ => return None,
    };
    words.phrase("of kernel")?;
    let name = words.name()?;
    words.phrase(verb)?;
    words.end().map(|()| (from, to, name))
}
