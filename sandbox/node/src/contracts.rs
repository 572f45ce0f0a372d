//! What is known of layer 1's contracts: what each can be called with. Kept beside the rollup's file.
//!
//! Contracts have no code here. Of one that is known, a call that does not fit is refused, as layer 1 refuses
//! it; one that fits succeeds. Of any other nothing is known, and its calls succeed.

use std::collections::BTreeMap;
use std::path::Path;

use layer1::address::{Address, Kind};
use layer1::entrypoints::{DEFAULT, Parameter};
use layer1::fits::{Mismatch, fits};
use layer1::michelson;
use layer1::outbox::Call;
use layer1::types::{same, shown};

use crate::error::NodeError;
use crate::record_log::RecordLog;

/// What it is, for errors.
const WHAT: &str = "the record of contracts";
/// The first line of the file.
const HEADER: &str = "toru sandbox, contracts of layer 1: level, hash, parameter";

/// The hash in a contract's address.
pub type ContractHash = [u8; 20];

/// What was told of a contract.
#[derive(Clone, Debug)]
struct KnownContract {
    /// The head when it was told.
    level: i32,
    contract: ContractHash,
    parameter: Parameter,
}

/// The contracts that are known.
#[derive(Debug)]
pub struct Contracts {
    /// Those that are there from the beginning.
    given: BTreeMap<ContractHash, Parameter>,
    /// Those that were told of, in order: what was told last counts.
    told: Vec<KnownContract>,
    lines: RecordLog,
}

impl Contracts {
    /// None but those given, and what is told is forgotten when the process ends.
    #[must_use]
    pub fn in_memory(given: BTreeMap<ContractHash, Parameter>) -> Self {
        Self { given, told: Vec::new(), lines: RecordLog::nowhere(WHAT, HEADER) }
    }

    /// Starts a record anew for a rollup that is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(
        path: &Path,
        given: BTreeMap<ContractHash, Parameter>,
    ) -> Result<Self, NodeError> {
        let lines = RecordLog::create(path, WHAT, HEADER, "")?;
        Ok(Self { given, told: Vec::new(), lines })
    }

    /// Continues a record, or starts a new one. Contracts that were added after `last`, the rollup's
    /// present level, are dropped.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not such a record.
    pub fn open(
        path: &Path,
        last: i32,
        given: BTreeMap<ContractHash, Parameter>,
    ) -> Result<Self, NodeError> {
        let lines = RecordLog::read(path, WHAT, HEADER)?;
        let read = |line: &String| entry(line).ok_or_else(|| NodeError::invalid_line(WHAT, line));
        let mut told = lines.iter().map(read).collect::<Result<Vec<KnownContract>, NodeError>>()?;
        told.retain(|one| one.level <= last);
        let lines = RecordLog::create(path, WHAT, HEADER, &text(&told))?;
        Ok(Self { given, told, lines })
    }

    /// What a contract can be called with, if that is known.
    #[must_use]
    pub fn parameter(&self, contract: &ContractHash) -> Option<&Parameter> {
        let told = self.told.iter().rev().find(|one| one.contract == *contract);
        told.map(|one| &one.parameter).or_else(|| self.given.get(contract))
    }

    /// Records what a contract can be called with.
    pub(crate) fn record(
        &mut self,
        level: i32,
        contract: ContractHash,
        parameter: Parameter,
    ) -> Result<(), NodeError> {
        let told = KnownContract { level, contract, parameter };
        self.lines.append(&line(&told))?;
        self.told.push(told);
        Ok(())
    }

    /// Forgets what was told after a level.
    pub(crate) fn revert(&mut self, level: i32) -> Result<(), NodeError> {
        self.told.retain(|one| one.level <= level);
        self.lines.replace(&text(&self.told))
    }

    /// Whether layer 1 would take a call, and whether that is known.
    ///
    /// # Errors
    /// When it would not, in words with both types.
    pub(crate) fn takes(&self, call: &Call) -> Result<bool, String> {
        if call.destination.kind != Kind::Contract {
            return Ok(false);
        }
        let Some(parameter) = self.parameter(&call.destination.hash) else { return Ok(false) };
        let Some(expected) = parameter.entrypoint(&call.entrypoint) else {
            let names: Vec<&str> = parameter.list().iter().map(|(name, _)| *name).collect();
            let there = if names.is_empty() { DEFAULT.to_owned() } else { names.join(", ") };
            return Err(format!("the contract has no such entrypoint, but {there}"));
        };
        let told = call.parameters_type.as_ref();
        if let Some(other) = told.filter(|told| !same(told, expected)) {
            let mismatch = Mismatch { takes: shown(expected), has: shown(other) };
            return Err(mismatch.to_string());
        }
        fits(&call.parameters, expected).map(|()| true).map_err(|mismatch| mismatch.to_string())
    }
}

