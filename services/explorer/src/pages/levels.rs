//! The levels, newest first.

use askama::Template;
use history::LevelRow;
use layer1::plain::grouped;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::parts::When;
use crate::visit::Visit;

/// A level as a row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Which, and when.
    pub when: When,
    /// Messages for this rollup.
    pub messages: String,
    /// Their bytes.
    pub bytes: String,
    /// Transfers that it applied.
    pub transfers: String,
    /// Operations that it applied.
    pub applied: String,
    /// Operations that it did not apply.
    pub failed: String,
    /// Whether there are any of them.
    pub has_failed: bool,
    /// Whether the node shows what was sent to it.
    pub shown: bool,
}

impl Row {
    /// A level of the index.
    pub(crate) fn of(row: &LevelRow) -> Self {
        Row {
            when: When::of(row),
            messages: grouped(row.messages),
            bytes: grouped(row.bytes),
            transfers: grouped(row.transfers),
            applied: grouped(row.applied),
            failed: grouped(row.failed),
            has_failed: row.failed > 0,
            shown: row.shown,
        }
    }
}

#[derive(Template)]
#[template(path = "levels.html")]
struct LevelsPage {
    frame: Frame,
    levels: Vec<Row>,
    next: Option<String>,
}

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let part = visit.part()?;
    let found = visit.read(|reader| reader.levels(part))?;
    let page = LevelsPage {
        frame: Frame::new(visit, "Levels"),
        levels: found.rows.iter().map(Row::of).collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::Page(page.render()?))
}
