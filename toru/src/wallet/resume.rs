//! `toru send --resume`: goes on with payments that were begun. What can still be applied is sent as it was
//! signed; only when nothing can is what was not paid signed anew.

use encoding::Tz4Address;
use keys::Secret;
use serde_json::{Value, json};
use wallet::patience::Patience;
use wallet::pay::{PayError, SameAs, SentBefore};
use wallet::payments::{NextStep, PaymentProgress, PaymentStore, Payments, StoredPayments};

use super::error::payment::PaymentError;
use super::paying::Payout;
use super::plan::Plan;
use super::rows::PaymentsReport;
use super::session::Session;
use super::via::Way;
use crate::cli::groups::{PaymentsArgs, SendingArgs};
use crate::error::Failure;
use crate::ui::{Output, json_line};

/// How it is gone on.
pub(super) struct Resuming<'a> {
    /// What it is called: a file, or a payment.
    pub what: String,
    /// The command that goes on with it once more.
    pub command: String,
    /// How many levels what is signed anew is valid for.
    pub valid_for: u32,
    /// Whether what is signed anew names tickets by their indexes.
    pub by_index: bool,
    /// How it is sent.
    pub sending: &'a SendingArgs,
    /// The command that goes on with it by the node.
    pub by_node: String,
    /// By which way.
    pub way: &'a Way,
    /// Where payments are recorded.
    pub records: &'a PaymentsArgs,
}

impl Resuming<'_> {
    fn payout<'k>(&'k self, key: Option<&'k Secret>) -> Payout<'k> {
        Payout {
            args: self.sending,
            resume: &self.command,
            by_node: &self.by_node,
            way: self.way,
            key,
            records: self.records,
        }
    }
}

