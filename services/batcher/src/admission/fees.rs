//! Fees: ordinary transfers to the batcher's account in the same transaction, by any of its operations. Nothing is ever
//! taken otherwise.

use batcher_api::{ApiError, Code};
use encoding::{AccountIndex, TicketIndex, Tz4Address};
use inbox::v2::{Action, Name, TicketName, Transaction};

use crate::options::FeeTerms;
use crate::pool::Away;

/// What indexes in a transaction mean, in the last final level.
pub(super) trait Indexes {
    /// The account of an index.
    fn account(&self, index: AccountIndex) -> Result<Option<Tz4Address>, Away>;

    /// The index of one of the tickets of the terms, by its place there.
    fn ticket(&self, place: usize) -> Result<Option<TicketIndex>, Away>;
}

/// Whether a transaction pays what the terms ask for. In the inner result: why not.
pub(super) fn check(
    terms: &FeeTerms,
    transaction: &Transaction,
    indexes: &impl Indexes,
) -> Result<Result<(), ApiError>, Away> {
    let mut charged: u128 = 0;
    let mut paid = vec![0_u128; terms.prices.len()];
    for action in transaction.operations.iter().flat_map(|operation| &operation.actions) {
        let Action::Transfers { ticket, to } = action else {
            charged = charged.saturating_add(1);
            continue;
        };
        let price = place_of(terms, ticket, indexes)?;
        for (to, amount) in to {
            let is_ours = match *to {
                Name::Address(address) => address == terms.account,
                Name::Index(index) => indexes.account(index)? == Some(terms.account),
                Name::Registration(_) => false,
            };
            // A transfer that pays the fee is not charged itself.
            match price.filter(|_| is_ours).and_then(|place| paid.get_mut(place)) {
                Some(sum) => *sum = sum.saturating_add(amount.get().into()),
                None => charged = charged.saturating_add(1),
            }
        }
    }
    let mut least = None;
    for ((ticket, price), paid) in terms.prices.iter().zip(&paid) {
        let expected = u128::from(price.get()).saturating_mul(charged);
        if *paid >= expected {
            return Ok(Ok(()));
        }
        // Told is what is paid in the ticket that anything is paid in.
        if least.is_none() || *paid > 0 {
            least = Some((ticket, *paid, expected));
        }
    }
    let Some((ticket, paid, expected)) = least else { return Ok(Ok(())) };
    let message = format!(
        "the transaction pays {paid} to the batcher, and {expected} are asked for {charged} transfers and withdrawals"
    );
    let error = ApiError::new(Code::FeeTooLow, message).with("paid", paid);
    let error = error.with("expected", expected).with("ticketer", ticket.ticketer);
    Ok(Err(error.with("content", hex::encode(ticket.content.to_micheline()))))
}

/// The place of a ticket in the terms.
fn place_of(
    terms: &FeeTerms,
    name: &TicketName,
    indexes: &impl Indexes,
) -> Result<Option<usize>, Away> {
    for (place, (ticket, _)) in terms.prices.iter().enumerate() {
        let is_it = match name {
            TicketName::Full(named) => named == ticket,
            TicketName::Index(index) => indexes.ticket(place)? == Some(*index),
        };
        if is_it {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use encoding::{Amount, Counter, Kt1Address, Ticket, TicketContent};
    use inbox::v2::Operation;

    use super::*;

    const BATCHER: Tz4Address = Tz4Address([9; 20]);

    struct Table;

    impl Indexes for Table {
        fn account(&self, index: AccountIndex) -> Result<Option<Tz4Address>, Away> {
            Ok((index.0 == 7).then_some(BATCHER))
        }

        fn ticket(&self, place: usize) -> Result<Option<TicketIndex>, Away> {
            Ok((place == 0).then_some(TicketIndex(3)))
        }
    }

    fn ticket(name: &str) -> Ticket {
        let content = TicketContent::String(name.as_bytes().to_vec());
        Ticket { ticketer: Kt1Address([1; 20]), content }
    }

    fn terms() -> FeeTerms {
        let prices = vec![(ticket("gold"), Amount::new(5)), (ticket("silver"), Amount::new(70))];
        FeeTerms { account: BATCHER, prices }
    }

    fn pays(operations: Vec<Vec<(TicketName, Name, u64)>>) -> Transaction {
        let action = |(ticket, to, amount)| Action::Transfers {
            ticket,
            to: vec![(to, Amount::new(amount))],
        };
        let operation = |actions: Vec<(TicketName, Name, u64)>| Operation {
            signer: Name::Address(Tz4Address([2; 20])),
            counter: Counter::FIRST,
            memo: None,
            actions: actions.into_iter().map(action).collect(),
        };
        Transaction { expires: None, operations: operations.into_iter().map(operation).collect() }
    }

    fn checked(transaction: &Transaction) -> Result<(), ApiError> {
        check(&terms(), transaction, &Table).unwrap()
    }

    #[test]
    fn any_operation_pays_in_one_listed_ticket_by_any_name() {
        let gold = || TicketName::Full(ticket("gold"));
        let other = Name::Address(Tz4Address([4; 20]));
        // Somebody else's operation pays for two transfers, by index.
        let sponsored = pays(vec![
            vec![(gold(), other, 100), (gold(), other, 1)],
            vec![(TicketName::Index(TicketIndex(3)), Name::Index(AccountIndex(7)), 10)],
        ]);
        checked(&sponsored).unwrap();
        let in_silver = pays(vec![vec![
            (gold(), other, 100),
            (TicketName::Full(ticket("silver")), Name::Address(BATCHER), 70),
        ]]);
        checked(&in_silver).unwrap();
        // Two tickets do not add up.
        let in_both = pays(vec![vec![
            (gold(), other, 100),
            (gold(), Name::Address(BATCHER), 4),
            (TicketName::Full(ticket("silver")), Name::Address(BATCHER), 69),
        ]]);
        let error = checked(&in_both).unwrap_err();
        assert_eq!((error.code.as_str(), error.values["expected"].as_str()), ("FEE_TOO_LOW", "70"));
        let nothing = pays(vec![vec![(gold(), other, 100)]]);
        let error = checked(&nothing).unwrap_err();
        assert_eq!((error.values["paid"].as_str(), error.values["expected"].as_str()), ("0", "5"));
        // A ticket that is not listed is charged, whoever gets it.
        let unlisted =
            pays(vec![vec![(TicketName::Full(ticket("lead")), Name::Address(BATCHER), 1_000)]]);
        assert!(checked(&unlisted).is_err());
    }

    #[test]
    fn sums_that_nobody_has_do_not_overflow() {
        let gold = || TicketName::Full(ticket("gold"));
        let all = vec![(gold(), Name::Address(BATCHER), u64::MAX); 3];
        checked(&pays(vec![all])).unwrap();
    }
}
