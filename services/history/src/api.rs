//! What is answered over HTTP, as types: those who ask from Rust read the same ones.
//!
//! Amounts, counters and whatever else may exceed 2^53 are decimal texts; hashes and bytes are lowercase
//! hexadecimal; times are seconds since 1970.

mod error;
mod levels;
mod moves;
mod since;
mod transactions;

use std::collections::BTreeMap;

use explain::outcome as reasons;
use serde::{Deserialize, Serialize};
use tx_kernel::results::{Outcome, ResultCode};
use utoipa::ToSchema;

use crate::rows::Settlement;

pub use api_error::{ApiError, ErrorBody, Values};
pub use error::Code;
pub use levels::{AlarmAnswer, AlarmsAnswer, LevelAnswer, LevelsAnswer, StatusAnswer};
pub use moves::{
    HeldAnswer, HeldListAnswer, MoveAnswer, MovesAnswer, TicketAnswer, WithdrawalAnswer,
    WithdrawalsAnswer,
};
pub use since::{NotSince, Since};
pub use transactions::{
    BatchAnswer, FailureAnswer, MessageAnswer, OperationAnswer, PlaceAnswer, TransactionAnswer,
};

/// What became of something, and the level that said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultAnswer {
    /// The level.
    pub level: i32,
    /// The name of the kernel's result code.
    pub code: String,
    /// Its number.
    pub number: u16,
    /// The values that explain it, by their names, in decimal.
    pub values: BTreeMap<String, String>,
    /// The same in a sentence; empty where there is nothing to add.
    pub reason: String,
}

impl From<Settlement> for ResultAnswer {
    fn from(Settlement { outcome, level }: Settlement) -> Self {
        let values = reasons::values_in_decimal(&outcome).into_iter();
        Self {
            level: level.0,
            code: outcome.code.name().to_owned(),
            number: outcome.code.number(),
            values: values.map(|(name, value)| (name.to_owned(), value)).collect(),
            reason: reasons::sentence(&outcome),
        }
    }
}

impl ResultAnswer {
    /// The code with its values; a value that is none is 0.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let code = ResultCode::from_number(self.number);
        let mut values = code
            .values()
            .iter()
            .map(|name| self.values.get(*name).and_then(|text| text.parse().ok()).unwrap_or(0));
        Outcome::new(code, values.next().unwrap_or(0), values.next().unwrap_or(0))
    }
}

/// An address, a hash or a number as text.
fn text(value: &impl ToString) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use encoding::Level;

    use super::*;

    #[test]
    fn every_outcome_comes_back() {
        for code in ResultCode::ALL {
            let values = code.values().len();
            let value = |at: usize, value: u64| if at < values { value } else { 0 };
            let outcome = Outcome::new(*code, value(0, u64::MAX), value(1, 7));
            let told = ResultAnswer::from(Settlement { outcome, level: Level(3) });
            assert_eq!((told.outcome(), told.level), (outcome, 3), "{code}");
        }
    }
}
