//! A call as the code of a contract sees it, and what all codes do alike.

use layer1::address::{Address, Kind};
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::call::Call;
use crate::micheline::Target;
use crate::refusal::Refusal;
use crate::ticket::Ticket;
use crate::work::Work;

/// A call of a contract that takes it, with all that came with it already there.
pub(crate) struct Called<'a> {
    pub call: &'a Call,
    /// The entrypoint with a name that the call ends at.
    pub entrypoint: &'a str,
    /// What that is called with, in normal form.
    pub value: &'a Node,
}

impl Called<'_> {
    /// The contract itself.
    pub(crate) fn me(&self) -> Address {
        self.call.destination
    }

    /// The failure of its code.
    pub(crate) fn fail(&self, with: &'static str, words: &'static str) -> Refusal {
        Refusal::Code { contract: self.call.destination, with, words }
    }

    /// That no tez come with the call.
    pub(crate) fn no_tez(&self) -> Result<(), Refusal> {
        match self.call.amount {
            0 => Ok(()),
            _ => Err(self.fail("TEZ_NOT_TAKEN", "it takes no tez here")),
        }
    }

    /// What fits a type has all its parts: this is the failure of one that has not.
    pub(crate) fn unfit(&self) -> Refusal {
        self.fail("UNFIT", "the call has another shape than its type")
    }

    /// A call that the contract makes.
    pub(crate) fn emit(&self, to: &Target, value: Node, value_type: Node, amount: u64) -> Call {
        Call {
            source: self.call.source,
            sender: self.me(),
            destination: to.address,
            amount,
            entrypoint: to.entrypoint.clone(),
            value,
            value_type: Some(value_type),
        }
    }

    /// Checks a ticket that is to be burnt, and burns it.
    pub(crate) fn burn(
        &self,
        work: &mut Work,
        ticket: &Ticket,
        content: &Node,
        amount: &BigUint,
    ) -> Result<(), Refusal> {
        if *ticket.ticketer() != self.me().hash {
            let words = "the ticket is of another ticketer";
            return Err(self.fail("TICKET_OF_ANOTHER_TICKETER", words));
        }
        if ticket.content() != content {
            return Err(self.fail("TICKET_OF_ANOTHER_CONTENT", "the ticket says something else"));
        }
        work.burn(ticket, self.me(), amount)
    }
}

/// An entrypoint of a contract.
pub(crate) fn entrypoint(contract: [u8; 20], name: &str) -> Target {
    let address = Address { kind: Kind::Contract, hash: contract };
    Target { address, entrypoint: name.to_owned() }
}
