//! `toru send`: one payment, or a file of them.

use std::path::PathBuf;

use clap::Args;
use encoding::{Level, Tz4Address};
use inbox::v2::{Action, Name, TicketName};
use wallet::bundle::{self, bundle};
use wallet::packing::Payment;
use wallet::payments::{Payments, Row, digest_of};
use wallet::state::RollupState;
use wallet::ticket;

use super::account_ref::AccountRef;
use super::earlier::{PaymentsArgs, SameAs};
use super::failure::WalletFailure;
use super::payments::{Asked, Wanted, bytes_of};
use super::plan::{Plan, memo};
use super::resume::{Crafter, Resuming};
use super::session::{Common, ENDPOINT, Sending, Session};
use crate::Output;
use crate::error::Failure;

/// `toru send`.
#[derive(Debug, Args)]
#[command(
    after_help = super::session::EXIT_CODES,
    override_usage = "toru send [OPTIONS] AMOUNT TICKET FROM TO\n       \
                      toru send [OPTIONS] AMOUNT TICKET --from FROM --to TO\n       \
                      toru send [OPTIONS] --file FILE.csv --from FROM\n       \
                      toru send [OPTIONS] --file FILE.csv --resume"
)]
pub struct SendArgs {
    /// How much, how TICKET counts: 12.5
    #[arg(
        value_name = "AMOUNT",
        required_unless_present = "file",
        requires = "ticket",
        allow_negative_numbers = true
    )]
    amount: Option<String>,

    /// Of what: NAME, KT1…/NAME, or #N
    #[arg(value_name = "TICKET")]
    ticket: Option<String>,

    /// Who pays: a key's name, or dev0 to dev9 of the sandbox
    #[arg(value_name = "FROM", conflicts_with = "from")]
    payer: Option<String>,

    /// Who is paid: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(value_name = "TO", conflicts_with = "receiver")]
    to: Option<String>,

    /// Pay everybody in this file: lines of to,amount,ticket and perhaps memo, under a line that says so
    ///
    /// As many as fit a message are paid together, all of them or none: a long file is one batch a message.
    /// Fields are separated by commas, semicolons or tabs.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "amount")]
    file: Option<PathBuf>,

    /// With --file: columns that are passed over
    #[arg(long, value_name = "TITLE,…", value_delimiter = ',', requires = "file")]
    ignore_columns: Vec<String>,

    /// Who pays
    #[arg(long, value_name = "FROM")]
    from: Option<String>,

    /// Who is paid
    #[arg(long = "to", value_name = "TO", conflicts_with = "file")]
    receiver: Option<String>,

    /// With --file: name accounts by their indexes in the rollup's registry, as the node tells them: a
    /// payment takes five bytes instead of some twenty-five
    #[arg(long, requires = "file")]
    by_index: bool,

    /// Go on with what was begun: what was signed is sent again as it is, and signed anew only once it can
    /// no longer be applied
    #[arg(long, conflicts_with = "again")]
    resume: bool,

    /// Pay it a second time, whatever became of the first
    #[arg(long)]
    again: bool,

    /// A remark that is kept with the result: up to 64 bytes, for everybody to see
    #[arg(long, value_name = "TEXT")]
    memo: Option<String>,

    /// It must not be applied after so many levels; 0 for no end
    #[arg(long, value_name = "LEVELS", default_value_t = 240)]
    valid_for: u32,

    /// Where payments are recorded.
    #[command(flatten)]
    kept: PaymentsArgs,

    /// Where.
    #[command(flatten)]
    common: Common,

    /// How.
    #[command(flatten)]
    sending: Sending,
}

impl SendArgs {
    /// Who pays.
    fn payer(&self) -> Result<&str, Failure> {
        let payer = self.payer.as_deref().or(self.from.as_deref());
        payer.ok_or_else(|| missing("nobody is said to pay", "--from FROM says who pays; usage: toru send AMOUNT TICKET FROM TO; toru send --help says more"))
    }

    /// Who is paid, of a single payment.
    fn receiver(&self) -> Result<&str, Failure> {
        let receiver = self.to.as_deref().or(self.receiver.as_deref());
        receiver.ok_or_else(|| {
            missing(
                "nobody is said to be paid",
                "--to TO says who is paid; a shell takes #1 for a comment: write '#1'; \
                 usage: toru send AMOUNT TICKET FROM TO; toru send --help says more",
            )
        })
    }

