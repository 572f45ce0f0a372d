//! The configuration that an installer writes: setup files, and options for our own kernel.

use std::path::PathBuf;

use clap::Args;
use encoding::limits::LEVELS_PER_WINDOW;
use encoding::{Entrypoint, Kt1Address};
use tx_kernel::layout::{ADMINISTRATOR, RECEIPTS_EVERY, UPGRADE_DELAY, exit_path};

use crate::error::Failure;
use crate::run::read_setup;
use crate::setup::{self, Instruction, Set};
use crate::view;
use layer1::address::{Address, Role};

/// What the rollup begins with, beside its kernel.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfigArgs {
    /// What to write to durable storage, in YAML or JSON, as the SDK's installer has it; may be given
    /// several times
    ///
    ///   instructions:
    ///   - set: {value: hex, to: /path}
    ///   - move: {from: /path, to: /path}
    ///   - reveal: hash in hex
    ///     to: /path
    #[arg(
        long,
        value_name = "FILE.yaml",
        alias = "setup-file",
        visible_alias = "installer-config",
        verbatim_doc_comment
    )]
    pub setup: Vec<PathBuf>,

    /// Let our kernel accept batches in wire format v1
    #[arg(long)]
    pub accept_v1: bool,

    /// Where a ticketer pays out; may be given several times. Deposits of its tickets that our kernel cannot credit
    /// go back through it to the account that signed them
    #[arg(long = "exit", value_name = "KT1…%ENTRYPOINT")]
    pub exits: Vec<String>,

    /// The contract that may order upgrades of our kernel; without one nobody may, ever
    #[arg(long, value_name = "KT1…")]
    pub administrator: Option<String>,

    /// Levels between the last page of a new kernel and its installation; without it, 100,800
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u32).range(..=LEVEL_MAX))]
    pub upgrade_delay: Option<u32>,

    /// Write a root over the results of so many levels into the outbox, so that toru receipt can show a payment to
    /// somebody who trusts layer 1 alone; without it, none is written
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u32).range(1..=WINDOW_MAX))]
    pub receipts_every: Option<u32>,
}

/// The most levels that one root is over.
pub const WINDOW_MAX: i64 = LEVELS_PER_WINDOW as i64;

/// Levels are `i32` on layer 1: the kernel takes a larger delay for none.
const LEVEL_MAX: i64 = 0x7fff_ffff;

impl ConfigArgs {
    /// What the installer is to do, that of the files first.
    pub fn instructions(&self) -> Result<Vec<Instruction>, Failure> {
        let mut all = Vec::new();
        for file in &self.setup {
            all.extend(read_setup(file, setup::instructions)?);
        }
        all.extend(self.sets()?.into_iter().map(Instruction::Set));
        Ok(all)
    }

    /// What options stand for.
    fn sets(&self) -> Result<Vec<Set>, Failure> {
        let mut sets = Vec::new();
        if self.accept_v1 {
            sets.extend(view::accept_v1());
        }
        for text in &self.exits {
            let (ticketer, entrypoint) = exit(text)?;
            let set = Set { path: exit_path(&ticketer), value: entrypoint.as_bytes().to_vec() };
            if sets.iter().any(|other: &Set| other.path == set.path) {
                let expected = "one exit for each ticketer";
                return Err(Failure::usage(
                    format!("--exit {text}: {ticketer} has one already"),
                    expected,
                ));
            }
            sets.push(set);
        }
        if let Some(text) = &self.administrator {
            let contract = Address::parse_as(Role::Contract, text)
                .map_err(|problem| Failure::option("--administrator", text, &problem))?;
            sets.push(Set { path: ADMINISTRATOR.to_owned(), value: contract.hash.to_vec() });
        }
        if let Some(levels) = self.upgrade_delay {
            let value = levels.to_be_bytes().to_vec();
            sets.push(Set { path: UPGRADE_DELAY.to_owned(), value });
        }
        if let Some(levels) = self.receipts_every {
            let value = levels.to_be_bytes().to_vec();
            sets.push(Set { path: RECEIPTS_EVERY.to_owned(), value });
        }
        Ok(sets)
    }
}

/// The ticketer and the entrypoint of an exit.
fn exit(text: &str) -> Result<(Kt1Address, Entrypoint), Failure> {
    let (contract, name) = text.split_once('%').unwrap_or((text, ""));
    let contract = Address::parse_as(Role::Contract, contract)
        .map_err(|problem| Failure::option("--exit", text, &problem))?;
    match Entrypoint::new(name.as_bytes()) {
        Some(entrypoint) if !name.is_empty() => Ok((Kt1Address(contract.hash), entrypoint)),
        _ => Err(Failure::option("--exit", text, &"names no entrypoint (expected KT1…%burn)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::limits::UPGRADE_DELAY_LEVELS;
    use explain::text::grouped;

    #[test]
    fn the_help_names_the_delay_that_the_kernel_takes_without_one() {
        let help = ConfigArgs::augment_args(clap::Command::new("x")).render_help().to_string();
        let delay = format!("without it, {}", grouped(&UPGRADE_DELAY_LEVELS.to_string()));
        assert!(help.contains(&delay), "{help}");
    }
}
