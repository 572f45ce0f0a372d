//! A state that is being changed by an operation, with what is to be told of it: what each call moved, and
//! the balances that are others than before.

use std::collections::BTreeMap;

use layer1::address::{Address, Kind};
use layer1::michelson::Node;
use layer1::types::{plain, shown};
use num_bigint::{BigInt, BigUint};

use crate::asset::{Asset, Change, Holding};
use crate::call::RollupCall;
use crate::contract::Code;
use crate::micheline::{Target, type_of};
use crate::refusal::Refusal;
use crate::state::State;
use crate::ticket::{ContractHash, Ticket};

/// The most mutez that an account can have.
const MAX_MUTEZ: u64 = i64::MAX.unsigned_abs();

/// The state, and what has been done to it.
pub(crate) struct Work {
    pub state: State,
    /// Calls of the rollup, in order.
    pub messages: Vec<RollupCall>,
    /// What one call moves.
    pub tez: Vec<(Address, i128)>,
    pub tickets: Vec<(Ticket, Address, BigInt)>,
    before: BTreeMap<Holding, BigUint>,
}

impl Work {
    pub(crate) fn on(state: &State) -> Self {
        Self {
            state: state.clone(),
            messages: Vec::new(),
            tez: Vec::new(),
            tickets: Vec::new(),
            before: BTreeMap::new(),
        }
    }

    /// The balances that are others than before.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let change = |(holding, before): (&Holding, &BigUint)| {
            let after = self.state.balance(holding);
            (after != *before).then(|| Change {
                holding: holding.clone(),
                before: before.clone(),
                after,
            })
        };
        self.before.iter().filter_map(change).collect()
    }

    fn touch(&mut self, account: Address, asset: Asset) {
        let holding = Holding { account, asset };
        if !self.before.contains_key(&holding) {
            let before = self.state.balance(&holding);
            self.before.insert(holding, before);
        }
    }

    /// Moves mutez.
    pub(crate) fn pay(&mut self, from: Address, to: Address, mutez: u64) -> Result<(), Refusal> {
        if mutez == 0 {
            return Ok(());
        }
        let has = self.state.mutez(&from);
        let left =
            has.checked_sub(mutez).ok_or(Refusal::Tez { account: from, has, needs: mutez })?;
        self.touch(from, Asset::Tez);
        self.touch(to, Asset::Tez);
        self.state.tez.insert(from, left);
        let then = self.state.mutez(&to).checked_add(mutez).filter(|then| *then <= MAX_MUTEZ);
        self.state.tez.insert(to, then.ok_or(Refusal::TezOverflow { account: to })?);
        self.tez.push((from, -i128::from(mutez)));
        self.tez.push((to, i128::from(mutez)));
        Ok(())
    }

    fn set_tickets(&mut self, ticket: &Ticket, account: Address, amount: BigUint) {
        let key = (ticket.clone(), account);
        if amount == BigUint::ZERO {
            self.state.tickets.remove(&key);
        } else {
            self.state.tickets.insert(key, amount);
        }
    }

    fn add_tickets(&mut self, ticket: &Ticket, account: Address, amount: &BigUint) {
        self.touch(account, Asset::Ticket(ticket.clone()));
        let then = self.state.tickets(ticket, &account) + amount;
        self.set_tickets(ticket, account, then);
        self.tickets.push((ticket.clone(), account, BigInt::from(amount.clone())));
    }

    fn take_tickets(
        &mut self,
        ticket: &Ticket,
        account: Address,
        amount: &BigUint,
    ) -> Result<(), Refusal> {
        let has = self.state.tickets(ticket, &account);
        if has < *amount {
            let needs = amount.clone();
            return Err(Refusal::Tickets { account, ticket: ticket.shown(), has, needs });
        }
        self.touch(account, Asset::Ticket(ticket.clone()));
        self.set_tickets(ticket, account, has - amount);
        self.tickets.push((ticket.clone(), account, -BigInt::from(amount.clone())));
        Ok(())
    }

    /// Moves tickets.
    pub(crate) fn hand_over(
        &mut self,
        ticket: &Ticket,
        from: Address,
        to: Address,
        amount: &BigUint,
    ) -> Result<(), Refusal> {
        self.take_tickets(ticket, from, amount)?;
        self.add_tickets(ticket, to, amount);
        Ok(())
    }

    /// A ticketer makes tickets, and has them.
    pub(crate) fn mint(&mut self, ticket: &Ticket, to: Address, amount: &BigUint) {
        let supply = self.state.supply(ticket) + amount;
        self.state.supplies.insert(ticket.clone(), supply);
        self.add_tickets(ticket, to, amount);
    }

    /// Tickets that an account has are no more.
    pub(crate) fn burn(
        &mut self,
        ticket: &Ticket,
        of: Address,
        amount: &BigUint,
    ) -> Result<(), Refusal> {
        self.take_tickets(ticket, of, amount)?;
        // There are at least as many as one account has.
        let supply = self.state.supply(ticket);
        self.state.supplies.insert(ticket.clone(), supply - amount);
        Ok(())
    }

    /// Sets what an account has of a token of a contract.
    pub(crate) fn set_tokens(
        &mut self,
        contract: &ContractHash,
        id: &BigUint,
        account: Address,
        amount: BigUint,
    ) {
        self.touch(account, Asset::Token { contract: *contract, id: id.clone() });
        let Some(found) = self.state.contracts.get_mut(contract) else { return };
        match &mut found.code {
            Code::Fa2(fa2) => {
                fa2.ledger.insert((account, id.clone()), amount);
            }
            Code::Fa12(fa12) => {
                fa12.ledger.insert(account, amount);
            }
            _ => {}
        }
    }

    /// The type that a place takes, if it is there: what Michelson's `CONTRACT` looks at.
    ///
    /// # Errors
    /// When it does not take a value of the type.
    pub(crate) fn check_takes(&self, target: &Target, of: &Node) -> Result<(), Refusal> {
        let takes = match target.address.kind {
            Kind::Implicit(_) => {
                target.entrypoint.is_empty() && (*of == type_of("unit") || is_ticket(of))
            }
            Kind::Contract => {
                let contract = self.state.contract(&target.address.hash);
                let found = contract.and_then(|one| one.parameter.entrypoint(&target.entrypoint));
                found.is_some_and(|found| plain(found) == plain(of))
            }
            Kind::Rollup => {
                target.address.hash == self.state.rollup
                    && target.entrypoint.is_empty()
                    && self.state.rollup_type.as_ref().is_none_or(|found| plain(found) == plain(of))
            }
        };
        if takes {
            return Ok(());
        }
        let address = match target.entrypoint.as_str() {
            "" => target.address.to_string(),
            name => format!("{}%{name}", target.address),
        };
        Err(Refusal::NotTaken { address, what: shown(of) })
    }
}

/// Whether a type is that of tickets.
pub(crate) fn is_ticket(of: &Node) -> bool {
    matches!(of, Node::Prim { prim, .. } if prim.name() == "ticket")
}