impl Session<'_> {
    /// Goes on with what was begun last and is not over.
    pub fn resume(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        payer: Option<Tz4Address>,
        how: &Resuming<'_>,
    ) -> Result<Output, Failure> {
        let found = self.wallet.unfinished(store, same, payer)?;
        let Some(SentBefore { mut stored, progress }) = found else {
            return Err(PaymentError::NothingToResume(how.what.clone()).into());
        };
        let progress = self.ask_batchers(store, &mut stored, progress)?;
        let args = how.sending;
        if args.confirm.dry_run {
            return self.as_it_stands(&stored.payments, &progress, how, None);
        }
        let waits = args.wait.wait.is_some();
        // Ctrl-C ends the process here, as nothing has been sent yet.
        let patience = if waits { Patience::lasting(args.wait.time()) } else { Patience::none() };
        let (progress, step) = self.wallet.next_step(store, &mut stored, progress, &patience)?;
        match step {
            NextStep::Nothing if waits => self.send_again(store, stored, &progress, &[], how),
            NextStep::Nothing => self.as_it_stands(&stored.payments, &progress, how, None),
            NextStep::Send(open) => self.send_again(store, stored, &progress, &open, how),
            NextStep::SignAnew(rows) => self.sign_anew(store, stored, &rows, how),
            NextStep::Unknown(_) => {
                let tokens = self.state()?.tokens()?;
                let report = PaymentsReport::new(
                    &stored.payments,
                    &progress.now,
                    &tokens,
                    self.wallet.pins(),
                );
                let failure = report.unknown();
                self.as_it_stands(&stored.payments, &progress, how, failure)
            }
            NextStep::Wait => {
                let rows = progress.rows(&stored.payments);
                let failure = PaymentError::NotPaidYet {
                    open: rows.iter().filter(|status| status.is_dead()).count(),
                    of: rows.len(),
                    why:
                        "what was signed can come back with a reorganisation of layer 1 until two \
                          more levels are there"
                            .to_owned(),
                    resume: how.command.clone(),
                };
                self.as_it_stands(&stored.payments, &progress, how, Some(failure))
            }
        }
    }

    /// What became of payments so far, and nothing is sent.
    fn as_it_stands(
        &self,
        payments: &Payments,
        progress: &PaymentProgress,
        how: &Resuming<'_>,
        failure: Option<PaymentError>,
    ) -> Result<Output, Failure> {
        let tokens = self.state()?.tokens()?;
        let report = PaymentsReport::new(payments, &progress.now, &tokens, self.wallet.pins());
        let text = match self.ui.is_json() {
            true => {
                let hashes =
                    payments.transactions.iter().map(|sent| sent.signable.hash().to_string());
                json_line(&json!({
                    "sent": false, "hashes": hashes.collect::<Value>(), "rows": report.json(),
                }))?
            }
            false => {
                let all = self.verbose || failure.is_some();
                format!("{}: {}\n{}", how.what, report.summary(), report.lines(self, all)?)
            }
        };
        Ok(Output { text, refused: failure.map(Into::into) })
    }

    /// Sends what can still be applied, as it was signed, except for what the node's batcher has.
    fn send_again(
        &self,
        store: &PaymentStore,
        stored: StoredPayments,
        progress: &PaymentProgress,
        open: &[usize],
        how: &Resuming<'_>,
    ) -> Result<Output, Failure> {
        // A batcher knows what it has by its hash, and the node may have lost what it was given.
        let again = match how.way {
            Way::Batcher(_) => open.to_vec(),
            Way::Node | Way::Layer1 => self.wallet.not_queued(&stored.payments, open),
        };
        let state = self.state()?;
        let tokens = state.tokens()?;
        let report = PaymentsReport::new(&stored.payments, &progress.now, &tokens, state.pins());
        self.ui.say_words(&format!("{}: {}\n", how.what, report.summary()))?;
        self.pay(store, &state, stored, &again, Value::Null, how.payout(None))
    }

    /// Signs rows anew of which nothing can be applied any more, and sends them.
    fn sign_anew(
        &self,
        store: &PaymentStore,
        mut stored: StoredPayments,
        rows: &[usize],
        how: &Resuming<'_>,
    ) -> Result<Output, Failure> {
        let state = self.state()?;
        let payer = self.by_address(stored.payments.payer)?;
        payer.needs_key()?;
        let expires = how.way.expires(state.block().level, how.valid_for);
        let draft =
            self.wallet.draft_anew(&state, &stored.payments, rows, expires, how.by_index)?;
        self.note_unsigned(&payer.address, draft.unsigned)?;
        let paid = rows.first().and_then(|row| stored.payments.rows.get(*row));
        let draft = match how.way.batcher() {
            Some(through) => {
                let account = state.account(&payer.address)?;
                let paid = paid.map(|row| &row.ticket);
                through.shape(self, &state, &account, paid, draft, how.sending)?
            }
            None => draft,
        };
        let mut plan = Plan::new(self, &state, draft.transactions.clone())?;
        plan.messages = plan.messages_of(&state, &payer)?;
        let lines = draft.rows.iter().map(|rows| lines_of(&stored.payments, rows));
        plan.lines = lines.collect();
        plan.way = Some(how.way.told());
        plan.title = Some(format!("{}, once more what was not paid", how.what));
        if let Some(output) = self.confirm_plan(&plan, &how.sending.confirm)? {
            return Ok(output);
        }
        let secret = payer.unlock(&self.keyring)?;
        let which = self.wallet.sign_anew(store, &state, &mut stored, draft, secret.key());
        let which = which.map_err(|error| match error {
            PayError::GoneOn => PaymentError::GoneOn(how.what.clone()).into(),
            other => Failure::from(other),
        })?;
        self.pay(store, &state, stored, &which, plan.json(), how.payout(Some(&secret)))
    }
}

/// The lines of some rows.
fn lines_of(payments: &Payments, rows: &[usize]) -> Vec<u64> {
    rows.iter().map(|row| payments.rows.get(*row).map_or(0, |row| row.line)).collect()
}
