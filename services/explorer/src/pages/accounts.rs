//! The accounts, newest first.

use askama::Template;
use history::{AccountRow, BalanceRow};
use layer1::plain::grouped;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::parts::{LongName, Sum, When, token};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    frame: Frame,
    count: String,
    accounts: Vec<Row>,
    next: Option<String>,
}

/// An account as a row.
struct Row {
    account: LongName,
    index: Option<u32>,
    since: When,
    is_registered: bool,
    sums: Vec<Sum>,
    /// Tickets of it that are not shown.
    more: usize,
}

/// Tickets of an account that its row shows.
const SHOWN: usize = 3;

/// Makes it.
///
/// # Errors
/// When the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let part = visit.part()?;
    let (count, rows, next) = visit.read(|reader| {
        let found = reader.accounts(part)?;
        let mut rows = Vec::with_capacity(found.rows.len());
        for account in found.rows {
            let balances = reader.balances(account.row)?;
            rows.push((account, balances));
        }
        Ok((reader.count_accounts()?, rows, found.next))
    })?;
    let page = AccountsPage {
        frame: Frame::new(visit, "Accounts"),
        count: grouped(count),
        accounts: rows.iter().map(|(account, balances)| row(visit, account, balances)).collect(),
        next: visit.next(next),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(visit: &Visit<'_>, account: &AccountRow, balances: &[BalanceRow]) -> Row {
    let mut all: Vec<_> =
        balances.iter().map(|one| (one.amount, token(&one.ticket, &visit.pins))).collect();
    // What is pinned comes first: anybody can send what is not.
    all.sort_by_key(|(_, token)| token.pinned.is_none());
    Row {
        account: visit.account(&account.address),
        index: account.index.map(|index| index.0),
        since: When::new(account.since, None),
        is_registered: account.registered.is_some(),
        sums: all.iter().take(SHOWN).map(|(amount, token)| Sum::of(*amount, token)).collect(),
        more: all.len().saturating_sub(SHOWN),
    }
}
