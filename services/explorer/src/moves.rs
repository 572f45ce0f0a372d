//! What moves a ticket, as rows of tables show it.

use history::{MoveKind, MoveRow};
use wallet::pins::Pins;

use crate::parts::{LongName, Sum, Tag, When, token};
use crate::site::Site;
use crate::text::Text;
use crate::visit::Visit;

/// Something that moves a ticket, or would have.
#[derive(Debug)]
pub(crate) struct MoveLine {
    /// Its level.
    pub when: When,
    /// What it is.
    pub kind: &'static str,
    /// The transaction.
    pub hash: Option<LongName>,
    /// The message, where there is no transaction.
    pub message: (i32, u32),
    /// Whom it leaves.
    pub from: Option<LongName>,
    /// Whom it reaches.
    pub to: Option<LongName>,
    /// Of a withdrawal: the contract's entrypoint, if it is not the only one to pay.
    pub through: Option<(LongName, Text)>,
    /// How much of what.
    pub sum: Sum,
    /// The remark.
    pub memo: Option<Text>,
    /// What became of it.
    pub tag: Tag,
}

impl MoveLine {
    /// A move of the index.
    pub(crate) fn of(visit: &Visit<'_>, row: &MoveRow) -> Self {
        Self::in_words(visit.site, &visit.pins, row)
    }

    fn in_words(site: &Site, pins: &Pins, row: &MoveRow) -> Self {
        let account =
            |address: &encoding::Tz4Address| LongName::account(address, site.called(address));
        let outside = || row.outside.as_deref().map(LongName::outside);
        let sender = row.sender.as_ref().map(account);
        let receiver = row.receiver.as_ref().map(account);
        let (kind, from, to, through) = match row.kind {
            MoveKind::Deposit => ("deposit", outside(), receiver, None),
            MoveKind::Transfer => ("transfer", sender, receiver, None),
            MoveKind::Withdrawal => {
                let entrypoint = match row.entrypoint.as_deref() {
                    None | Some("") => "default",
                    Some(name) => name,
                };
                let contract = outside().map(|contract| (contract, Text::of(entrypoint)));
                match row.pays.as_deref() {
                    Some(pays) => ("withdrawal", sender, Some(LongName::outside(pays)), contract),
                    None => ("withdrawal", sender, None, contract),
                }
            }
        };
        MoveLine {
            when: When::new(row.message.level, row.time),
            kind,
            hash: row.hash.as_ref().map(LongName::transaction),
            message: (row.message.level.0, row.message.index),
            from,
            to,
            through,
            sum: Sum::of(row.amount, &token(&row.ticket, pins)),
            memo: row.memo.as_deref().map(Text::of),
            tag: Tag::of_state(row.state, row.result.as_ref()),
        }
    }
}
