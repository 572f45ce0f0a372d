//! Outcomes as rows have them.

use encoding::Counter;
use tx_kernel::results::{Outcome, ResultCode};

use super::said::Fate;
use crate::numbers::Wide;
use crate::words::MoveState;

/// What became of an operation, as its row has it.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    pub(super) outcome: Option<Outcome>,
    pub(super) state: MoveState,
}

/// Values of columns code, first, second.
pub(super) fn columns(outcome: Option<Outcome>) -> (Option<u16>, Option<Wide>, Option<Wide>) {
    let code = outcome.map(|outcome| outcome.code.number());
    (code, outcome.map(|o| Wide(o.first)), outcome.map(|o| Wide(o.second)))
}

/// What the row of an operation has of what became of it.
pub(super) fn ended(fate: Option<Fate>, counter: Counter) -> Ended {
    match fate {
        None => Ended { outcome: None, state: MoveState::Waits },
        Some(Fate::Nothing) => Ended { outcome: None, state: MoveState::NotApplied },
        Some(Fate::Outcome(outcome)) => {
            let applied = outcome.code == ResultCode::Applied;
            let state = if applied { MoveState::Applied } else { MoveState::NotApplied };
            Ended { outcome: Some(outcome), state }
        }
        // Its counter was used before, so the next one is greater.
        Some(Fate::Earlier) => {
            let used = counter.get();
            let next = used.saturating_add(1);
            let outcome = Outcome::new(ResultCode::CounterMismatch, next, used);
            Ended { outcome: Some(outcome), state: MoveState::NotApplied }
        }
    }
}
