//! Payments from the first look to the last result, so that none is lost and none is made twice by mistake.
//!
//! 1. [`Session::draft`](crate::session::Session::draft) refuses what was sent before, and what would carry
//!    the counter of something that is still on its way; then it crafts transactions that expire.
//! 2. [`Session::sign`](crate::session::Session::sign) signs them, looks again whether somebody else has sent
//!    the same meanwhile, and has all of it on the disk when it returns.
//! 3. [`Session::messages`](crate::session::Session::messages) and
//!    [`Session::deliver`](crate::session::Session::deliver) send it.
//! 4. [`Session::follow_payments`](crate::session::Session::follow_payments) waits, and remembers what is
//!    known for good.
//!
//! After a crash, or when the time for waiting is over, [`Session::unfinished`] finds the record,
//! [`Session::next_step`] says what is to be done, and [`Session::sign_anew`] signs what was not paid once
//! nothing that was signed for it can be applied any more.
//!
//! [`Session::unfinished`]: crate::session::Session::unfinished
//! [`Session::next_step`]: crate::session::Session::next_step
//! [`Session::sign_anew`]: crate::session::Session::sign_anew

mod doubt;
mod draft;
mod error;
mod history;
mod resume;
mod rows;
mod send;
mod sign;

pub use draft::{DraftPayments, PaymentRequest};
pub use error::{PayError, SentBefore};
pub use history::SameAs;
pub use rows::as_row;
pub use send::FollowedPayments;
