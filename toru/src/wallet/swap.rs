//! `toru swap`: two people exchange tickets in one transaction, all of it or nothing.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use encoding::Tz4Address;
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use wallet::follow::status_at_head;
use wallet::state::Account;
use wallet::ticket::Token;
use wallet::transaction::Signable;

use super::failure::WalletFailure;
use super::files::{self, OutArgs};
use super::plan::{Plan, memo};
use super::send::last_level;
use super::session::{Common, Sending, Session};
use super::submit::say;
use crate::Output;
use crate::error::Failure;

/// `toru swap`.
#[derive(Debug, Args)]
#[command(after_help = super::session::EXIT_CODES)]
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
        /// Of what: NAME, KT1…/NAME, or #N
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
        #[arg(long, value_name = "LEVELS", default_value_t = 240, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        valid_for: u32,
        /// A remark that is kept with the result: up to 64 bytes, for everybody to see
        #[arg(long, value_name = "TEXT")]
        memo: Option<String>,
        /// Do not ask whether it is to be signed
        #[arg(long)]
        yes: bool,
        /// Where to.
        #[command(flatten)]
        out: OutArgs,
        /// Where.
        #[command(flatten)]
        common: Common,
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
        common: Common,
        /// How.
        #[command(flatten)]
        sending: Sending,
    },
}

/// Does what the command says.
pub fn swap(args: &SwapArgs) -> Result<Output, Failure> {
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
            common,
        } => {
            let session = Session::open(common)?;
            let state = session.state()?;
            let mine = session.account_ref(&state, from)?;
            mine.needs_key()?;
            let theirs = session.account_ref(&state, with)?;
            if mine.address == theirs.address {
                return Err(WalletFailure::SwapWithOneself.into());
            }
            let account = |address| state.account(&address).map_err(WalletFailure::State);
            let (me, them) = (account(mine.address)?, account(theirs.address)?);
            let gives = session.token_of(&state, &me, ticket)?;
            let mut first = side(gives, &me, give, theirs.address)?;
            first.memo = memo(remark.as_deref())?;
            // What the other one happens to hold says nothing about what is to be taken.
            let takes = session.token_of_all(&state, other_ticket)?;
            let second = side(takes, &them, take, mine.address)?;
            let expires = last_level(&state, *valid_for);
            let transaction = Transaction { expires, operations: vec![first, second] };
            let signable = Signable::new(*state.rollup(), transaction);
            let mut signable = signable.map_err(WalletFailure::Signing)?;
            let plan = Plan::new(&session, &state, vec![signable.clone()])?;
            if !session.json {
                say(&plan.text())?;
            }
            plan.passes()?;
            if !out.dry_run {
                session.confirm(*yes, "Sign the offer?")?;
                signable.sign(mine.unlock(&session)?.key()).map_err(WalletFailure::Signing)?;
            }
            out.write(&signable.to_json(), &plan, session.json)
        }
        SwapCommand::Accept { file, key, only_sign, common, sending } => {
            let signable = files::transaction(file)?;
            let session = Session::open(common)?;
            accept(&session, file, signable, key, *only_sign, sending)
        }
    }
}

/// What one of the two gives.
fn side(token: Token, giver: &Account, amount: &str, to: Tz4Address) -> Result<Operation, Failure> {
    let amount = token.parse(amount).map_err(WalletFailure::Amount)?;
    let to = vec![(Name::Address(to), amount)];
    Ok(Operation {
        signer: Name::Address(giver.address),
        counter: giver.counter,
        memo: None,
        actions: vec![Action::Transfers { ticket: TicketName::Full(token.ticket), to }],
    })
}

fn accept(
    session: &Session,
    file: &std::path::Path,
    signable: Signable,
    key: &str,
    only_sign: bool,
    sending: &Sending,
) -> Result<Output, Failure> {
    let state = session.state()?;
    let problem = |problem| WalletFailure::File { path: file.to_owned(), problem };
    if signable.rollup() != state.rollup() {
        let other = wallet::error::FileError::OtherRollup(*signable.rollup());
        return Err(problem(other).into());
    }
    let mine = session.account_ref(&state, key)?;
    mine.needs_key()?;
    if !signable.signers().contains(&mine.address) {
        return Err(problem(wallet::error::FileError::NotASigner(mine.address)).into());
    }
    let hash = signable.hash();
    // What has happened is told, and not refused as stale.
    if let Some((found, reached)) =
        status_at_head(&session.node, &hash).map_err(WalletFailure::State)?
        && found.is_final()
    {
        return session.done_before(&[(hash, found, reached)]);
    }
    let mut plan = Plan::new(session, &state, vec![signable])?;
    if let Some(output) = session.confirm_plan(&plan, sending)? {
        return Ok(output);
    }
    let secret = mine.unlock(session)?;
    for one in &mut plan.transactions {
        one.sign(secret.key()).map_err(WalletFailure::Signing)?;
    }
    let missing: Vec<Tz4Address> = plan.transactions.iter().flat_map(|one| one.missing()).collect();
    if only_sign && let Some(one) = plan.transactions.first() {
        files::replace(file, &one.to_json())?;
        return super::tx::signed_by(session, &plan, &missing, &one.hash());
    }
    match missing.first() {
        Some(account) => Err(WalletFailure::NotSigned(plan.book.name(account)).into()),
        None => session.submit(&state, &plan, sending),
    }
}
