//! How far the verification of a batch got.

use encoding::VerificationGas;

use crate::results::Outcome;

/// How far a verification got.
#[derive(Debug)]
pub enum Progress<T> {
    /// The signature is good.
    Done(T),
    /// It is not, or something else is wrong; finding out has cost so much gas.
    Refused(Outcome, VerificationGas),
    /// There is more to do in another run; how far it got is stored.
    Unfinished,
}
