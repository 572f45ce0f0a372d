//! `toru send`: one payment, or a file of them.

mod args;

use inbox::v2::Name;
use wallet::packing::Payment;
use wallet::pay::{PayError, PaymentRequest, SameAs, SentBefore};
use wallet::payments::Row;
use wallet::state::{Account, RollupState};
use wallet::transaction_status::TransactionStatus;

use super::error::payment::PaymentError;
use super::folders;
use super::memo::{bytes_of, memo};
use super::paying::Payout;
use super::payments::{self, SheetArgs, SheetPayments};
use super::plan::Plan;
use super::resume::Resuming;
use super::rows::PaymentsReport;
use super::session::Session;
use super::via::{Usual, Way};
use crate::error::Failure;
use crate::ui::{Output, Ui};

pub use args::SendArgs;

/// Sends it.
pub fn send(args: &SendArgs, ui: &Ui) -> Result<Output, Failure> {
    // What is missing is said before any node is asked.
    if args.file.is_none() {
        args.payer().and_then(|_| args.receiver())?;
    } else if !args.resume {
        args.payer()?;
    }
    let bytes = args.file.as_deref().map(payments::bytes).transpose()?;
    let file = args.file.as_deref().zip(bytes.as_deref());
    let source = file.map(|(path, bytes)| payments::source(path, bytes));
    let session = Session::open(&args.wallet, ui)?.with_payments(&args.records);
    let state = session.state()?;
    let store = folders::payments(&args.records, state.rollup())?;
    let (resume, by_node) = (args.resuming(args.sending.via.named()), args.resuming(Some("node")));
    let usual = match &args.file {
        // A file is made for messages that its payer fills alone.
        Some(_) => Usual::Node,
        None => Usual::Sandbox { valid_for: args.expiry.valid_for },
    };
    let way = session.way(&args.sending, usual)?;
    if let Some(source) = source.as_ref().filter(|_| args.resume) {
        let (file, digest) = (Some(source), source.digest);
        let same = SameAs { file, digest, rows: None, goes_on: true };
        let payer = args.payer().ok().map(|word| session.account_ref(&state, word)).transpose()?;
        let payer = payer.map(|payer| payer.address);
        return session.resume(
            &store,
            &same,
            payer,
            &args.how(&source.name, &resume, &by_node, &way),
        );
    }
    let payer = session.account_ref(&state, args.payer()?)?;
    payer.needs_key()?;
    let account = state.account(&payer.address)?;
    let SheetPayments { rows, payments } = match file {
        Some((path, bytes)) => {
            let sheet = SheetArgs {
                ignored: &args.ignore_columns,
                memo: args.memo.memo.as_deref(),
                by_index: args.by_index,
            };
            payments::read(&session, &state, &account, path, bytes, &sheet)?
        }
        None => session.single(&state, &account, args)?,
    };
    let request = PaymentRequest {
        payer: payer.address,
        file: source,
        rows,
        payments,
        expires: way.expires(state.block().level, args.expiry.valid_for),
        by_index: args.by_index,
        again: args.again,
    };
    if args.resume {
        let same = SameAs { goes_on: true, ..request.same() };
        let how = args.how("the payment", &resume, &by_node, &way);
        return session.resume(&store, &same, Some(payer.address), &how);
    }
    let failing = |error: PayError| match error {
        PayError::SentBefore(before) => match sent_before(&state, &request, &before, &resume) {
            Ok(error) => error.into(),
            Err(failure) => failure,
        },
        other => other.into(),
    };
    let draft = session.wallet.draft(&store, &state, &request).map_err(failing)?;
    session.note_unsigned(&payer.address, draft.unsigned)?;
    let draft = match way.batcher() {
        Some(through) => {
            let paid = request.payments.first().map(|one| &one.token.ticket);
            through.shape(&session, &state, &account, paid, draft, &args.sending)?
        }
        None => draft,
    };
    let mut plan = Plan::new(&session, &state, draft.transactions.clone())?;
    plan.way = Some(way.told());
    plan.messages = plan.messages_of(&state, &payer)?;
    if let Some(source) = &request.file {
        plan.title = Some(format!("{}, blake2b {}", source.name, source.digest));
        plan.objection = payments::too_much(&state, &account, args.payer()?, &request)?;
        let line = |at: &usize| request.rows.get(*at).map_or(0, |row| row.line);
        plan.lines = draft.rows.iter().map(|rows| rows.iter().map(line).collect()).collect();
    }
    if let Some(output) = session.confirm_plan(&plan, &args.sending.confirm)? {
        return Ok(output);
    }
    let secret = payer.unlock(&session.keyring)?;
    let stored = session.wallet.sign(&store, &state, &request, draft, secret.key());
    let stored = stored.map_err(failing)?;
    let which: Vec<usize> = (0..stored.payments.transactions.len()).collect();
    let how = Payout {
        args: &args.sending,
        resume: &resume,
        by_node: &by_node,
        way: &way,
        key: Some(&secret),
        records: &args.records,
    };
    session.pay(&store, &state, stored, &which, plan.json(), how)
}

/// What is to be said of what was sent before.
fn sent_before(
    state: &RollupState<'_>,
    request: &PaymentRequest,
    before: &SentBefore,
    resume: &str,
) -> Result<PaymentError, Failure> {
    let SentBefore { stored, progress } = before;
    let tokens = state.tokens()?;
    let report = PaymentsReport::new(&stored.payments, &progress.now, &tokens, state.pins());
    let what = match (&request.file, &stored.payments.file) {
        (Some(file), Some(old)) if file.digest == old.digest => file.name.clone(),
        (_, Some(old)) => format!("a payment of it, in {},", old.name),
        _ => "the same payment".to_owned(),
    };
    Ok(PaymentError::SentBefore {
        what,
        progress: report.summary(),
        is_open: progress.now.iter().any(TransactionStatus::is_open),
        is_paid: progress.now.iter().all(|one| matches!(one, TransactionStatus::Applied(_))),
        resume: resume.to_owned(),
    })
}

impl SendArgs {
    /// How it is gone on with.
    fn how<'a>(&'a self, what: &str, resume: &str, by_node: &str, way: &'a Way) -> Resuming<'a> {
        Resuming {
            what: what.to_owned(),
            command: resume.to_owned(),
            by_node: by_node.to_owned(),
            way,
            records: &self.records,
            valid_for: self.expiry.valid_for,
            by_index: self.by_index,
            sending: &self.sending,
        }
    }
}

impl Session<'_> {
    /// A single payment.
    fn single(
        &self,
        state: &RollupState<'_>,
        payer: &Account,
        args: &SendArgs,
    ) -> Result<SheetPayments, Failure> {
        let [amount, wanted] =
            [&args.amount, &args.ticket].map(|word| word.as_deref().unwrap_or_default());
        let to = self.account_ref(state, args.receiver()?)?;
        let token = self.token_of(state, payer, wanted)?;
        let amount = token.parse(amount)?;
        let memo = memo(args.memo.memo.as_deref())?;
        let kept = memo.as_ref().and_then(bytes_of);
        let ticket = token.ticket.clone();
        let row = Row { line: 0, to: to.address, ticket, amount, memo: kept };
        let payment = Payment { to: Name::Address(to.address), token, amount, memo };
        Ok(SheetPayments { rows: vec![row], payments: vec![payment] })
    }
}
