//! Signatures of batches: those that are taken at once, and those that are verified before anybody hears of them.

use std::net::IpAddr;

use batcher_api::{CoSignatureAnswer, CoSigned, Code};
use encoding::Hash32;

use super::command::{CoSigning, ReadSignature};
use super::{Engine, Reply};
use crate::error::Refused;
use crate::mempool::CoSigned as Taken;
use crate::rounds::Given;
use crate::rounds::proof::Proven;

impl Engine {
    pub(super) fn sign(
        &mut self,
        id: &Hash32,
        signatures: Vec<ReadSignature>,
        from: IpAddr,
        reply: Reply<CoSignatureAnswer>,
    ) {
        let now = self.parts.clock.now();
        let known = self.mempool.as_mut().filter(|mempool| mempool.batch_of(id).is_some());
        let Some(mempool) = known else {
            let _ = reply.send(Err(self.not_open(id)));
            return;
        };
        let (mut results, mut open, mut alone) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (account, read)) in signatures.into_iter().enumerate() {
            let taken = read.and_then(|(signer, signature)| {
                let given = Given { signature, from };
                let taken = mempool.co_sign(id, signer, given, now)?;
                if taken == Taken::Alone {
                    open.push((place, signer, signature));
                    alone.push((signer, given));
                }
                Ok(())
            });
            results.push(CoSigned { account, error: taken.err() });
        }
        let signing = CoSigning { results, open, reply };
        if alone.is_empty() {
            return signing.answer();
        }
        let asker = self.next_asker;
        self.next_asker += 1;
        mempool.alone(id, &alone, asker);
        self.askers.insert(asker, signing);
    }

    fn not_open(&self, id: &Hash32) -> Refused {
        match self.parts.journal.batch(id) {
            Ok(Some(_)) if self.mempool.is_some() => {
                let message = "the batch takes no more signatures: each transaction's own is used";
                Refused::new(Code::OfferClosed, message)
            }
            _ => Refused::new(Code::UnknownBatch, format!("no batch {id} is open")),
        }
    }

    /// Signatures were verified: whoever waits for that is told.
    pub(super) fn proven(&mut self, proven: Proven) {
        let now = self.parts.clock.now();
        let told = self.mempool.as_mut().and_then(|mempool| mempool.proven(proven, now));
        let Some((asker, told)) = told else { return };
        if let Some(mut signing) = self.askers.remove(&asker) {
            signing.fill(&told);
            signing.answer();
        }
    }
}
