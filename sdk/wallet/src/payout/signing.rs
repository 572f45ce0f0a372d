//! Who has signed a plan. Each payer signs the transactions that pay from their own account, and no others.

use bls::SecretKey;
use encoding::Tz4Address;
use serde::{Deserialize, Serialize};

use super::error::PlanError;
use super::plan::{PayoutPlan, PlannedTransaction};
use crate::error::FileError;
use crate::signer::{SignerSignature, SignerSignatureJson};

/// The signatures of one payer, as a plan's file has them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignaturesJson {
    account: String,
    key: String,
    proof: String,
    /// One for each of the payer's transactions, in their order.
    signatures: Vec<String>,
}

impl PayoutPlan {
    /// Who has to sign and has not, in the order of the plan's payers.
    #[must_use]
    pub fn missing(&self) -> Vec<Tz4Address> {
        let has_signed = |account: &Tz4Address| {
            self.of(account).all(|one| one.signable.signature_of(account).is_some())
        };
        let accounts = self.facts.payers.iter().map(|payer| payer.account);
        accounts.filter(|account| !has_signed(account)).collect()
    }

    /// Signs the transactions of one payer. Signing them again changes nothing: a key has one signature of each.
    ///
    /// # Errors
    /// When the key is not that of a payer.
    pub fn sign(&mut self, secret: &SecretKey) -> Result<(), PlanError> {
        let account = secret.public_key().address();
        if self.of(&account).next().is_none() {
            return Err(FileError::NotASigner(account).into());
        }
        let own = self.transactions.iter_mut();
        for one in own.filter(|one| one.signable.signers().contains(&account)) {
            one.signable.sign(secret)?;
        }
        Ok(())
    }

    /// Takes in the signatures of another copy of the same plan.
    ///
    /// # Errors
    /// When it is another plan.
    pub fn join(&mut self, other: &PayoutPlan) -> Result<(), PlanError> {
        if other.digest != self.digest {
            return Err(PlanError::OtherPlan { found: other.digest, expected: self.digest });
        }
        for (mine, theirs) in self.transactions.iter_mut().zip(&other.transactions) {
            if mine.signable.signed().is_empty() {
                mine.signable.clone_from(&theirs.signable);
            }
        }
        Ok(())
    }

    /// The transactions that an account signs.
    fn of(&self, account: &Tz4Address) -> impl Iterator<Item = &PlannedTransaction> {
        self.transactions.iter().filter(|one| one.signable.signers().contains(account))
    }

    pub(super) fn signatures_json(&self) -> Vec<SignaturesJson> {
        let payers = self.facts.payers.iter().filter_map(|payer| {
            let signed =
                self.of(&payer.account).map(|one| one.signable.signature_of(&payer.account));
            let signed: Vec<&SignerSignature> = signed.collect::<Option<Vec<_>>>()?;
            let first = signed.first()?.to_json();
            let signatures = signed.iter().map(|one| one.to_json().signature).collect();
            let SignerSignatureJson { account, key, proof, .. } = first;
            Some(SignaturesJson { account, key, proof, signatures })
        });
        payers.collect()
    }

    /// Takes in the signatures of a payer from a file, if every one is good.
    pub(super) fn take_in(&mut self, json: &SignaturesJson) -> Result<(), PlanError> {
        let SignaturesJson { account, key, proof, signatures } = json;
        let payer = self.facts.payers.iter().find(|payer| payer.account.to_string() == *account);
        let payer = payer.ok_or_else(|| FileError::Signature {
            account: crate::error::one_line(account).chars().take(60).collect(),
            problem: "that account pays nothing in it".to_owned(),
        })?;
        let account = payer.account;
        let expected = self.of(&account).count();
        if signatures.len() != expected {
            return Err(PlanError::Signatures { account, found: signatures.len(), expected });
        }
        let own = self.transactions.iter_mut();
        let own = own.filter(|one| one.signable.signers().contains(&account));
        for (one, signature) in own.zip(signatures) {
            let (account, signature) = (account.to_string(), signature.clone());
            let json =
                SignerSignatureJson { account, key: key.clone(), proof: proof.clone(), signature };
            one.signable.add_signature(&json)?;
        }
        Ok(())
    }
}
