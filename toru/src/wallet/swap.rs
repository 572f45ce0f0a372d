//! `toru swap`: two people exchange tickets in one transaction, all of it or nothing.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use encoding::Tz4Address;
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use wallet::error::FileError;
use wallet::expiry::{VALID_LEVELS, last_level};
use wallet::follow::status_at_head;
use wallet::state::Account;
use wallet::ticket::Token;
use wallet::transaction::Signable;

use super::error::file::SigningError;
use super::files;
use super::memo::memo;
use super::plan::Plan;
use super::session::Session;
use super::signed::signed_by;
use crate::cli::groups::{ConfirmArgs, MemoArgs, OutArgs, SendingArgs, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru swap`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct SwapArgs {
    /// What to do.
    #[command(subcommand)]
    command: SwapCommand,
}

#[derive(Debug, Subcommand)]
enum SwapCommand {
    /// Offer a swap: the file that is written has your signature, and waits for theirs
    Offer {
        /// How much you give
        #[arg(allow_negative_numbers = true)]
        give: String,
        /// Which ticket: NAME, KT1…/NAME, or #N
        ticket: String,
        /// The word "for"
        #[arg(value_name = "for", value_parser = ["for"])]
        word: String,
        /// How much you take
        #[arg(allow_negative_numbers = true)]
        take: String,
        /// Of what
        #[arg(value_name = "TICKET")]
        other_ticket: String,
        /// With whom: tz4…, #N, or a name
        #[arg(long, value_name = "ACCOUNT")]
        with: String,
        /// Your key
        #[arg(long, value_name = "KEY")]
        from: String,
        /// For how many levels it can be accepted
        ///
        /// The other one can wait and see whether the offer has become a good one: so it ends. Any other
        /// transaction of yours takes it back.
        #[arg(long, value_name = "LEVELS", default_value_t = VALID_LEVELS, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        valid_for: u32,
        /// Its remark.
        #[command(flatten)]
        memo: MemoArgs,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
        /// Where to.
        #[command(flatten)]
        out: OutArgs,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
    },
    /// Sign an offer that somebody made you, and send it
    Accept {
        /// The offer
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
        /// Your key
        #[arg(long)]
        key: String,
        /// Add your signature to the file, and do not send it
        #[arg(long, conflicts_with_all = ["dry_run", "wait"])]
        only_sign: bool,
        /// Where.
        #[command(flatten)]
        wallet: WalletArgs,
        /// How.
        #[command(flatten)]
        sending: SendingArgs,
    },
}

/// Does what the command says.
pub fn swap(args: &SwapArgs, ui: &Ui) -> Result<Output, Failure> {
    match &args.command {
        SwapCommand::Offer {
            give,
            ticket,
            word: _,
            take,
            other_ticket,
            with,
            from,
            valid_for,
            memo: remark,
            yes,
            out,
            wallet,
        } => {
            let session = Session::open(wallet, ui)?;
            let state = session.state()?;
            let mine = session.account_ref(&state, from)?;
            mine.needs_key()?;
            let theirs = session.account_ref(&state, with)?;
            if mine.address == theirs.address {
                return Err(SigningError::SwapWithOneself.into());
            }
            let account = |address| state.account(&address);
            let (me, them) = (account(mine.address)?, account(theirs.address)?);
            let gives = session.token_of(&state, &me, ticket)?;
            let mut first = side(gives, &me, give, theirs.address)?;
            first.memo = memo(remark.memo.as_deref())?;
            // What the other one happens to hold says nothing about what is to be taken.
            let takes = session.token_of_all(&state, &me, other_ticket)?;
            let second = side(takes, &them, take, mine.address)?;
            let expires = last_level(state.block().level, *valid_for);
            let transaction = Transaction { expires, operations: vec![first, second] };
            let signable = Signable::new(*state.rollup(), transaction);
            let mut signable = signable?;
            let plan = Plan::new(&session, &state, vec![signable.clone()])?;
            session.ui.say_words(&plan.text())?;
            plan.passes()?;
            if !out.dry_run {
                let confirm = ConfirmArgs { dry_run: false, yes: *yes };
                session.confirm_signing(&confirm, "Sign the offer?")?;
                signable.sign(mine.unlock(&session.keyring)?.key())?;
            }
            files::write(out, &signable.to_json(), &plan, ui)
        }
        SwapCommand::Accept { file, key, only_sign, wallet, sending } => {
            let signable = files::transaction(file)?;
            let session = Session::open(wallet, ui)?;
            accept(&session, file, signable, key, *only_sign, sending)
        }
    }
}

/// What one of the two gives.
fn side(token: Token, giver: &Account, amount: &str, to: Tz4Address) -> Result<Operation, Failure> {
    let amount = token.parse(amount)?;
    let to = vec![(Name::Address(to), amount)];
    Ok(Operation {
        signer: Name::Address(giver.address),
        counter: giver.counter,
        memo: None,
        actions: vec![Action::Transfers { ticket: TicketName::Full(token.ticket), to }],
    })
}

fn accept(
    session: &Session<'_>,
    file: &Path,
    signable: Signable,
    key: &str,
    only_sign: bool,
    sending: &SendingArgs,
) -> Result<Output, Failure> {
    let state = session.state()?;
    let problem = SigningError::in_file(file);
    if signable.rollup() != state.rollup() {
        let other = FileError::OtherRollup(*signable.rollup());
        return Err(problem(other).into());
    }
    let mine = session.account_ref(&state, key)?;
    mine.needs_key()?;
    if !signable.signers().contains(&mine.address) {
        return Err(problem(FileError::NotASigner(mine.address)).into());
    }
    let hash = signable.hash();
    // What has happened is told, and not refused as stale.
    if let Some((found, reached)) = status_at_head(session.wallet.node(), &hash)?
        && found.is_final()
    {
        return session.done_before(&[(hash, found, reached)]);
    }
    let mut plan = Plan::new(session, &state, vec![signable])?;
    let way = session.way_of(sending, &plan.transactions)?;
    plan.way = Some(way.told());
    if let Some(output) = session.confirm_plan(&plan, &sending.confirm)? {
        return Ok(output);
    }
    let secret = mine.unlock(&session.keyring)?;
    for one in &mut plan.transactions {
        one.sign(secret.key())?;
    }
    let missing: Vec<Tz4Address> = plan.transactions.iter().flat_map(|one| one.missing()).collect();
    if only_sign && let Some(one) = plan.transactions.first() {
        files::replace(file, &one.to_json())?;
        return signed_by(session.ui, &plan, &missing, &one.hash());
    }
    match missing.first() {
        Some(account) => Err(SigningError::NotSigned(plan.book.name(account)).into()),
        None => session.submit(&state, &plan, sending, &way),
    }
}
