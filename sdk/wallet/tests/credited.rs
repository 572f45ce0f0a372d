//! What becomes of a deposit: found in the level that has it, credited or held.

use std::time::Duration;

use ::layer1::address::{Address, Kind};
use encoding::{Kt1Address, Level, Ticket, TicketContent};
use wallet::follow::Settlement;
use wallet::layer1::asset::Asset;
use wallet::layer1::credited::{Arrival, ArrivalEnd, Expected};
use wallet::layer1::deposit::Deposit;
use wallet::patience::Patience;
use wallet::session::Session;

use crate::common::{Octez, ROLLUP, account};

fn tez() -> Ticket {
    let content = TicketContent::NatBytes(0.into(), None);
    Ticket { ticketer: Kt1Address([2; 20]), content }
}

fn deposit(amount: u64) -> Deposit {
    Deposit {
        helper: Kt1Address([1; 20]),
        ticketer: tez().ticketer,
        asset: Asset::Tez,
        rollup: ROLLUP,
        receiver: account(1),
        amount,
        clears_allowance: false,
    }
}

/// Who signs what this node is told to deposit.
fn signer() -> Address {
    Address { kind: Kind::Implicit(0), hash: [0; 20] }
}

#[test]
fn a_deposit_is_found_and_what_became_of_it() {
    let octez = Octez::start();
    octez.bake(1);
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let (ticket, most) = (tez(), deposit(u64::MAX));
    let mut expected =
        Expected { deposit: &most, ticket: &ticket, source: signer(), since: Level(1) };
    octez.deposit(account(1), &ticket, u64::MAX);
    assert_eq!(expected.look(&session).unwrap(), Arrival::OnItsWay);
    let (arrival, end) = expected.wait(&session, Settlement::Included, &Patience::none());
    assert!(matches!((arrival, &end), (Arrival::OnItsWay, ArrivalEnd::Timeout)), "{end:?}");
    octez.bake(1);
    let Arrival::Credited(message, stage) = expected.look(&session).unwrap() else { panic!() };
    assert_eq!((message.level, stage), (Level(2), Settlement::Included));
    octez.bake(8);
    let patience = Patience::lasting(Duration::from_secs(300));
    let (arrival, end) = expected.wait(&session, Settlement::Cemented, &patience);
    assert!(matches!(arrival, Arrival::Credited(_, Settlement::Cemented)), "{arrival:?}");
    assert!(matches!(end, ArrivalEnd::Done), "{end:?}");
    // Somebody else's, another amount, a level of before: none of them is this deposit.
    expected.source = Address { kind: Kind::Implicit(1), hash: [0; 20] };
    assert_eq!(expected.look(&session).unwrap(), Arrival::OnItsWay);
    (expected.source, expected.since) = (signer(), Level(2));
    assert_eq!(expected.look(&session).unwrap(), Arrival::OnItsWay);
    // The rollup holds no more of it: that is held, and not waited for.
    let more = deposit(5);
    let since = session.node().level("head").unwrap();
    octez.deposit(account(1), &ticket, 5);
    octez.bake(1);
    let expected = Expected { deposit: &more, ticket: &ticket, source: signer(), since };
    let (arrival, end) = expected.wait(&session, Settlement::Cemented, &Patience::none());
    assert!(matches!(arrival, Arrival::Held(..)) && matches!(end, ArrivalEnd::Done), "{arrival:?}");
}