    /// The command that goes on with it, from where this one was given: with everything that decides which
    /// payment it is, and where it is looked for.
    fn resuming(&self) -> String {
        let words = match &self.file {
            Some(file) => format!("--file {}", shell(&file.display().to_string())),
            None => {
                let words = [&self.amount, &self.ticket, &self.payer, &self.to];
                let words: Vec<String> =
                    words.into_iter().flatten().map(|word| shell(word)).collect();
                let named = [("--from", &self.from), ("--to", &self.receiver)];
                let named = named.into_iter().filter_map(|(name, value)| {
                    value.as_ref().map(|value| format!(" {name} {}", shell(value)))
                });
                format!("{}{}", words.join(" "), named.collect::<String>())
            }
        };
        let folder = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let Common { endpoint, rollup, keys, password_file, .. } = &self.common;
        let endpoint = (endpoint != ENDPOINT).then(|| endpoint.clone());
        // A remark makes a single payment another one. A file's rows are on record with theirs.
        let memo = self.memo.clone().filter(|_| self.file.is_none());
        let options = [
            ("--memo", None, memo),
            ("--payments", Some("TORU_PAYMENTS"), folder(self.kept.folder())),
            ("--endpoint", Some("TORU_ENDPOINT"), endpoint),
            ("--rollup", Some("TORU_ROLLUP"), rollup.clone()),
            ("--keys", Some("TORU_KEYS"), folder(keys)),
            ("--password-file", Some("TORU_PASSWORD_FILE"), folder(password_file)),
        ];
        let options = options.into_iter().filter_map(|(name, variable, value)| {
            // What the environment says, it says to the next command too.
            let is_said = |value: &String| {
                variable.and_then(std::env::var_os).is_some_and(|said| said == value.as_str())
            };
            let value = value.filter(|value| !is_said(value))?;
            Some(format!(" {name} {}", shell(&value)))
        });
        let options: String = options.collect();
        let by_index = if self.by_index { " --by-index" } else { "" };
        format!("toru send {words}{options}{by_index} --resume")
    }
}

fn missing(problem: &str, hint: &str) -> Failure {
    Failure::Usage { problem: problem.to_owned(), hint: hint.to_owned() }
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/%+:,@".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", crate::plain::one_line(word).replace('\'', "'\\''")),
    }
}

/// Sends it.
pub fn send(args: &SendArgs) -> Result<Output, Failure> {
    // What is missing is said before any node is asked.
    if args.file.is_none() {
        args.payer().and_then(|_| args.receiver())?;
    } else if !args.resume {
        args.payer()?;
    }
    let bytes = args.file.as_deref().map(super::payments::bytes).transpose()?;
    let file = args.file.as_deref().zip(bytes.as_deref());
    let source = file.map(|(path, bytes)| super::payments::source(path, bytes));
    let session = Session::open(&args.common)?;
    let state = session.state()?;
    let store = args.kept.store(state.rollup())?;
    let resume = args.resuming();
    if let Some(source) = source.as_ref().filter(|_| args.resume) {
        let (file, digest) = (Some(source), source.digest);
        let same = SameAs { file, digest, rows: None, goes_on: true };
        let payer = args.payer().ok().map(|word| session.account_ref(&state, word)).transpose()?;
        let payer = payer.map(|payer| payer.address);
        return session.resume(&store, &same, payer, &args.how(&source.name, &resume));
    }
    let payer = session.account_ref(&state, args.payer()?)?;
    payer.needs_key()?;
    let account = state.account(&payer.address).map_err(WalletFailure::State)?;
    let wanted = match file {
        Some((path, bytes)) => {
            let asked = Asked {
                ignored: &args.ignore_columns,
                memo: args.memo.as_deref(),
                by_index: args.by_index,
            };
            super::payments::read(&session, &state, &account, path, bytes, &asked)?
        }
        None => session.single(&state, &account, args)?,
    };
    let same = SameAs {
        file: source.as_ref(),
        digest: source.as_ref().map_or_else(|| digest_of(&wanted.rows), |source| source.digest),
        rows: Some((&payer.address, &wanted.rows)),
        goes_on: args.resume,
    };
    if args.resume {
        let how = args.how("the payment", &resume);
        return session.resume(&store, &same, Some(payer.address), &how);
    }
    if !args.again {
        session.refuse_twice(&store, &same, &state, &resume, None)?;
    }
    session.nothing_waits(&payer.address)?;
    let made = Crafter {
        payer: payer.address,
        counter: account.counter,
        expires: last_level(&state, args.valid_for),
        by_index: args.by_index,
    };
    let (signables, indexes) = made.transactions(&state, &wanted.payments)?;
    let mut plan = Plan::new(&session, &state, signables)?;
    plan.messages = messages_of(&state, &payer, &plan)?;
    if let Some(source) = &source {
        plan.title = Some(format!("{}, blake2b {}", source.name, source.digest));
        plan.objection = super::payments::too_much(&state, &account, &wanted)?;
        let line = |at: &usize| wanted.rows.get(*at).map_or(0, |row| row.line);
        plan.lines = indexes.iter().map(|indexes| indexes.iter().map(line).collect()).collect();
    }
    if let Some(output) = session.confirm_plan(&plan, &args.sending)? {
        return Ok(output);
    }
    let secret = payer.unlock(&session)?;
    for one in &mut plan.transactions {
        one.sign(secret.key()).map_err(WalletFailure::Signing)?;
    }
    let registered = state.registered(&plan.transactions).map_err(WalletFailure::State)?;
    let messages = bundle(state.rollup(), &plan.transactions, &registered);
    let payments = Payments {
        rollup: *state.rollup(),
        payer: payer.address,
        file: wanted.file.clone(),
        rows: wanted.rows.clone(),
        transactions: super::resume::sent(&state, &plan.transactions, &indexes, Some),
        messages: messages.map_err(WalletFailure::Bundle)?,
    };
    // On the disk before anybody can have it; and nobody else puts the same there in between.
    let lock = store.lock().map_err(WalletFailure::Payments)?;
    if !args.again {
        session.refuse_twice(&store, &same, &state, &resume, Some(&lock))?;
    }
    let kept = store.add(payments, &lock).map_err(WalletFailure::Payments)?;
    drop(lock);
    let which: Vec<usize> = (0..kept.payments.transactions.len()).collect();
    session.pay(&store, &state, kept, &which, plan.json(), (&args.sending, &resume))
}

