//! The accounts that every sandbox begins with. Their keys are known to everybody.

use encoding::{Amount, Kt1Address, Ticket, TicketContent, Tz4Address, blake2b_256};
use inbox::deposit;
use keys::{Secret, secret_text};

/// How many there are.
pub const ACCOUNTS: u32 = 10;
/// How much of the demo ticket each is given in the first level.
pub const FUNDS: u64 = 1_000_000;

/// An account of the sandbox.
pub struct Account {
    /// Its secret key as `BLsk…`.
    pub text: String,
    /// Its address.
    pub address: Tz4Address,
}

impl Account {
    /// The account of a number from 0. Its scalar is the blake2b-256 of `toru dev account N`, read
    /// as a little-endian number, without the two highest bits: so it is below the group's order.
    pub fn new(number: u32) -> Option<Self> {
        let mut scalar = blake2b_256(&[format!("toru dev account {number}").as_bytes()]).0;
        scalar[31] &= 0x3f;
        let secret = Secret::from_little_endian(&scalar).ok()?;
        Some(Self { text: secret_text(&secret).to_string(), address: secret.address() })
    }

    /// All accounts that a sandbox begins with.
    pub fn all() -> Vec<Self> {
        (0..ACCOUNTS).filter_map(Self::new).collect()
    }
}

/// The ticket that the accounts are given, of a ticketer that gives nothing for it.
pub fn demo_ticket() -> Ticket {
    Ticket { ticketer: Kt1Address([0xde; 20]), content: TicketContent::String(b"demo".to_vec()) }
}

/// What the ticketer sends for a deposit of the demo ticket.
pub fn deposit_payload(receiver: &str, amount: u64) -> Vec<u8> {
    deposit::encode(receiver, &demo_ticket(), &Amount::new(amount).get().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::read_secret;

    #[test]
    fn keys_are_written_as_octez_writes_them_and_are_what_they_say() {
        let all = Account::all();
        assert_eq!(all.len(), 10);
        for account in &all {
            assert!(account.text.starts_with("BLsk") && account.text.len() == 54);
            assert_eq!(read_secret(&account.text).unwrap().address(), account.address);
        }
        let mut addresses: Vec<_> = all.iter().map(|account| account.address).collect();
        addresses.dedup();
        assert_eq!(addresses.len(), 10);
    }
}