/// A call's contract and entrypoint, as people write them.
pub(crate) fn target(call: &Call) -> String {
    match call.entrypoint.as_str() {
        "" | DEFAULT => call.destination.to_string(),
        name => format!("{}%{name}", call.destination),
    }
}

/// The hash in the address of a contract.
///
/// # Errors
/// When the text is not the address of a contract.
pub(crate) fn read_contract(what: &'static str, text: &str) -> Result<ContractHash, NodeError> {
    match text.parse() {
        Ok(Address { kind: Kind::Contract, hash }) => Ok(hash),
        _ => Err(NodeError::malformed(what, text, "the address KT1… of a contract")),
    }
}

/// A contract's address.
pub(crate) fn address(contract: &ContractHash) -> Address {
    Address { kind: Kind::Contract, hash: *contract }
}

fn line(told: &KnownContract) -> String {
    let section = told.parameter.to_section().map(|section| michelson::encode(&section));
    let section = hex::encode(section.unwrap_or_default());
    format!("{} {} {section}\n", told.level, hex::encode(told.contract))
}

fn text(told: &[KnownContract]) -> String {
    told.iter().map(line).collect()
}

fn entry(line: &str) -> Option<KnownContract> {
    let mut words = line.split(' ');
    let level = words.next()?.parse().ok()?;
    let contract = hex::decode(words.next()?).ok()?.try_into().ok()?;
    let section = michelson::decode(&hex::decode(words.next()?).ok()?).ok()?;
    let parameter = Parameter::of_section(section).ok()?;
    words.next().is_none().then_some(KnownContract { level, contract, parameter })
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::parse;

    fn parameter(script: &str) -> Parameter {
        Parameter::of_script(script).unwrap()
    }

    fn call(entrypoint: &str, parameters: &str) -> Call {
        Call {
            destination: address(&[7; 20]),
            entrypoint: entrypoint.to_owned(),
            parameters: parse(parameters).unwrap(),
            parameters_type: None,
        }
    }

    #[test]
    fn what_is_told_is_known_after_the_end_and_not_after_going_back() {
        let path = std::env::temp_dir().join(format!("node-contracts-{}", std::process::id()));
        let given = || BTreeMap::from([([7; 20], parameter("parameter nat"))]);
        let mut contracts = Contracts::create(&path, given()).unwrap();
        let told = parameter("parameter %root (or (unit %default) (nat %add))");
        contracts.record(5, [7; 20], told.clone()).unwrap();
        contracts.record(9, [8; 20], parameter("parameter string")).unwrap();
        drop(contracts);
        let mut contracts = Contracts::open(&path, 9, given()).unwrap();
        assert_eq!(contracts.parameter(&[7; 20]), Some(&told));
        assert!(contracts.parameter(&[8; 20]).is_some() && contracts.parameter(&[9; 20]).is_none());
        contracts.revert(5).unwrap();
        assert_eq!(contracts.parameter(&[8; 20]), None);
        drop(contracts);
        let contracts = Contracts::open(&path, 4, given()).unwrap();
        assert_eq!(contracts.parameter(&[7; 20]), Some(&parameter("parameter nat")));
        std::fs::write(&path, format!("{HEADER}\n1 2\n")).unwrap();
        assert!(matches!(Contracts::open(&path, 9, given()), Err(NodeError::Record { .. })));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn calls_are_held_against_what_is_known() {
        let script = "parameter (or (nat %add) (string %say))";
        let contracts = Contracts::in_memory(BTreeMap::from([([7; 20], parameter(script))]));
        assert_eq!(contracts.takes(&call("add", "1")), Ok(true));
        assert_eq!(contracts.takes(&call("", "Left 1")), Ok(true));
        assert_eq!(
            contracts.takes(&call("add", "\"1\"")).unwrap_err(),
            "the entrypoint takes nat, and the call has string"
        );
        let missing = contracts.takes(&call("burn", "1")).unwrap_err();
        assert_eq!(missing, "the contract has no such entrypoint, but add, say");
        let mut typed = call("add", "1");
        typed.parameters_type = Some(parse("int").unwrap());
        assert_eq!(
            contracts.takes(&typed).unwrap_err(),
            "the entrypoint takes nat, and the call has int"
        );
        let mut unknown = call("add", "Unit");
        unknown.destination = address(&[8; 20]);
        assert_eq!(contracts.takes(&unknown), Ok(false));
    }
}
