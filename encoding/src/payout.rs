//! What goes back to layer 1: a contract is handed an amount of a ticket.

use std::fmt;

use crate::limits::ENTRYPOINT_BYTES;
use crate::{Amount, Kt1Address, Ticket};

/// The name of an entrypoint: at most 31 letters, digits or `_ . % @`. None at all is `default`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entrypoint(Vec<u8>);

impl Entrypoint {
    /// The entrypoint of this name, if it is one that a contract can have.
    pub fn new(name: &[u8]) -> Option<Self> {
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"_.%@".contains(b);
        let valid = name.len() <= ENTRYPOINT_BYTES && name.iter().all(allowed);
        valid.then(|| Entrypoint(name.to_vec()))
    }

    /// The name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Entrypoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{self}")
    }
}

impl fmt::Display for Entrypoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "default" } else { "" })?;
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// One call that layer 1 is to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// The contract.
    pub destination: Kt1Address,
    /// Its entrypoint.
    pub entrypoint: Entrypoint,
    /// The ticket.
    pub ticket: Ticket,
    /// How much of it.
    pub amount: Amount,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entrypoints_are_names_that_a_contract_can_have() {
        assert!(Entrypoint::new(b"").is_some());
        assert!(Entrypoint::new(&[b'a'; 31]).is_some());
        assert!(Entrypoint::new(&[b'a'; 32]).is_none());
        assert!(Entrypoint::new(b"a b").is_none());
        assert!(Entrypoint::new(&[0xff]).is_none());
    }
}
