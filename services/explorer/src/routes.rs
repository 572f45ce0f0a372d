//! The table of pages: each is a path and the function that makes it.

use crate::answer::Answer;
use crate::assets::PATHS;
use crate::failure::Failure;
use crate::pages::{
    account, account_csv, account_tickets, accounts, batcher, control, held, kernel, level, levels,
    message, overview, search, ticket, tickets, transaction, withdrawals,
};
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
pub(crate) const PAGES: [Route; 19] = [
    page("/", overview::page),
    page("/levels", levels::page),
    page("/level/{level}", level::page),
    page("/level/{level}/message/{place}", message::by_place),
    page("/batch/{digest}", message::batch),
    page("/tx/{hash}", transaction::page),
    page("/accounts", accounts::page),
    page("/account/{address}", account::page),
    page("/account/{address}/history.csv", account_csv::table),
    page("/account/{address}/tickets", account_tickets::page),
    page("/tickets", tickets::page),
    page("/ticket/{hash}", ticket::page),
    page("/withdrawals", withdrawals::page),
    page("/held", held::page),
    page("/kernel", kernel::page),
    page("/batcher", batcher::page),
    page("/control", control::page),
    page("/search", search::page),
    page("/favicon.ico", icon),
];

/// Where browsers look for an icon that no page has named.
fn icon(_: &Visit<'_>) -> Result<Answer, Failure> {
    Ok(Answer::Elsewhere(PATHS.icon.clone()))
}
