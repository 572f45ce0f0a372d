//! What a client of the rollup needs: building v2 batches, signing them both ways, putting the
//! signatures together. It has no host and does no IO.
//!
//! ```
//! use bls::SecretKey;
//! use client::{Assembly, Builder, sign, sign_individually};
//! use encoding::{AccountIndex, Amount, Counter, RollupAddress, TicketIndex};
//! use inbox::v2::{Name, Transfer, TicketName};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rollup = RollupAddress([7; 20]);
//! let (alice, bob) = (SecretKey::derive(&[1; 32])?, SecretKey::derive(&[2; 32])?);
//! let pay = |signer, to, amount| Transfer {
//!     signer: AccountIndex(signer),
//!     counter: Counter::FIRST,
//!     to: Name::Index(AccountIndex(to)),
//!     amount: Amount::new(amount),
//! };
//! let gold = TicketName::Index(TicketIndex(0));
//! let batch = Builder::new().transfer(&gold, None, pay(1, 0, 20)).transfer(&gold, None, pay(0, 5, 3)).build();
//!
//! // Rows are sorted by signer. Alice, who is account 0, looks at the batch and signs it; Bob, who
//! // is account 1, is not there, but has signed his own transaction before.
//! let mut assembly = Assembly::new(batch, rollup);
//! assembly.batch_signature(0, sign(&alice, &assembly.signing_payload()));
//! let own = pay(1, 0, 20).to_transaction(&gold, None);
//! assembly.individual_signature(1, sign_individually(&bob, &own, &rollup));
//! let message = assembly.message()?;
//! assert!(message.len() < 150);
//! # Ok(())
//! # }
//! ```

#![warn(clippy::missing_errors_doc)]

mod assembly;
mod builder;
mod row;

pub use assembly::{Assembly, Missing};
pub use builder::Builder;
pub use row::Row;

use bls::{SecretKey, Signature, Suite};
use encoding::RollupAddress;
use encoding::limits::INBOX_MESSAGE_BYTES;
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Registration, Transaction};

/// Signs the signing_payload of a batch. Look at [`inbox::v2::Batch::for_signer`] first.
pub fn sign(key: &SecretKey, signing_payload: &SigningPayload) -> Signature {
    key.sign(Suite::Pop, &signing_payload.to_sign())
}

/// Signs a transaction for itself: whoever has it can put it into a batch, once.
pub fn sign_individually(key: &SecretKey, own: &Transaction, rollup: &RollupAddress) -> Signature {
    sign(key, &own.signing_payload(rollup))
}

/// The message with zeros at its end, up to the most that the inbox takes. Nothing that is signed takes
/// them in. Where a level is asked for more verification than it can do, the rollup prefers messages that pay
/// more bytes for what they ask for: `docs/protocol.md`, "Work is bought".
pub fn padded(mut message: Vec<u8>) -> Vec<u8> {
    message.resize(message.len().max(INBOX_MESSAGE_BYTES), 0);
    message
}

/// The registration of a key: it costs nothing but its place in a batch, and is valid on any rollup.
pub fn registration(key: &SecretKey) -> Registration {
    Registration {
        key: key.public_key().to_compressed(),
        proof: key.prove_possession().to_compressed(),
    }
}
