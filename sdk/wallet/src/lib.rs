//! A client of the rollup, over nothing but what every rollup node serves. It prints nothing and asks nothing.
//!
//! The path of a payment is the order of the modules:
//!
//! 1. [`session`]: a node held to one rollup, which must not change unnoticed ([`known_rollups`]). Below it,
//!    [`rpc`] is a node's RPC, as Octez has it.
//! 2. [`state`]: the rollup's state at one block. It is a host that can only be read, so that the
//!    kernel's own code finds accounts, balances and results in it; values are fetched as they are asked for.
//! 3. [`ticket`] and [`amount`]: which ticket a name means, and how much `12.5` of it is. [`pins`] are names
//!    that mean one ticket whatever others call theirs; [`recognition`] is what stands behind any other.
//! 4. [`pay`]: refuses what was sent before, and what would collide with what is on its way ([`in_flight`]);
//!    crafts transactions ([`packing`]) that expire ([`expiry`]).
//! 5. [`simulation`]: what they would do, by the kernel's own code, before anybody signs.
//! 6. [`transaction`]: a transaction that its signers sign one after the other, as a file between them.
//!    Half-signed, one of two operations is an offer. [`signature_collection`] is a batch that its signers
//!    sign as a whole.
//! 7. [`payments`]: what was signed is on the disk before it is sent, and is signed anew only when it can no
//!    longer be applied ([`transaction_status`]). [`sheet`] reads many payments from a file.
//!    [`payout`] plans many payments for somebody to sign where no network is.
//! 8. [`bundle`] and [`delivery`]: from there to messages, and to a node's batcher. Or to a [`batcher`] for many
//!    people: named by index where that means the same for ever ([`indexes`]), and signed once more as a batch.
//! 9. [`following`]: what became of it, by its hash ([`follow`], [`missing_result`]), and how far layer 1 has
//!    settled that, as long as there is [`patience`].
//!
//! A deposit that the rollup holds is asked for by whoever made it ([`held`]).
//!
//! What leaves the rollup goes the same way: [`withdrawals`] are logged before they are sent
//! ([`withdrawal_log`]) and tracked until layer 1 has executed them ([`tracker`]); [`contract`] has what
//! layer 1's contracts take, and [`block_times`] when a level will be there.
//!
//! What comes to the rollup is an operation on layer 1: `layer1` knows accounts, contracts and views there, and
//! makes the operation of a deposit. [`solvency`] adds up what is locked there and what the rollup owes.
//!
//! Whoever asks a node trusts it for balances and counters. What is signed says everything itself: the
//! rollup, the accounts by address, the ticket in full; an index is only signed once a final level has it. See
//! [`signer`] for what a signature in a file brings with it. `examples/pay.rs` is the whole way in a page, and
//! `examples/cosign.rs` that through a batcher.
//!
//! ```
//! use bls::SecretKey;
//! use encoding::{Amount, Counter, Kt1Address, RollupAddress, Ticket, TicketContent};
//! use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
//! use wallet::bundle::bundle;
//! use wallet::transaction::Signable;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rollup = RollupAddress([7; 20]);
//! let (alice, bob) = (SecretKey::derive(&[1; 32])?, SecretKey::derive(&[2; 32])?);
//! let address = |key: &SecretKey| key.public_key().address();
//! let gives = |from, content: &str, amount, to| Operation {
//!     signer: Name::Address(from),
//!     counter: Counter::FIRST,
//!     memo: None,
//!     actions: vec![Action::Transfers {
//!         ticket: TicketName::Full(Ticket {
//!             ticketer: Kt1Address([9; 20]),
//!             content: TicketContent::String(content.into()),
//!         }),
//!         to: vec![(Name::Address(to), Amount::new(amount))],
//!     }],
//! };
//! let (a, b) = (address(&alice), address(&bob));
//! let swap = vec![gives(a, "gold", 3, b), gives(b, "silver", 40, a)];
//!
//! // Alice signs an offer, and gives Bob the file. He reads what is in it and signs as well.
//! let mut offer = Signable::new(rollup, Transaction { expires: None, operations: swap })?;
//! offer.sign(&alice)?;
//! let mut deal = Signable::from_json(offer.to_json().as_bytes())?;
//! assert_eq!(deal.missing(), [b]);
//! deal.sign(&bob)?;
//! let messages = bundle(&rollup, &[deal], &[])?;
//! assert_eq!(messages.len(), 1);
//! # Ok(())
//! # }
//! ```

pub mod amount;
pub mod batcher;
pub mod block_times;
pub mod bundle;
pub mod contract;
pub mod cosigned;
mod cosigned_search;
pub mod delivery;
pub mod error;
pub mod expiry;
pub mod follow;
pub mod following;
pub mod held;
pub mod in_flight;
pub mod inboxes;
pub mod indexes;
pub mod json_file;
pub mod known_rollups;
pub mod layer1;
pub mod limits;
pub mod missing_result;
pub mod outbox;
pub mod packing;
pub mod patience;
pub mod pay;
pub mod payments;
pub mod payout;
pub mod pins;
pub mod queue;
pub mod receipt_parts;
pub mod recognition;
pub mod registration;
pub mod rpc;
pub mod session;
mod settled_state;
pub mod sheet;
pub mod signature_collection;
pub mod signer;
pub mod simulation;
pub mod solvency;
pub mod state;
pub mod ticket;
pub mod tracker;
pub mod transaction;
pub mod transaction_status;
pub mod withdrawal;
pub mod withdrawal_log;
pub mod withdrawals;
