//! `toru batch`: transactions of several people in one batch, which they sign one after the other, each
//! on their own machine.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use encoding::limits::INBOX_MESSAGE_BYTES;
use inbox::v2::Me;
use wallet::error::FileError;
use wallet::expiry::last_level;
use wallet::follow::status_at_head;
use wallet::following::Item;
use wallet::signature_collection::SignatureCollection;

use super::error::file::SigningError;
use super::files;
use super::plan::Plan;
use super::session::Session;
use super::signed::{not_signed, signed_by};
use crate::cli::groups::{OutArgs, SendingArgs, SignArgs, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru batch`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
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
        /// It expires after so many levels; 0: when its transactions do
        #[arg(long, value_name = "LEVELS", default_value_t = 0, allow_negative_numbers = true)]
        valid_for: u32,
        /// Where to.
        #[command(flatten)]
        out: OutArgs,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
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
        wallet: WalletArgs,
    },
    /// Send a batch that everybody has signed; of several copies, the signatures are put together
    Submit {
        /// The batch, and copies of it
        #[arg(value_name = "FILE.json", required = true)]
        files: Vec<PathBuf>,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
        /// How.
        #[command(flatten)]
        sending: SendingArgs,
    },
}

/// Does what the command says.
pub fn batch(args: &BatchArgs, ui: &Ui) -> Result<Output, Failure> {
    match &args.command {
        BatchCommand::Make { files, valid_for, out, wallet } => {
            let transactions = files.iter().map(|path| files::transaction(path));
            let transactions = transactions.collect::<Result<Vec<_>, _>>()?;
            let session = Session::open(wallet, ui)?;
            let state = session.state()?;
            let registered = state.registered(&transactions)?;
            let expires = last_level(state.block().level, *valid_for);
            let collection =
                SignatureCollection::new(*state.rollup(), expires, transactions, &registered)?;
            let plan = Plan::of_batch(&session, &state, &collection)?;
            ui.say_words(&text(&collection, &plan))?;
            plan.passes()?;
            files::write(out, &collection.to_json(), &plan, ui)
        }
        BatchCommand::Sign(args) => sign(args, ui),
        BatchCommand::Show { file, wallet } => {
            let collection = files::signature_collection(file)?;
            let session = Session::offline(wallet, collection.rollup(), ui)?;
            let plan = offline(&session, &collection)?;
            let output = signed_by(ui, &plan, &collection.missing(), &collection.hash())?;
            if ui.is_json() {
                return Ok(output);
            }
            let said = output.text.strip_prefix("signed; ").unwrap_or(&output.text);
            Ok(Output::from(format!("{}{said}", text(&collection, &plan))))
        }
        BatchCommand::Submit { files, wallet, sending } => submit(files, wallet, sending, ui),
    }
}

fn sign(args: &SignArgs, ui: &Ui) -> Result<Output, Failure> {
    let SignArgs { file, key, confirm, wallet } = args;
    let mut collection = files::signature_collection(file)?;
    let session = Session::offline(wallet, collection.rollup(), ui)?;
    let reference = session.own(key)?;
    let me = Me { address: reference.address, index: None };
    let (intents, _) = collection.batch().for_signer(&me, collection.rollup());
    if intents.is_empty() {
        let problem = FileError::NotASigner(reference.address);
        return Err(SigningError::in_file(file)(problem).into());
    }
    // All of a transaction with you in it is what you agree to; the others' are theirs.
    let mine =
        intents.iter().filter_map(|intent| collection.transactions().get(intent.transaction));
    let mine = Plan::offline(&session, mine.cloned().collect(), Vec::new())?;
    let rest = collection.transactions().len() - intents.len();
    let rest = if rest == 0 { String::new() } else { format!("and {rest} of others\n") };
    let expires = collection.expires().map(|level| format!("{}\n", mine.validity(level)));
    ui.say_words(&format!("{}{rest}{}", mine.text(), expires.unwrap_or_default()))?;
    if confirm.dry_run {
        return not_signed(ui, &mine);
    }
    session.confirm_signing(confirm, "Sign the batch?")?;
    let secret = reference.unlock(&session.keyring)?;
    collection.sign(secret.key())?;
    files::replace(file, &collection.to_json())?;
    let plan = offline(&session, &collection)?;
    signed_by(ui, &plan, &collection.missing(), &collection.hash())
}

fn submit(
    paths: &[PathBuf],
    wallet: &WalletArgs,
    sending: &SendingArgs,
    ui: &Ui,
) -> Result<Output, Failure> {
    let mut all: Option<SignatureCollection> = None;
    for path in paths {
        let copy = files::signature_collection(path)?;
        match &mut all {
            None => all = Some(copy),
            Some(known) => known.join(&copy).map_err(SigningError::in_file(path))?,
        }
    }
    // Clap has seen to it that there is one.
    let Some(collection) = all else { return Ok(Output::default()) };
    let session = Session::open(wallet, ui)?;
    session.whole(sending, "a batch that is signed as a whole")?;
    let state = session.state()?;
    if collection.rollup() != state.rollup() {
        return Err(FileError::OtherRollup(*collection.rollup()).into());
    }
    let hash = collection.hash();
    if let Some((found, reached)) = status_at_head(session.wallet.node(), &hash)?
        && found.is_final()
    {
        return session.done_before(&[(hash, found, reached)]);
    }
    let plan = Plan::of_batch(&session, &state, &collection)?;
    let message = collection.message();
    let message = message.map_err(|account| SigningError::NotSigned(plan.book.name(&account)))?;
    if message.len() > INBOX_MESSAGE_BYTES {
        return Err(SigningError::LongBatch(message.len()).into());
    }
    if let Some(output) = session.confirm_plan(&plan, &sending.confirm)? {
        return Ok(output);
    }
    let head = state.block().level;
    let messages = sending.filled(vec![message]);
    session.send(plan.json(), &messages, &[Item::Batch(hash)], head, sending)
}

fn offline(session: &Session<'_>, collection: &SignatureCollection) -> Result<Plan, Failure> {
    Plan::offline(session, collection.transactions().to_vec(), collection.registers())
}

/// A batch in words.
fn text(collection: &SignatureCollection, plan: &Plan) -> String {
    let expires = collection.expires().map(|level| format!(", {}", plan.validity(level)));
    format!("{}batch {}{}\n", plan.text(), collection.hash(), expires.unwrap_or_default())
}
