//! `toru tx`: a transaction as a file, from one machine to another, and what became of it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use encoding::{Counter, Hash32};
use inbox::v2::{Name, Operation, Transaction};
use serde_json::Value;
use wallet::error::FileError;
use wallet::expiry::{OFFLINE_VALID_LEVELS, last_level};
use wallet::follow::status_at_head;
use wallet::missing_result::{MissingResult, Waited};
use wallet::patience::Patience;
use wallet::transaction::Signable;

use super::error::execution::ExecutionError;
use super::error::file::SigningError;
use super::error::result::ResultError;
use super::files;
use super::folders;
use super::memo::memo;
use super::plan::Plan;
use super::result_text::{found_json, found_text};
use super::session::Session;
use super::signed::{not_signed, signed_by};
use crate::cli::groups::{
    HistoryArgs, MemoArgs, OutArgs, SendingArgs, SignArgs, WaitArgs, WalletArgs,
};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru tx`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct TxArgs {
    /// What to do.
    #[command(subcommand)]
    command: TxCommand,
}

#[derive(Debug, Subcommand)]
enum TxCommand {
    /// Write a payment to a file, for somebody to sign elsewhere: no key is needed
    Craft {
        /// How much, in the unit of the ticket: 12.5
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Which ticket: NAME, KT1…/NAME, or #N
        ticket: String,
        /// Who pays
        from: String,
        /// Who is paid
        to: String,
        /// Its remark.
        #[command(flatten)]
        memo: MemoArgs,
        /// It expires after so many levels, by default a day on mainnet; 0: it never expires
        #[arg(
            long,
            value_name = "LEVELS",
            default_value_t = OFFLINE_VALID_LEVELS,
            allow_negative_numbers = true
        )]
        valid_for: u32,
        /// The counter of the payer, if there are others before it that are not sent yet
        #[arg(long, value_name = "N")]
        counter: Option<u64>,
        /// Where to.
        #[command(flatten)]
        out: OutArgs,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
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
        wallet: WalletArgs,
        /// How.
        #[command(flatten)]
        sending: SendingArgs,
    },
    /// Look a transaction or a batch up by its hash, or a file: what is in it and who has signed
    Show {
        /// The hash, or the file
        #[arg(value_name = "HASH|FILE.json")]
        what: String,
        /// How long it is waited for.
        #[command(flatten)]
        wait: WaitArgs,
        /// Which history says what the node does not know any more.
        #[command(flatten)]
        history: HistoryArgs,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
}

/// Does what the command says.
pub fn tx(args: &TxArgs, ui: &Ui) -> Result<Output, Failure> {
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
            wallet,
        } => {
            let session = Session::open(wallet, ui)?;
            let state = session.state()?;
            let payer = session.account_ref(&state, from)?;
            let to = session.account_ref(&state, to)?;
            let account = state.account(&payer.address)?;
            let moves = vec![session.payment(&state, &account, amount, ticket, to.address)?];
            let operation = Operation {
                signer: Name::Address(payer.address),
                counter: counter.map_or(account.counter, Counter::new),
                memo: memo(remark.memo.as_deref())?,
                actions: moves,
            };
            let expires = last_level(state.block().level, *valid_for);
            let transaction = Transaction { expires, operations: vec![operation] };
            let signable = Signable::new(*state.rollup(), transaction)?;
            let text = signable.to_json();
            let plan = Plan::new(&session, &state, vec![signable])?;
            ui.say_words(&plan.text())?;
            files::write(out, &text, &plan, ui)
        }
        TxCommand::Sign(args) => sign(args, ui),
        TxCommand::Submit { files, wallet, sending } => submit(files, wallet, sending, ui),
        TxCommand::Show { what, wait, history, wallet } => {
            if let Some(hash) = read_hash(what) {
                return show(&hash, wait, history, wallet, ui);
            }
            if what.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(ExecutionError::BadHash(what.clone()).into());
            }
            let signable = files::transaction(what.as_ref())?;
            let session = Session::offline(wallet, signable.rollup(), ui)?;
            show_file(&session, signable)
        }
    }
}

fn sign(args: &SignArgs, ui: &Ui) -> Result<Output, Failure> {
    let SignArgs { file, key, confirm, wallet } = args;
    let mut signable = files::transaction(file)?;
    let session = Session::offline(wallet, signable.rollup(), ui)?;
    let reference = session.own(key)?;
    // Somebody who has nothing to sign is not shown what it does as if they had.
    if !signable.signers().contains(&reference.address) {
        let problem = FileError::NotASigner(reference.address);
        return Err(SigningError::in_file(file)(problem).into());
    }
    let plan = Plan::offline(&session, vec![signable.clone()], Vec::new())?;
    ui.say_words(&plan.text())?;
    if confirm.dry_run {
        return not_signed(ui, &plan);
    }
    session.confirm_signing(confirm, "Sign it?")?;
    let secret = reference.unlock(&session.keyring)?;
    signable.sign(secret.key())?;
    files::replace(file, &signable.to_json())?;
    signed_by(ui, &plan, &signable.missing(), &signable.hash())
}

fn submit(
    paths: &[PathBuf],
    wallet: &WalletArgs,
    sending: &SendingArgs,
    ui: &Ui,
) -> Result<Output, Failure> {
    let session = Session::open(wallet, ui)?;
    let mut open = Vec::new();
    let mut done = Vec::new();
    for path in paths {
        let signable = files::transaction(path)?;
        let hash = signable.hash();
        match status_at_head(session.wallet.node(), &hash)? {
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
            return Err(SigningError::NotSigned(plan.book.name(account)).into());
        }
    }
    let way = session.way_of(sending, &plan.transactions)?;
    plan.way = Some(way.told());
    if let Some(output) = session.confirm_plan(&plan, &sending.confirm)? {
        return Ok(output);
    }
    session.submit(&state, &plan, sending, &way)
}

fn show(
    hash: &Hash32,
    args: &WaitArgs,
    history: &HistoryArgs,
    wallet: &WalletArgs,
    ui: &Ui,
) -> Result<Output, Failure> {
    let session = Session::open(wallet, ui)?;
    // What was signed here as part of a batch has its result under that.
    if let Ok(store) = folders::payments(&folders::usual_payments(), session.wallet.rollup()) {
        store.read_cosigned(session.wallet.node().cosigned())?;
    }
    if status_at_head(session.wallet.node(), hash)?.is_none() {
        session.learn_place(hash)?;
    }
    let known = match args.wait {
        Some(stage) => {
            let _waiting = ui.progress(format!("waiting until it is {}", stage.word()));
            let patience = Patience::lasting(args.time());
            match session.wallet.wait_for(hash, stage, &patience)? {
                Waited::Result(found, reached) => Some((found, reached)),
                Waited::Missing(why) => {
                    if is_nowhere(why)
                        && let Some(output) = session.at_history(hash, history)?
                    {
                        return Ok(output);
                    }
                    return Err(ResultError::missing(hash, why).into());
                }
                Waited::Away(error) => return Err(error.into()),
                Waited::Timeout => {
                    let hash = hash.to_string();
                    return Err(ResultError::NotYet { stage: stage.word(), hash }.into());
                }
            }
        }
        None => status_at_head(session.wallet.node(), hash)?,
    };
    let (known, missing) = match known {
        Some(known) => (Some(known), MissingResult::Unknown),
        None => {
            let missing = session.wallet.missing_result(hash)?;
            // It may have been found in a batch, under which its result is.
            (status_at_head(session.wallet.node(), hash)?, missing)
        }
    };
    let Some((found, reached)) = known else {
        // What no queue and no level has may be with a batcher, or so long ago that a history alone has it.
        if is_nowhere(missing) {
            if let Some(output) = session.at_batcher(hash)? {
                return Ok(output);
            }
            if let Some(output) = session.at_history(hash, history)? {
                return Ok(output);
            }
        }
        return Err(ResultError::missing(hash, missing).into());
    };
    let contents = session.contents(&session.state()?, found.message, hash)?;
    let mut told = found_json(hash, &found, reached);
    let (words, payments) = contents.unwrap_or((String::new(), Value::Null));
    told["payments"] = payments;
    told["source"] = Value::from("node");
    let output = ui.answer(&told, || found_text(hash, &found, reached) + &words)?;
    let refused = found.failure().map(|one| ResultError::Refused(one.outcome).into());
    Ok(Output { refused, ..output })
}

/// Whether the node knows nothing of it, where others may.
fn is_nowhere(why: MissingResult) -> bool {
    match why {
        MissingResult::Nowhere { .. } | MissingResult::Gone { .. } | MissingResult::Unknown => true,
        MissingResult::RefusedWhole(..) | MissingResult::PutOff | MissingResult::Queued => false,
    }
}

fn show_file(session: &Session<'_>, signable: Signable) -> Result<Output, Failure> {
    let (hash, missing) = (signable.hash(), signable.missing());
    let plan = Plan::offline(session, vec![signable], Vec::new())?;
    let output = signed_by(session.ui, &plan, &missing, &hash)?;
    if session.ui.is_json() {
        return Ok(output);
    }
    let said = output.text.strip_prefix("signed; ").unwrap_or(&output.text);
    Ok(Output::from(format!("{}{said}", plan.text())))
}

/// A hash in hexadecimal.
fn read_hash(text: &str) -> Option<Hash32> {
    hex::decode(text).ok()?.try_into().ok().map(Hash32)
}
