//! `toru tx`: a transaction as a file, from one machine to another, and what became of it.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use encoding::{Counter, Hash32};
use inbox::v2::{Name, Operation, Transaction};
use serde_json::{Value, json};
use wallet::follow::{Settlement, status_at_head};
use wallet::transaction::Signable;

use super::failure::WalletFailure;
use super::files::{self, OutArgs, SignArgs};
use super::plan::{Plan, memo};
use super::send::last_level;
use super::session::{Common, Sending, Session, stage};
use super::submit::{found_json, found_text, json_text, say};
use crate::Output;
use crate::error::Failure;

/// `toru tx`.
#[derive(Debug, Args)]
#[command(after_help = super::session::EXIT_CODES)]
pub struct TxArgs {
    /// What to do.
    #[command(subcommand)]
    command: TxCommand,
}

#[derive(Debug, Subcommand)]
enum TxCommand {
    /// Write a payment to a file, for somebody to sign elsewhere: no key is needed
    Craft {
        /// How much, how TICKET counts: 12.5
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Of what: NAME, KT1…/NAME, or #N
        ticket: String,
        /// Who pays
        from: String,
        /// Who is paid
        to: String,
        /// A remark that is kept with the result: up to 64 bytes, for everybody to see
        #[arg(long, value_name = "TEXT")]
        memo: Option<String>,
        /// It must not be applied after so many levels, which is a day on mainnet; 0 for no end
        #[arg(long, value_name = "LEVELS", default_value_t = 14_400)]
        valid_for: u32,
        /// The counter of the payer, if there are others before it that are not sent yet
        #[arg(long, value_name = "N")]
        counter: Option<u64>,
        /// Where to.
        #[command(flatten)]
        out: OutArgs,
        /// Where.
        #[command(flatten)]
        common: Common,
    },
    /// Sign a file, which says itself what it does: no node is asked
    Sign(SignArgs),
    /// Send what everybody has signed; what was applied before is not sent again
    Submit {
        /// Which files
        #[arg(value_name = "FILE.json", required = true)]
        files: Vec<PathBuf>,
        /// Where.
        #[command(flatten)]
        common: Common,
        /// How.
        #[command(flatten)]
        sending: Sending,
    },
    /// Look a transaction or a batch up by its hash, or a file: what is in it and who has signed
    Show {
        /// The hash, or the file
        #[arg(value_name = "HASH|FILE.json")]
        what: String,
        /// Wait until it is so far; "included" without a stage
        ///
        /// The stages: "included", in a level, which a reorganisation of layer 1 may still take back;
        /// "final", which none takes back any more, two levels later; "committed", in a commitment on
        /// layer 1; "cemented", when nobody can refute that commitment any more.
        #[arg(long, value_name = "STAGE", num_args = 0..=1, default_missing_value = "included",
              value_parser = stage)]
        wait: Option<Settlement>,
        /// How many seconds to wait at most
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        timeout: u64,
        /// Where.
        #[command(flatten)]
        common: Common,
    },
}

/// Does what the command says.
pub fn tx(args: &TxArgs) -> Result<Output, Failure> {
    match &args.command {
        TxCommand::Craft {
            amount,
            ticket,
            from,
            to,
            memo: remark,
            valid_for,
            counter,
            out,
            common,
        } => {
            let session = Session::open(common)?;
            let state = session.state()?;
            let payer = session.account_ref(&state, from)?;
            let to = session.account_ref(&state, to)?;
            let account = state.account(&payer.address).map_err(WalletFailure::State)?;
            let moves = vec![session.payment(&state, &account, amount, ticket, to.address)?];
            let operation = Operation {
                signer: Name::Address(payer.address),
                counter: counter.map_or(account.counter, Counter::new),
                memo: memo(remark.as_deref())?,
                actions: moves,
            };
            let expires = last_level(&state, *valid_for);
            let transaction = Transaction { expires, operations: vec![operation] };
            let signable = Signable::new(*state.rollup(), transaction);
            let signable = signable.map_err(WalletFailure::Signing)?;
            let text = signable.to_json();
            let plan = Plan::new(&session, &state, vec![signable])?;
            if !session.json {
                say(&plan.text())?;
            }
            out.write(&text, &plan, session.json)
        }
        TxCommand::Sign(args) => sign(args),
        TxCommand::Submit { files, common, sending } => submit(files, common, sending),
        TxCommand::Show { what, wait, timeout, common } => {
            if let Some(hash) = read_hash(what) {
                return show(&hash, *wait, *timeout, common);
            }
            if what.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(WalletFailure::BadHash(what.clone()).into());
            }
            let signable = files::transaction(what.as_ref())?;
            let session = Session::offline(common, signable.rollup())?;
            show_file(&session, signable)
        }
    }
}

