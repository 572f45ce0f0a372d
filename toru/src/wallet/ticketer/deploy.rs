//! `toru ticketer deploy`: the command that puts a contract of ours on layer 1, its storage, and its script in a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use encoding::Kt1Address;
use layer1::address::{Address, Role};
use layer1::michelson::text;
use num_bigint::BigInt;
use serde_json::{Value, json};
use wallet::layer1::asset::Asset;
use wallet::layer1::known::{KnownContract, Origination, TokenFacts};
use wallet::limits::MAX_DECIMALS;

use super::super::layer1::{alias, source};
use crate::cli::groups::JsonArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::exit::EXIT_CODES;
use crate::shell;
use crate::ui::{Output, Ui};

/// Bytes: the longest name of a token that a ticket carries. A withdrawal has to fit an outbox message with it.
const NAME_BYTES_MAX: usize = 64;

/// Which contract.
#[derive(Debug, Subcommand)]
pub(super) enum DeployCommand {
    /// The ticketer of tez
    Xtz(DeployArgs),
    /// The ticketer of one token of FA1.2 or FA2
    Fa(FaArgs),
    /// The deposit helper, which has a ticketer mint a ticket and sends it to a rollup: one is enough for all
    Helper(DeployArgs),
}

/// How it is put there.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct DeployArgs {
    /// Who pays for it and signs, as octez-client calls them
    #[arg(long, value_name = "SOURCE")]
    from: String,

    /// What octez-client is to call the contract [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,

    /// Where its script goes; a file that is there is replaced [default: the contract's name and .tz, in this folder]
    #[arg(long, value_name = "FILE.tz")]
    out: Option<PathBuf>,

    /// How it is printed.
    #[command(flatten)]
    json: JsonArgs,
}

/// The same for a token.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct FaArgs {
    /// The token's contract, and with a colon its id in there: KT1… is a token of FA1.2, KT1…:0 one of FA2
    #[arg(long, value_name = "KT1…[:ID]")]
    token: String,

    /// How many digits an amount has after the point, as the token's metadata has it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(MAX_DECIMALS)))]
    decimals: u8,

    /// What people call the token, as its metadata has it
    #[arg(long, value_name = "SYMBOL")]
    symbol: String,

    /// A longer name [default: the symbol]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// How it is put there.
    #[command(flatten)]
    deploy: DeployArgs,
}

/// Prints it.
pub(super) fn deploy(command: &DeployCommand, ui: &Ui) -> Result<Output, Failure> {
    match command {
        DeployCommand::Xtz(args) => print(&Origination::xtz_ticketer(), args, None, ui),
        DeployCommand::Helper(args) => print(&Origination::deposit_helper(), args, None, ui),
        DeployCommand::Fa(args) => {
            let facts = facts(args)?;
            let origination = Origination::fa_ticketer(&facts)
                .ok_or_else(|| Failure::internal("a token without a storage"))?;
            print(&origination, &args.deploy, Some(&facts), ui)
        }
    }
}

/// The facts of a token, as they were given.
fn facts(args: &FaArgs) -> Result<TokenFacts, Failure> {
    let (contract, id) = match args.token.split_once(':') {
        Some((contract, id)) => (contract, Some(id)),
        None => (args.token.as_str(), None),
    };
    let address = Address::parse_as(Role::Contract, contract);
    let address = address.map_err(|problem| Failure::option("--token", contract, &problem))?;
    let contract = Kt1Address(address.hash);
    let number = |id: &str| {
        let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let number = BigInt::parse_bytes(id.as_bytes(), 10).filter(|_| digits);
        number
            .ok_or_else(|| Failure::option("--token", id, &"is no id of a token (expected digits)"))
    };
    let token = match id {
        Some(id) => Asset::Fa2(contract, number(id)?),
        None => Asset::Fa12(contract),
    };
    if !wallet::pins::is_word(&args.symbol) {
        let problem = "is no symbol (expected letters and digits, 32 at most)";
        return Err(Failure::option("--symbol", &args.symbol, &problem));
    }
    let name = args.name.clone().unwrap_or_else(|| args.symbol.clone());
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        let problem = format!("is no name (expected 1 to {NAME_BYTES_MAX} bytes on one line)");
        return Err(Failure::option("--name", &name, &problem));
    }
    Ok(TokenFacts { token, decimals: args.decimals, symbol: args.symbol.clone(), name })
}

/// Writes the script, and prints the rest.
fn print(
    origination: &Origination,
    args: &DeployArgs,
    facts: Option<&TokenFacts>,
    ui: &Ui,
) -> Result<Output, Failure> {
    let name = origination.contract.name();
    source("--from", &args.from)?;
    let stem = args.out.as_deref().and_then(Path::file_stem).and_then(OsStr::to_str);
    let stem = stem.filter(|stem| alias("--alias", stem).is_ok());
    let called = args.alias.as_deref().or(stem).unwrap_or(name);
    alias("--alias", called)?;
    let file = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.tz")));
    let path = shown_path(&file);
    let broken = |error| Failure::internal(format!("{name}: {error}"));
    let words = origination.octez_client(called, &args.from, &path).map_err(broken)?;
    let hash = origination.contract.script().map_err(broken)?.hash();
    write_file(&file, origination.contract.file())?;
    let (storage, command) = (text(&origination.storage), shell::line(&words));
    let content = facts.and_then(TokenFacts::content);
    let told = json!({
        "contract": name,
        "file": path,
        "hash": hash,
        "storage": storage,
        "command": command,
        "content": content.as_ref().map_or(Value::Null, |content| json!(hex::encode(content.to_micheline()))),
    });
    let pin = |symbol: &str| {
        format!("# then pin it: toru ticket add {symbol} KT1… --helper KT1… --layer1 URL\n")
    };
    let what = match facts {
        Some(facts) => format!("{} for {}", origination.contract.words(), facts.token),
        None => origination.contract.words().to_owned(),
    };
    let next = match facts {
        Some(facts) => pin(&facts.symbol),
        None if origination.contract == KnownContract::XtzTicketer => pin("XTZ"),
        None => String::new(),
    };
    ui.answer(&told, || {
        format!("# {what}: {path}, script hash {hash}\n# nothing was sent: this makes it\n{command}\n{next}")
    })
}
