//! The accounts, newest first.

use askama::Template;
use history::AccountRow;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::holdings::{Holdings, holdings, pinned};
use crate::parts::{LongName, Sum, When, counted, token};
use crate::times::Times;
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
    /// Whether it has tickets that are not shown.
    more: bool,
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
    let (count, rows, next, times) = visit.read(|reader| {
        let (found, pinned) = (reader.accounts(part)?, pinned(reader, &visit.pins)?);
        let times = Times::of(reader, found.rows.iter().map(|account| account.since))?;
        let mut rows = Vec::with_capacity(found.rows.len());
        for account in found.rows {
            let has = holdings(reader, account.row, &pinned, SHOWN)?;
            rows.push((account, has));
        }
        Ok((reader.count_accounts()?, rows, found.next, times))
    })?;
    let page = AccountsPage {
        frame: Frame::new(visit, "Accounts"),
        count: counted(count, "account"),
        accounts: rows.iter().map(|(account, has)| row(visit, account, has, &times)).collect(),
        next: visit.next(next),
    };
    Ok(Answer::Page(page.render()?))
}

fn row(visit: &Visit<'_>, account: &AccountRow, has: &Holdings, times: &Times) -> Row {
    let sums = has.rows.iter().map(|one| Sum::of(one.amount, &token(&one.ticket, &visit.pins)));
    Row {
        account: visit.account(&account.address),
        index: account.index.map(|index| index.0),
        since: times.when(account.since),
        is_registered: account.registered.is_some(),
        sums: sums.collect(),
        more: has.more,
    }
}