fn sign(args: &SignArgs) -> Result<Output, Failure> {
    let SignArgs { file, key, dry_run, yes, common } = args;
    let mut signable = files::transaction(file)?;
    let session = Session::offline(common, signable.rollup())?;
    let reference = session.own(key)?;
    let plan = Plan::offline(&session, vec![signable.clone()], Vec::new())?;
    if !session.json {
        say(&plan.text())?;
    }
    if !signable.signers().contains(&reference.address) {
        let problem = wallet::error::FileError::NotASigner(reference.address);
        return Err(WalletFailure::File { path: file.to_owned(), problem }.into());
    }
    if *dry_run {
        return not_signed(&session, &plan);
    }
    session.confirm(*yes, "Sign it?")?;
    let secret = reference.unlock(&session)?;
    signable.sign(secret.key()).map_err(WalletFailure::Signing)?;
    files::replace(file, &signable.to_json())?;
    signed_by(&session, &plan, &signable.missing(), &signable.hash())
}

/// What is to be said if it was only looked at.
pub(super) fn not_signed(session: &Session, plan: &Plan) -> Result<Output, Failure> {
    Ok(Output::from(match session.json {
        true => json_text(&json!({"plan": plan.json(), "signed": false}))?,
        false => "nothing was signed\n".to_owned(),
    }))
}

/// What is to be said once somebody has signed.
pub(super) fn signed_by(
    session: &Session,
    plan: &Plan,
    missing: &[encoding::Tz4Address],
    hash: &Hash32,
) -> Result<Output, Failure> {
    if session.json {
        let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let told = json!({"hash": hash.to_string(), "plan": plan.json(), "missing": missing});
        return json_text(&told).map(Output::from);
    }
    let missing: Vec<String> = missing.iter().map(|one| plan.book.name(one)).collect();
    Ok(Output::from(match missing.is_empty() {
        true => "signed by all: it can be sent\n".to_owned(),
        false => format!("signed; still to sign: {}\n", missing.join(", ")),
    }))
}

fn submit(paths: &[PathBuf], common: &Common, sending: &Sending) -> Result<Output, Failure> {
    let session = Session::open(common)?;
    let mut open = Vec::new();
    let mut done = Vec::new();
    for path in paths {
        let signable = files::transaction(path)?;
        let hash = signable.hash();
        match status_at_head(&session.node, &hash).map_err(WalletFailure::State)? {
            Some((found, reached)) if found.is_final() => done.push((hash, found, reached)),
            _ => open.push(signable),
        }
    }
    if open.is_empty() {
        return session.done_before(&done);
    }
    let state = session.state()?;
    let mut plan = Plan::new(&session, &state, open)?;
    if plan.transactions.len() > 1 {
        plan = plan.for_several();
    }
    for one in &plan.transactions {
        if let Some(account) = one.missing().first() {
            return Err(WalletFailure::NotSigned(plan.book.name(account)).into());
        }
    }
    if let Some(output) = session.confirm_plan(&plan, sending)? {
        return Ok(output);
    }
    session.submit(&state, &plan, sending)
}

fn show(
    hash: &Hash32,
    wait: Option<Settlement>,
    timeout: u64,
    common: &Common,
) -> Result<Output, Failure> {
    let session = Session::open(common)?;
    let known = match wait {
        Some(stage) => {
            let deadline = Instant::now() + std::time::Duration::from_secs(timeout);
            Some(session.wait(hash, stage, deadline)?)
        }
        None => status_at_head(&session.node, hash).map_err(WalletFailure::State)?,
    };
    let Some((found, reached)) = known else {
        return Err(session.without_result(hash)?.into());
    };
    let paid = session.paid(&session.state()?, found.message, hash)?;
    let text = match session.json {
        true => {
            let mut told = found_json(hash, &found, reached);
            told["payments"] = paid.map_or(Value::Null, |(_, payments)| payments);
            json_text(&told)?
        }
        false => {
            found_text(hash, &found, reached) + &paid.map_or_else(String::new, |(words, _)| words)
        }
    };
    let refused = found.failure().map(|line| WalletFailure::Refused(line.outcome).into());
    Ok(Output { text, refused })
}

fn show_file(session: &Session, signable: Signable) -> Result<Output, Failure> {
    let (hash, missing) = (signable.hash(), signable.missing());
    let plan = Plan::offline(session, vec![signable], Vec::new())?;
    let output = signed_by(session, &plan, &missing, &hash)?;
    if session.json {
        return Ok(output);
    }
    let said = output.text.strip_prefix("signed; ").unwrap_or(&output.text);
    Ok(Output::from(format!("{}{said}", plan.text())))
}

/// A hash in hexadecimal.
pub(super) fn read_hash(text: &str) -> Option<Hash32> {
    hex::decode(text).ok()?.try_into().ok().map(Hash32)
}
