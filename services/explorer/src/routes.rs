//! The table of pages: each is a path and the function that makes it.

use crate::answer::Answer;
use crate::failure::Failure;
use crate::pages::{batcher, control, level, levels, overview};
use crate::visit::Visit;

/// A page: where it is, and what makes it.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    /// Its path, with `{}` around what it names.
    pub path: &'static str,
    /// What makes it. It may block.
    pub serve: fn(&Visit<'_>) -> Result<Answer, Failure>,
}

const fn page(path: &'static str, serve: fn(&Visit<'_>) -> Result<Answer, Failure>) -> Route {
    Route { path, serve }
}

/// All pages.
pub(crate) const PAGES: [Route; 5] =
    [page("/", overview::page), page("/levels", levels::page), page("/level/{level}", level::page), page("/batcher", batcher::page), page("/control", control::page)];