/// How many messages a plan of one signer makes.
pub(super) fn messages_of(
    state: &RollupState<'_>,
    payer: &AccountRef,
    plan: &Plan,
) -> Result<Option<usize>, Failure> {
    let Some(key) = payer.public_key()? else { return Ok(None) };
    let registered = state.registered(&plan.transactions).map_err(WalletFailure::State)?;
    let count = bundle::messages(state.rollup(), &plan.transactions, &registered, &key);
    Ok(Some(count.map_err(WalletFailure::Bundle)?))
}

/// The last of so many levels from the next one on; none is no end.
///
/// What is signed is not good for ever unless that is asked for: a node that says a counter is further on
/// than it is would have a payment for later.
pub(super) fn last_level(state: &RollupState<'_>, levels: u32) -> Option<Level> {
    let more = i32::try_from(levels).unwrap_or(i32::MAX);
    (levels > 0).then(|| Level(state.block().level.0.saturating_add(more)))
}

impl SendArgs {
    /// How it is gone on with.
    fn how(&self, what: &str, resume: &str) -> Resuming<'_> {
        Resuming {
            what: what.to_owned(),
            command: resume.to_owned(),
            valid_for: self.valid_for,
            by_index: self.by_index,
            sending: &self.sending,
        }
    }
}

impl Session {
    /// A single payment.
    fn single(
        &self,
        state: &RollupState<'_>,
        payer: &wallet::state::Account,
        args: &SendArgs,
    ) -> Result<Wanted, Failure> {
        let [amount, wanted] =
            [&args.amount, &args.ticket].map(|word| word.as_deref().unwrap_or_default());
        let to = self.account_ref(state, args.receiver()?)?;
        let token = self.token_of(state, payer, wanted)?;
        let amount = token.parse(amount).map_err(WalletFailure::Amount)?;
        let memo = memo(args.memo.as_deref())?;
        let kept = memo.as_ref().and_then(bytes_of);
        let ticket = token.ticket.clone();
        let row = Row { line: 0, to: to.address, ticket, amount, memo: kept };
        let payment = Payment { to: Name::Address(to.address), token, amount, memo };
        Ok(Wanted { file: None, rows: vec![row], payments: vec![payment] })
    }

    /// A payment of a ticket that is named as people do, among those that the payer holds.
    pub fn payment(
        &self,
        state: &RollupState<'_>,
        payer: &wallet::state::Account,
        amount: &str,
        wanted: &str,
        to: Tz4Address,
    ) -> Result<Action, Failure> {
        let token = self.token_of(state, payer, wanted)?;
        let amount = token.parse(amount).map_err(WalletFailure::Amount)?;
        let ticket = TicketName::Full(token.ticket);
        Ok(Action::Transfers { ticket, to: vec![(Name::Address(to), amount)] })
    }

    /// The ticket that somebody means who holds some.
    pub fn token_of(
        &self,
        state: &RollupState<'_>,
        holder: &wallet::state::Account,
        wanted: &str,
    ) -> Result<ticket::Token, Failure> {
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let token = state.token(&tokens, holder, wanted).map_err(WalletFailure::State)?;
        Ok(token.map_err(WalletFailure::Ticket)?)
    }

    /// The ticket that a word means whatever anybody holds: one, or it is refused.
    pub fn token_of_all(
        &self,
        state: &RollupState<'_>,
        wanted: &str,
    ) -> Result<ticket::Token, Failure> {
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let token = ticket::find(&tokens, &[], wanted).map_err(WalletFailure::Ticket)?;
        Ok(token.clone())
    }
}
