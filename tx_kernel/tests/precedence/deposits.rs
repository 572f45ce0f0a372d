//! Why a deposit is held.

use Fault::{Amount, Content, Index, Receiver, Supply, Type, Zero};
use tx_kernel::results::ResultCode;

use crate::rollup::{Rollup, address, deposit, deposit_by, person, source, ticket};
use crate::{Order, each_two};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Type,
    Receiver,
    Amount,
    Content,
    Zero,
    Supply,
    Index,
}

/// `INTERRUPTED`, which precedes all, takes a run that traps: `e2e_kernel_tests/tests/traps.rs`.
const ORDER: &Order<Fault> = &[
    (Type, ResultCode::WrongPayloadType),
    (Receiver, ResultCode::ReceiverNotTz4),
    (Amount, ResultCode::AmountOutOfRange),
    (Content, ResultCode::TicketContentTooLarge),
    (Zero, ResultCode::ZeroAmount),
    (Supply, ResultCode::SupplyTooLarge),
    (Index, ResultCode::RegistryFull),
];

#[test]
fn a_deposit_is_held_for_the_first_fault() {
    let mut rollup = Rollup::new();
    rollup.level(&[deposit(&person(1), "full", u64::MAX)]);
    rollup.keep();
    let together = |one, other| {
        let pair = [one, other];
        // There is one amount and one ticket, and only one of a known ticket can have a full supply.
        !(pair.contains(&Amount) && pair.contains(&Zero)
            || pair.contains(&Content) && pair.contains(&Supply))
    };
    each_two(ORDER, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        if has(Index) {
            // As many accounts as there can be.
            rollup.set("/toru/state/counts", &[[0xff, 0xff, 0xff, 0xfe], [0, 0, 0, 1]].concat());
        }
        let receiver = match has(Receiver) {
            true => "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU".to_owned(),
            false => address(&person(2)).to_string(),
        };
        let text = match (has(Content), has(Supply)) {
            (true, _) => "x".repeat(1_996),
            (_, true) => "full".to_owned(),
            _ => "gold".to_owned(),
        };
        let amount = if has(Amount) { -1 } else { i128::from(!has(Zero)) };
        let mut message = deposit_by(&source(&person(0)), &receiver, &ticket(&text), amount);
        if has(Type) {
            // Right in place of Left, as in the branch for bytes.
            message[3] = 0x08;
        }
        rollup.code(message)
    });
}
