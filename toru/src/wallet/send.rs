//! `toru send`: one payment, or a file of them.

use std::path::PathBuf;

use clap::Args;
use encoding::{Level, Tz4Address};
use inbox::v2::{Move, Name, Operation, TicketName, Transaction};
use wallet::state::State;
use wallet::ticket;
use wallet::transaction::Signable;

use super::failure::WalletFailure;
use super::plan::{Plan, memo};
use super::session::{Common, Sending, Session};
use crate::Output;
use crate::error::Failure;

/// `toru send`.
#[derive(Debug, Args)]
#[command(
    after_help = super::session::EXIT_CODES,
    override_usage = "toru send [OPTIONS] AMOUNT TICKET FROM TO\n       toru send [OPTIONS] --file FILE.csv --from FROM"
)]
pub struct SendArgs {
    /// How much, how TICKET counts: 12.5
    #[arg(value_name = "AMOUNT", required_unless_present = "file", requires = "ticket")]
    amount: Option<String>,

    /// Of what: NAME, KT1…/NAME, or #N
    #[arg(value_name = "TICKET", requires = "payer")]
    ticket: Option<String>,

    /// Who pays: a key's name, or dev0 to dev9 of the sandbox
    #[arg(value_name = "FROM", requires = "to")]
    payer: Option<String>,

    /// Who is paid: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(value_name = "TO")]
    to: Option<String>,

    /// Pay everybody in this file: lines of to,amount,ticket under a line that says so
    ///
    /// As many as fit a message are paid together, all of them or none.
    #[arg(long, value_name = "FILE.csv", requires = "from", conflicts_with = "amount")]
    file: Option<PathBuf>,

    /// Who pays, with --file
    #[arg(long, value_name = "FROM", requires = "file")]
    from: Option<String>,

    /// With --file: name accounts by their places in the rollup's registry, as the node tells them: a
    /// payment takes five bytes instead of some twenty-five
    #[arg(long, requires = "file")]
    by_place: bool,

    /// A remark that is kept with the result: up to 64 bytes, for everybody to see
    #[arg(long, value_name = "TEXT")]
    memo: Option<String>,

    /// It must not be applied after so many levels; 0 for no end
    #[arg(long, value_name = "LEVELS", default_value_t = 240)]
    valid_for: u32,

    /// Where.
    #[command(flatten)]
    common: Common,

    /// How.
    #[command(flatten)]
    sending: Sending,
}

/// Sends it.
pub fn send(args: &SendArgs) -> Result<Output, Failure> {
    let session = Session::open(&args.common)?;
    let state = session.state()?;
    let payer = args.payer.as_deref().or(args.from.as_deref()).unwrap_or_default();
    let payer = session.party(&state, payer)?;
    payer.needs_key()?;
    session.nothing_waits(&payer.address)?;
    let account = state.account(&payer.address).map_err(WalletFailure::State)?;
    let transactions = match &args.file {
        Some(file) => super::payments::read(&session, &state, &account, file, args.by_place)?,
        None => {
            let [amount, wanted, to] = [&args.amount, &args.ticket, &args.to]
                .map(|word| word.as_deref().unwrap_or_default());
            let to = session.party(&state, to)?;
            vec![vec![session.payment(&state, &account, amount, wanted, to.address)?]]
        }
    };
    let memo = memo(args.memo.as_deref())?;
    let expires = last_level(&state, args.valid_for);
    let mut counter = account.counter;
    let mut signables = Vec::with_capacity(transactions.len());
    for moves in transactions {
        let signer = Name::Address(payer.address);
        let operation = Operation { signer, counter, memo: memo.clone(), moves };
        let transaction = Transaction { expires, operations: vec![operation] };
        let signable = Signable::new(*state.rollup(), transaction);
        signables.push(signable.map_err(WalletFailure::Signing)?);
        counter = counter.next().unwrap_or(counter);
    }
    let mut plan = Plan::new(&session, &state, signables)?;
    if let Some(output) = session.agreed(&plan, &args.sending)? {
        return Ok(output);
    }
    let secret = payer.unlock(&session)?;
    for one in &mut plan.transactions {
        one.sign(secret.key()).map_err(WalletFailure::Signing)?;
    }
    session.submit(&state, &plan, &args.sending)
}

/// The last of so many levels from the next one on; none is no end.
///
/// What is signed is not good for ever unless that is asked for: a node that says a counter is further on
/// than it is would have a payment for later.
pub(super) fn last_level(state: &State<'_>, levels: u32) -> Option<Level> {
    let more = i32::try_from(levels).unwrap_or(i32::MAX);
    (levels > 0).then(|| Level(state.block().level.0.saturating_add(more)))
}

impl Session {
    /// A payment of a ticket that is named as people do, among those that the payer holds.
    pub fn payment(
        &self,
        state: &State<'_>,
        payer: &wallet::state::Account,
        amount: &str,
        wanted: &str,
        to: Tz4Address,
    ) -> Result<Move, Failure> {
        let token = self.token_of(state, payer, wanted)?;
        let amount = token.parse(amount).map_err(WalletFailure::Amount)?;
        let ticket = TicketName::Full(token.ticket);
        Ok(Move::Transfers { ticket, to: vec![(Name::Address(to), amount)] })
    }

    /// The ticket that somebody means who holds some.
    pub fn token_of(
        &self,
        state: &State<'_>,
        holder: &wallet::state::Account,
        wanted: &str,
    ) -> Result<ticket::Token, Failure> {
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let token = state.token(&tokens, holder, wanted).map_err(WalletFailure::State)?;
        Ok(token.map_err(WalletFailure::Ticket)?)
    }
}
