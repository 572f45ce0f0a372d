//! To whom a held deposit may be paid back, and in which form.

use encoding::{Kt1Address, Layer1Address, Source, Tz4Address, blake2b_256};

/// Who made a deposit: the contract that called, and who signed the operation that led to the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depositor {
    /// The contract.
    pub sender: Kt1Address,
    /// The signer.
    pub source: Source,
}

/// Who asks for a held deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimant {
    /// A contract, in a call that this source signed.
    Call(Depositor),
    /// A tz4, by its signature of the request.
    Signer(Tz4Address),
}

/// Whom the exit of a ticketer pays for a deposit that could not be credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundTo {
    /// Who signed the operation that led to the deposit: a helper contract acts for its caller.
    Source,
    /// The contract that sent the deposit: a pool's money is not its caller's.
    Sender,
}

impl Depositor {
    /// Whom a refund pays.
    pub fn receiver(&self, refund_to: RefundTo) -> Layer1Address {
        match refund_to {
            RefundTo::Source => Layer1Address::Implicit(self.source),
            RefundTo::Sender => Layer1Address::Contract(self.sender),
        }
    }

    /// The identity of the pair: what is paid back to it waits in the queue of that owner.
    pub fn id(&self) -> [u8; 20] {
        let Depositor { sender, source } = self;
        let hash = blake2b_256(&[b"toru depositor", &sender.0, &[source.curve], &source.hash]).0;
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Whether `claimant` is this depositor.
    ///
    /// A call must come from the same contract and the same source. The source alone is no proof:
    /// any contract that somebody calls carries it. A signature by the source is.
    pub fn is(&self, claimant: &Claimant) -> bool {
        match claimant {
            Claimant::Call(caller) => caller == self,
            Claimant::Signer(signer) => self.source.tz4() == Some(*signer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TZ4: Source = Source { curve: 3, hash: [7; 20] };

    #[test]
    fn only_the_same_pair_or_the_signer_is_the_depositor() {
        let depositor = Depositor { sender: Kt1Address([1; 20]), source: TZ4 };
        assert!(depositor.is(&Claimant::Call(depositor)));
        let other_sender = Depositor { sender: Kt1Address([2; 20]), ..depositor };
        assert!(!depositor.is(&Claimant::Call(other_sender)));
        let other_source = Depositor { source: Source { curve: 0, ..TZ4 }, ..depositor };
        assert!(!depositor.is(&Claimant::Call(other_source)));
        assert!(depositor.is(&Claimant::Signer(Tz4Address([7; 20]))));
        assert!(!depositor.is(&Claimant::Signer(Tz4Address([8; 20]))));
        // The same 20 bytes of another curve are somebody else.
        assert!(!other_source.is(&Claimant::Signer(Tz4Address([7; 20]))));
    }
}
