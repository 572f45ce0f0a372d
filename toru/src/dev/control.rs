//! What the control panel of a sandbox runs: the command line, in this process and against this sandbox alone.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use explorer::{Call, Commands, Ran};
use files::TempDir;
use node::limits::MAX_LEVELS_PER_REQUEST;
use serde_json::{Value, json};

use super::accounts::ACCOUNTS;
use super::call::{call, request};
use super::genesis::bootstrap;
use super::target::Target;
use crate::cli::{self, Command, NoCommand};
use crate::dev::args::DevCommand;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ui::{Output, Ui};
use crate::wallet::{send, withdraw};

/// Runs commands against a sandbox. What they record is in a folder that goes with the process, apart from the
/// records of whoever has started it.
#[derive(Debug)]
pub(super) struct SandboxCommands {
    endpoint: String,
    rollup: String,
    /// It is made when something is recorded first.
    folder: Mutex<Option<TempDir>>,
}

impl SandboxCommands {
    /// Of the sandbox that is going to be served at an address.
    pub(super) fn new(address: SocketAddr, rollup: String) -> Self {
        Self { endpoint: address.to_string(), rollup, folder: Mutex::default() }
    }

    /// Where records are.
    fn folder(&self) -> Result<PathBuf, Failure> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let made = match folder.take() {
            Some(made) => made,
            None => files::scratch().map_err(Failure::writing(&std::env::temp_dir()))?,
        };
        Ok(folder.insert(made).path().to_owned())
    }

    /// The arguments with those that name this sandbox and these folders, as the environment may name others.
    fn whole(&self, arguments: &[String]) -> Result<Vec<String>, Failure> {
        let first = arguments.first().map_or("", String::as_str);
        let words = if first == "dev" { 2 } else { 1 };
        let (command, rest) = arguments.split_at(words.min(arguments.len()));
        let option = |name: &str, value: &str| format!("--{name}={value}");
        let mut whole = vec!["toru".to_owned()];
        whole.extend_from_slice(command);
        whole.push("--json".to_owned());
        whole.push(option("endpoint", &self.endpoint));
        let records: &[&str] = match first {
            "send" => &["keys", "tickets", "payments"],
            "withdraw" => &["keys", "tickets", "withdrawals"],
            _ => &[],
        };
        if !records.is_empty() {
            whole.push(option("rollup", &self.rollup));
            let folder = self.folder()?;
            let in_folder = |name: &&str| option(name, &folder.join(name).display().to_string());
            whole.extend(records.iter().map(in_folder));
        }
        if first == "withdraw" {
            whole.push(option("layer1", &self.endpoint));
        }
        whole.extend_from_slice(rest);
        Ok(whole)
    }

    fn parsed(&self, arguments: &[String]) -> Result<Command, Failure> {
        let whole = self.whole(arguments)?.into_iter().map(Into::into).collect::<Vec<_>>();
        match cli::parse(whole) {
            Ok(cli) => Ok(cli.command),
            Err(NoCommand::Failure(failure)) => Err(failure),
            Err(NoCommand::Print(_)) => Err(Failure::internal("a command of the panel is none")),
        }
    }

    fn ran(&self, arguments: &[String], ui: &Ui) -> Result<Output, Failure> {
        match self.parsed(arguments)? {
            Command::Dev(args) => match &args.command {
                Some(command) => call(command, ui),
                None => Err(Failure::internal("a sandbox starts no other")),
            },
            Command::Send(args) => send(&args, ui),
            Command::Withdraw(args) => withdraw(&args, ui),
            _ => Err(Failure::internal("a command that the panel does not have")),
        }
    }
}

impl Commands for SandboxCommands {
    fn run(&self, arguments: &[String]) -> Ran {
        let (ui, printed) = Ui::in_memory();
        let exit = ui.end(self.ran(arguments, &ui));
        let told = serde_json::from_str(&printed.text()).unwrap_or(Value::Null);
        Ran { told, is_done: exit == Exit::Done }
    }

    fn call(&self, arguments: &[String]) -> Option<Call> {
        let Ok(Command::Dev(args)) = self.parsed(arguments) else { return None };
        let command = args.command?;
        let (what, body) = match &command {
            // One call bakes as many and no more. To a level it is as many as the head is away, which no call says.
            DevCommand::Mine { levels, .. } | DevCommand::Warp { to: Target::On(levels), .. }
                if *levels > MAX_LEVELS_PER_REQUEST =>
            {
                return None;
            }
            DevCommand::Warp { to: Target::On(levels), .. } => ("mine", json!({"levels": levels})),
            command => request(command).ok().flatten()?,
        };
        Some(Call { path: format!("/dev/{what}"), body })
    }

    fn payers(&self) -> Vec<String> {
        (0..ACCOUNTS).map(|number| format!("dev{number}")).collect()
    }

    fn layer1_names(&self) -> Vec<String> {
        bootstrap().map(|(name, _)| name).collect()
    }

    fn token(&self) -> String {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_or_else(|_| String::new(), |()| hex::encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_run_names_the_sandbox_and_its_own_folders_before_the_values() {
        let commands = SandboxCommands::new(([127, 0, 0, 1], 7).into(), "sr1x".to_owned());
        let whole = |line: &str| {
            let words = line.split(' ').map(str::to_owned).collect::<Vec<_>>();
            commands.whole(&words).unwrap().join(" ")
        };
        let bake = "toru dev mine --json --endpoint=127.0.0.1:7 3";
        assert_eq!(whole("dev mine 3"), bake);
        let pay = whole("send --yes -- -5 demo dev0 dev1");
        assert!(pay.starts_with("toru send --json --endpoint=127.0.0.1:7 --rollup=sr1x --keys="));
        assert!(pay.ends_with("/payments --yes -- -5 demo dev0 dev1"), "{pay}");
        assert!(whole("withdraw 5 demo").contains(" --layer1=127.0.0.1:7 5 demo"));
    }

    #[test]
    fn calls_are_those_of_the_command_and_nothing_else_runs() {
        let commands = SandboxCommands::new(([127, 0, 0, 1], 7).into(), "sr1x".to_owned());
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (line, expected) in [
            ("dev mine 3", Some(("/dev/mine", json!({"levels": 3})))),
            ("dev warp +3", Some(("/dev/mine", json!({"levels": 3})))),
            ("dev warp 3", None),
            ("dev mine 10000", Some(("/dev/mine", json!({"levels": 10_000})))),
            ("dev mine 10001", None),
            ("dev warp +10001", None),
            ("dev snapshot a", Some(("/dev/snapshot", json!({"name": "a"})))),
            ("dev revert a", Some(("/dev/revert", json!({"to": "a"})))),
            (
                "dev execute 7 1",
                Some(("/dev/execute", json!({"outbox_level": 7, "message_index": 1}))),
            ),
            ("send 5 demo dev0 dev1", None),
            ("dev mine x", None),
        ] {
            let call = commands.call(&words(line)).map(|call| (call.path, call.body));
            let expected = expected.map(|(path, body)| (path.to_owned(), body));
            assert_eq!(call, expected, "{line}");
        }
        let deposit = commands.call(&words("dev deposit dev1 5")).unwrap();
        assert!(deposit.body["payload"].is_string(), "{deposit:?}");
        for line in ["key list", "dev", "dev mine x", "nothing"] {
            let ran = commands.run(&words(line));
            assert!(!ran.is_done && ran.told["error"]["message"].is_string(), "{line}: {ran:?}");
        }
        assert_eq!(commands.token().len(), 32);
        assert_ne!(commands.token(), commands.token());
    }
}
