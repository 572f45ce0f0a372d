//! What stands around every page: its title, the ways to the others, how far the index and the node are.

use crate::assets::{AssetPaths, PATHS};
use crate::look::{Absence, Look};
use crate::parts::{When, count};
use crate::seen::Seen;
use crate::site::Site;
use crate::text::Text;
use crate::visit::Visit;

/// What stands around a page.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The title. Texts of strangers are in some.
    pub title: Text,
    /// The path and query of the page, by which it is asked for again.
    pub here: String,
    /// Whether it changes with the chain.
    pub live: bool,
    /// What it has seen of the chain.
    pub seen: Seen,
    /// The ways to other pages.
    pub ways: Vec<Way>,
    /// The last level of the index.
    pub last: Option<When>,
    /// What is to be known of everything that is shown.
    pub notes: Vec<Text>,
    /// What is in the field to search.
    pub searched: Text,
    /// Whether this is a sandbox, where nothing is worth anything.
    pub sandbox: bool,
    /// The files that it refers to.
    pub assets: &'static AssetPaths,
}

/// A way to another page.
#[derive(Debug)]
pub(crate) struct Way {
    /// Where it leads.
    pub path: &'static str,
    /// In words.
    pub words: &'static str,
    /// Whether that is this page.
    pub here: bool,
}

/// The pages that every page leads to. The last two are there where the options say so.
const WAYS: [(&str, &str); 9] = [
    ("/", "Overview"),
    ("/levels", "Levels"),
    ("/accounts", "Accounts"),
    ("/tickets", "Tickets"),
    ("/withdrawals", "Withdrawals"),
    ("/held", "Held"),
    ("/kernel", "Kernel"),
    (BATCHER, "Batcher"),
    (CONTROL, "Control"),
];
const BATCHER: &str = "/batcher";
const CONTROL: &str = "/control";

impl Frame {
    /// The frame of a page with its title. It changes with the chain unless it is a later part of a long list.
    pub(crate) fn new(visit: &Visit<'_>, title: &str) -> Self {
        let site = visit.site;
        let mut notes = Vec::new();
        let last = match site.readers.read(|reader| reader.levels(history::Page::first(1))) {
            Ok(paged) => paged.rows.into_iter().next(),
            Err(error) => {
                notes.push(Text::of(&format!("the index cannot be read: {error}")));
                None
            }
        };
        match &visit.look {
            Look::Away(Absence { is_silence, why }, _) => {
                let what = match is_silence {
                    true => "The node does not answer",
                    false => "What the node answers cannot be used",
                };
                let words = format!("{what}, so this is what the index has: {why}");
                notes.push(Text::of(&words));
            }
            Look::Seen(head) => {
                let behind = last.as_ref().map(|last| head.level().0.saturating_sub(last.level.0));
                match behind {
                    // A level that has just come is there in a moment.
                    Some(2..) => {
                        let levels = behind.and_then(|levels| u64::try_from(levels).ok());
                        let levels = count(levels.unwrap_or(0), "level");
                        notes.push(Text::of(&format!("The index is {levels} behind the node.")));
                    }
                    None if notes.is_empty() => {
                        notes.push(Text::of("The index has no level yet."));
                    }
                    _ => {}
                }
            }
        }
        if let Some(problem) = &visit.pins_problem {
            let words = format!("The pinned tickets cannot be read, and count for none: {problem}");
            notes.push(Text::of(&words));
        }
        Frame {
            title: Text::of(title),
            here: visit.here(),
            live: visit.is_first_part(),
            seen: visit.seen,
            ways: ways(site, visit.path),
            last: last.as_ref().map(When::of),
            notes,
            searched: Text::default(),
            sandbox: site.sandbox,
            assets: &PATHS,
        }
    }

    /// The same of a page that stays as it is.
    #[must_use]
    pub(crate) fn still(mut self) -> Self {
        self.live = false;
        self
    }
}

fn ways(site: &Site, path: &str) -> Vec<Way> {
    let there = |path: &str| match path {
        BATCHER => site.batcher.is_some(),
        CONTROL => site.panel.is_some(),
        _ => true,
    };
    let all = WAYS.into_iter().filter(|(path, _)| there(path));
    all.map(|(to, words)| Way { path: to, words, here: to == path }).collect()
}
