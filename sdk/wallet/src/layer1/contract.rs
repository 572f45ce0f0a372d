//! Contracts of layer 1: script, storage, views.

use encoding::Kt1Address;
use layer1::json::{from_micheline, micheline};
use layer1::michelson::Node as Micheline;
use layer1::script::Script;
use serde_json::{Value, json};

use super::Layer1Block;
use super::error::{Layer1Error, malformed};
use crate::error::RpcError;

/// A contract's script and storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The script.
    pub script: Script,
    /// What is stored.
    pub storage: Micheline,
}

/// What is run to learn something of a contract.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// A view of its script.
    View,
    /// An entrypoint that hands its answer to a contract, as FA1.2 and FA2 have them.
    Entrypoint,
}

impl Layer1Block<'_> {
    /// A contract; `None` if layer 1 has none of this address, or it is not a script's.
    ///
    /// # Errors
    /// When there is no answer, or it is malformed.
    pub fn contract(&self, contract: &Kt1Address) -> Result<Option<Contract>, Layer1Error> {
        let path = self.path(&format!("context/contracts/{contract}/script"));
        let told: Value = match self.node.get(&path) {
            Err(RpcError::Refused { status: 404, .. }) => return Ok(None),
            told => told?,
        };
        let script = Script::of_json(&told["code"]);
        let storage = from_micheline(&told["storage"]);
        Ok(Some(Contract {
            script: script.ok_or_else(|| malformed(&path, "\"code\" is no script"))?,
            storage: storage.ok_or_else(|| malformed(&path, "\"storage\" is no Micheline"))?,
        }))
    }

    /// What a view returns.
    ///
    /// # Errors
    /// When there is no answer or it is malformed, there is no such view, or it fails.
    pub fn view(
        &self,
        contract: &Kt1Address,
        name: &str,
        input: &Micheline,
    ) -> Result<Micheline, Layer1Error> {
        self.run(Run::View, contract, name, input)
    }

    /// What an entrypoint would hand to the contract that asks, if it is one that answers.
    ///
    /// # Errors
    /// When there is no answer or it is malformed, there is no such entrypoint, or it fails.
    pub fn ask(
        &self,
        contract: &Kt1Address,
        entrypoint: &str,
        input: &Micheline,
    ) -> Result<Micheline, Layer1Error> {
        self.run(Run::Entrypoint, contract, entrypoint, input)
    }

    fn run(
        &self,
        run: Run,
        contract: &Kt1Address,
        name: &str,
        input: &Micheline,
    ) -> Result<Micheline, Layer1Error> {
        let (end, field) = match run {
            Run::View => ("run_script_view", "view"),
            Run::Entrypoint => ("run_view", "entrypoint"),
        };
        let path = self.path(&format!("helpers/scripts/{end}"));
        let mut body = json!({
            "contract": contract.to_string(),
            "input": micheline(input),
            "chain_id": self.header().chain_id,
            "unparsing_mode": "Readable",
        });
        body[field] = json!(name);
        let told: Value = self.node.post(&path, &body)?;
        from_micheline(&told["data"]).ok_or_else(|| malformed(&path, "\"data\" is no Micheline"))
    }
}
