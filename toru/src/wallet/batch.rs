//! `toru batch`: transactions of several people in one batch, which they sign one after the other, each
//! on their own machine.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use inbox::v2::Me;
use wallet::follow::status_at_head;
use wallet::signature_collection::SignatureCollection;

use super::failure::WalletFailure;
use super::files::{self, OutArgs, SignArgs};
use super::following::Item;
use super::plan::Plan;
use super::send::last_level;
use super::session::{Common, Sending, Session};
use super::submit::say;
use super::tx::{not_signed, signed_by};
use crate::Output;
use crate::error::Failure;

/// `toru batch`.
#[derive(Debug, Args)]
#[command(after_help = super::session::EXIT_CODES)]
pub struct BatchArgs {
    /// What to do.
    #[command(subcommand)]
    command: BatchCommand,
}

#[derive(Debug, Subcommand)]
enum BatchCommand {
    /// Put transactions into a batch, signed or not, and write it to a file
    Make {
        /// The transactions, as toru tx craft writes them
        #[arg(value_name = "FILE.json", required = true)]
        files: Vec<PathBuf>,
        /// It must not be applied after so many levels; 0 for no end but those of its transactions
        #[arg(long, value_name = "LEVELS", default_value_t = 0)]
        valid_for: u32,
        /// Where to.
        #[command(flatten)]
        out: OutArgs,
        /// Where.
        #[command(flatten)]
        common: Common,
    },
    /// Sign a batch, which says itself what is yours in it: no node is asked
    Sign(SignArgs),
    /// Show what is in a batch, and who has signed
    Show {
        /// The batch
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
        /// Where.
        #[command(flatten)]
        common: Common,
    },
    /// Send a batch that everybody has signed; of several copies, the signatures are put together
    Submit {
        /// The batch, and copies of it
        #[arg(value_name = "FILE.json", required = true)]
        files: Vec<PathBuf>,
        /// Where.
        #[command(flatten)]
        common: Common,
        /// How.
        #[command(flatten)]
        sending: Sending,
    },
}

/// Does what the command says.
pub fn batch(args: &BatchArgs) -> Result<Output, Failure> {
    match &args.command {
        BatchCommand::Make { files, valid_for, out, common } => {
            let transactions = files.iter().map(|path| files::transaction(path));
            let transactions = transactions.collect::<Result<Vec<_>, _>>()?;
            let session = Session::open(common)?;
            let state = session.state()?;
            let registered = state.registered(&transactions).map_err(WalletFailure::State)?;
            let expires = last_level(&state, *valid_for);
            let collection =
                SignatureCollection::new(*state.rollup(), expires, transactions, &registered)
                    .map_err(WalletFailure::Signing)?;
            let plan = Plan::of_batch(&session, &state, &collection)?;
            if !session.json {
                say(&text(&collection, &plan))?;
            }
            plan.passes()?;
            out.write(&collection.to_json(), &plan, session.json)
        }
        BatchCommand::Sign(args) => sign(args),
        BatchCommand::Show { file, common } => {
            let collection = files::signature_collection(file)?;
            let session = Session::offline(common, collection.rollup())?;
            let plan = offline(&session, &collection)?;
            let output = signed_by(&session, &plan, &collection.missing(), &collection.hash())?;
            if session.json {
                return Ok(output);
            }
            let said = output.text.strip_prefix("signed; ").unwrap_or(&output.text);
            Ok(Output::from(format!("{}{said}", text(&collection, &plan))))
        }
        BatchCommand::Submit { files, common, sending } => submit(files, common, sending),
    }
}

fn sign(args: &SignArgs) -> Result<Output, Failure> {
    let SignArgs { file, key, dry_run, yes, common } = args;
    let mut collection = files::signature_collection(file)?;
    let session = Session::offline(common, collection.rollup())?;
    let reference = session.own(key)?;
    let me = Me { address: reference.address, index: None };
    let (intents, _) = collection.batch().for_signer(&me, collection.rollup());
    if intents.is_empty() {
        let problem = wallet::error::FileError::NotASigner(reference.address);
        return Err(WalletFailure::File { path: file.to_owned(), problem }.into());
    }
    // All of a transaction with you in it is what you agree to; the others' are theirs.
    let mine =
        intents.iter().filter_map(|intent| collection.transactions().get(intent.transaction));
    let mine = Plan::offline(&session, mine.cloned().collect(), Vec::new())?;
    if !session.json {
        let rest = collection.transactions().len() - intents.len();
        let rest = if rest == 0 { String::new() } else { format!("and {rest} of others\n") };
        let expires = collection.expires().map(|level| format!("{}\n", mine.validity(level)));
        let expires = expires.unwrap_or_default();
        say(&format!("{}{rest}{expires}", mine.text()))?;
    }
    if *dry_run {
        return not_signed(&session, &mine);
    }
    session.confirm(*yes, "Sign the batch?")?;
    let secret = reference.unlock(&session)?;
    collection.sign(secret.key()).map_err(WalletFailure::Signing)?;
    files::replace(file, &collection.to_json())?;
    let plan = offline(&session, &collection)?;
    signed_by(&session, &plan, &collection.missing(), &collection.hash())
}

fn submit(paths: &[PathBuf], common: &Common, sending: &Sending) -> Result<Output, Failure> {
    let mut all: Option<SignatureCollection> = None;
    for path in paths {
        let copy = files::signature_collection(path)?;
        match &mut all {
            None => all = Some(copy),
            Some(known) => known
                .join(&copy)
                .map_err(|problem| WalletFailure::File { path: path.clone(), problem })?,
        }
    }
    // Clap has seen to it that there is one.
    let Some(collection) = all else { return Ok(Output::default()) };
    let session = Session::open(common)?;
    let state = session.state()?;
    if collection.rollup() != state.rollup() {
        let other = wallet::error::FileError::OtherRollup(*collection.rollup());
        return Err(WalletFailure::Signing(other).into());
    }
    let hash = collection.hash();
    if let Some((found, reached)) =
        status_at_head(&session.node, &hash).map_err(WalletFailure::State)?
        && found.is_final()
    {
        return session.done_before(&[(hash, found, reached)]);
    }
    let plan = Plan::of_batch(&session, &state, &collection)?;
    let message = collection.message();
    let message = message.map_err(|account| WalletFailure::NotSigned(plan.book.name(&account)))?;
    if message.len() > encoding::limits::INBOX_MESSAGE_BYTES {
        return Err(WalletFailure::LongBatch(message.len()).into());
    }
    if let Some(output) = session.confirm_plan(&plan, sending)? {
        return Ok(output);
    }
    let head = state.block().level;
    let messages = sending.filled(vec![message]);
    session.deliver(plan.json(), &messages, &[Item::Batch(hash)], head, sending)
}

fn offline(session: &Session, collection: &SignatureCollection) -> Result<Plan, Failure> {
    Plan::offline(session, collection.transactions().to_vec(), collection.registers())
}

/// A batch in words.
fn text(collection: &SignatureCollection, plan: &Plan) -> String {
    let expires = collection.expires().map(|level| format!(", {}", plan.validity(level)));
    format!("{}batch {}{}\n", plan.text(), collection.hash(), expires.unwrap_or_default())
}
