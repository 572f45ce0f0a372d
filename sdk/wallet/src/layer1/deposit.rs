//! The operation of a deposit: the helper is handed tez or tokens, has the ticketer mint a ticket for them, and
//! sends that to the rollup.

use encoding::{Kt1Address, RollupAddress, Tz4Address};
use layer1::address::{Address, Kind};
use layer1::michelson::Node;
use layer1::plain::grouped;

use super::asset::Asset;
use super::micheline::{int, left, pair, right, string};
use super::operation::{Group, Transaction};

/// The most tez that an operation can carry, in mutez: layer 1 counts them in 63 bits.
pub const MAX_MUTEZ: u64 = i64::MAX.unsigned_abs();

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// The helper that makes it.
    pub helper: Kt1Address,
    /// Who mints the ticket.
    pub ticketer: Kt1Address,
    /// What for.
    pub asset: Asset,
    /// The rollup that is to have it.
    pub rollup: RollupAddress,
    /// The account there.
    pub receiver: Tz4Address,
    /// How much, in the smallest units.
    pub amount: u64,
    /// Whether the helper may be allowed to take some of a token of the FA1.2 kind already: such a token does
    /// not change one allowance to another, but only by way of none.
    pub clears_allowance: bool,
}

/// Why a deposit has no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DepositError {
    /// Nothing is to be deposited.
    #[error("nothing is deposited: the amount is 0")]
    Nothing,
    /// More tez than there can be.
    #[error(
        "{} mutez are more than an operation of layer 1 can carry, {}",
        grouped(.0), grouped(MAX_MUTEZ)
    )]
    TooMuchTez(u64),
    /// The token wants to be told whose it is.
    #[error("a token of the FA2 kind names its owner by address")]
    OwnerUnknown,
}

fn contract(address: Kt1Address) -> Address {
    Address { kind: Kind::Contract, hash: address.0 }
}

impl Deposit {
    /// The calls that make it, in order. Only tokens of the FA2 kind need to know the `owner`.
    ///
    /// Tokens are given to the helper in three steps: it is allowed to take them, takes them, and is no longer
    /// allowed to. What fails takes back all of it.
    ///
    /// # Errors
    /// When there is nothing to deposit, too much, or the owner is not known and has to be.
    pub fn group(&self, owner: Option<&Address>) -> Result<Group, DepositError> {
        if self.amount == 0 {
            return Err(DepositError::Nothing);
        }
        let call = |destination, entrypoint: &str, amount, value| Transaction {
            destination: contract(destination),
            amount,
            entrypoint: entrypoint.to_owned(),
            value,
        };
        let target = |rest| pair(string(self.ticketer), pair(string(self.rollup), rest));
        let receiver = string(self.receiver);
        let transactions = match &self.asset {
            Asset::Tez if self.amount > MAX_MUTEZ => {
                return Err(DepositError::TooMuchTez(self.amount));
            }
            Asset::Tez => {
                vec![call(self.helper, "deposit_xtz", self.amount, target(receiver))]
            }
            token => {
                let clears = self.clears_allowance && matches!(token, Asset::Fa12(_));
                let (contract, allow, forbid) = match token {
                    Asset::Fa2(contract, id) => {
                        let owner = owner.ok_or(DepositError::OwnerUnknown)?;
                        let operator =
                            pair(string(owner), pair(string(self.helper), int(id.clone())));
                        let update = |change| ("update_operators", Node::Seq(vec![change]));
                        (*contract, update(left(operator.clone())), update(right(operator)))
                    }
                    Asset::Fa12(contract) => {
                        let approve =
                            |amount: u64| ("approve", pair(string(self.helper), int(amount)));
                        (*contract, approve(self.amount), approve(0))
                    }
                    Asset::Tez => return Err(DepositError::Nothing),
                };
                let value = target(pair(receiver, int(self.amount)));
                let forbid = call(contract, forbid.0, 0, forbid.1);
                let calls = [
                    call(contract, allow.0, 0, allow.1),
                    call(self.helper, "deposit_fa", 0, value),
                    forbid.clone(),
                ];
                clears.then_some(forbid).into_iter().chain(calls).collect()
            }
        };
        Ok(Group { transactions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::text;

    fn deposit(asset: Asset, amount: u64) -> Deposit {
        Deposit {
            helper: Kt1Address([1; 20]),
            ticketer: Kt1Address([2; 20]),
            asset,
            rollup: RollupAddress([3; 20]),
            receiver: Tz4Address([4; 20]),
            amount,
            clears_allowance: false,
        }
    }

    fn lines(group: &Group) -> Vec<String> {
        let line = |one: &Transaction| {
            format!("{} {}%{} {}", one.amount, one.destination, one.entrypoint, text(&one.value))
        };
        group.transactions.iter().map(line).collect()
    }

    fn owner() -> Address {
        Address { kind: Kind::Implicit(0), hash: [5; 20] }
    }

    #[test]
    fn tez_go_with_the_one_call() {
        let deposit = deposit(Asset::Tez, 12_500_000);
        let (helper, ticketer) = (deposit.helper, deposit.ticketer);
        let (rollup, receiver) = (deposit.rollup, deposit.receiver);
        let expected = format!(
            "12500000 {helper}%deposit_xtz Pair \"{ticketer}\" (Pair \"{rollup}\" \"{receiver}\")"
        );
        assert_eq!(lines(&deposit.group(None).unwrap()), [expected]);
    }

    #[test]
    fn tokens_are_allowed_taken_and_no_longer_allowed() {
        let token = Kt1Address([9; 20]);
        let fa2 = deposit(Asset::Fa2(token, 7.into()), 100);
        let (helper, ticketer, owner) = (fa2.helper, fa2.ticketer, owner());
        let operator = format!("Pair \"{owner}\" (Pair \"{helper}\" 7)");
        let takes = format!(
            "0 {helper}%deposit_fa Pair \"{ticketer}\" (Pair \"{}\" (Pair \"{}\" 100))",
            fa2.rollup, fa2.receiver
        );
        let all = lines(&fa2.group(Some(&owner)).unwrap());
        let update = |side| format!("0 {token}%update_operators {{ {side} ({operator}) }}");
        assert_eq!(all, [update("Left"), takes.clone(), update("Right")]);
        assert_eq!(fa2.group(None), Err(DepositError::OwnerUnknown));

        let fa12 = deposit(Asset::Fa12(token), 100);
        let all = lines(&fa12.group(None).unwrap());
        let approve = |amount| format!("0 {token}%approve Pair \"{helper}\" {amount}");
        assert_eq!(all, [approve(100), takes.clone(), approve(0)]);
        let clears = Deposit { clears_allowance: true, ..fa12 };
        let all = lines(&clears.group(None).unwrap());
        assert_eq!(all, [approve(0), approve(100), takes, approve(0)]);
        let other = Deposit { clears_allowance: true, ..fa2 };
        assert_eq!(other.group(Some(&owner)).unwrap().transactions.len(), 3);
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for asset in [Asset::Tez, Asset::Fa12(Kt1Address([9; 20]))] {
            assert_eq!(deposit(asset, 0).group(None), Err(DepositError::Nothing));
        }
        assert!(deposit(Asset::Tez, MAX_MUTEZ).group(None).is_ok());
        let too_much = MAX_MUTEZ + 1;
        assert_eq!(
            deposit(Asset::Tez, too_much).group(None),
            Err(DepositError::TooMuchTez(too_much))
        );
        // Tokens are numbers of any size, and the rollup's amounts have 64 bits.
        assert!(deposit(Asset::Fa12(Kt1Address([9; 20])), u64::MAX).group(None).is_ok());
    }
}
