//! `toru payout run`: a plan is recorded, sent, and followed; killed anywhere, it goes on where it was.

use std::path::PathBuf;

use serde_json::{Value, json};
use wallet::follow::Settlement;
use wallet::following::FollowEnd;
use wallet::patience::Patience;
use wallet::pay::PayError;
use wallet::payments::{NextStep, PaymentStore};
use wallet::payout::{PayoutError, PayoutPart, PayoutPlan};
use wallet::state::RollupState;

use super::super::error::payout::PayoutFailure;
use super::super::folders;
use super::super::interrupt::patience;
use super::super::session::Session;
use super::args::RunArgs;
use super::file;
use super::plan::simulated;
use super::status::PayoutStatus;
use super::text::{plan_json, plan_text, who};
use crate::error::Failure;
use crate::exit::Exit;
use crate::shell;
use crate::ui::{Output, Ui, json_line};

/// Sends a plan, or goes on with it.
pub(super) fn run(args: &RunArgs, ui: &Ui) -> Result<Output, Failure> {
    let plan = joined(&args.plans)?;
    is_signed(&plan, &args.plans)?;
    let session = Session::open(&args.wallet, ui)?.with_payments(&args.records);
    session.by_node(&args.sending, "a payout")?;
    let state = session.state()?;
    let store = folders::payments(&args.records, state.rollup())?;
    let run = Run { session: &session, state, store, plan: &plan, args };
    let mut parts =
        session.wallet.payout_progress(&run.store, &plan).map_err(|e| run.failing(e))?;
    let is_new = !parts.iter().any(PayoutPart::is_begun);
    if is_new {
        run.check(&parts)?;
        ui.say_words(&plan_text(&plan, session.verbose, Some(run.state.block().level)))?;
        if args.sending.confirm.dry_run {
            let told = json!({"plan": plan_json(&plan), "sent": false});
            return ui.answer(&told, || "nothing was sent\n".to_owned());
        }
        session.confirm(&args.sending.confirm, "Send it?")?;
    } else {
        let status = PayoutStatus::of(&session, &plan, &parts)?;
        ui.say_words(&format!(
            "{} was run before: {}\n",
            plan.facts().file.name,
            status.summary()
        ))?;
        if args.sending.confirm.dry_run {
            return run.output(&parts, json!(false), None);
        }
    }
    run.go_on(&mut parts, is_new)
}

/// A plan with the signatures of all its copies.
fn joined(paths: &[PathBuf]) -> Result<PayoutPlan, Failure> {
    let mut plan: Option<PayoutPlan> = None;
    for path in paths {
        let copy = file::read(path)?;
        match &mut plan {
            Some(plan) => plan.join(&copy).map_err(PayoutFailure::in_file(path))?,
            None => plan = Some(copy),
        }
    }
    plan.ok_or_else(|| Failure::internal("no plan was named"))
}

/// The files of a plan as a shell takes them.
fn words(paths: &[PathBuf]) -> String {
    let words: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    shell::line(&words)
}

/// Fails if a payer has not signed.
fn is_signed(plan: &PayoutPlan, paths: &[PathBuf]) -> Result<(), Failure> {
    let missing = plan.missing();
    let payers = plan.facts().payers.iter().filter(|one| missing.contains(&one.account));
    let (names, keys): (Vec<String>, Vec<&String>) =
        payers.map(|one| (who(&one.name, &one.account.to_string()), &one.name)).unzip();
    let Some(key) = keys.first() else { return Ok(()) };
    let (path, key) = (words(paths.get(..1).unwrap_or_default()), shell::word(key));
    let sign = format!("nothing was sent; toru payout sign {path} --key {key}");
    Err(PayoutFailure::NotSigned { names, sign }.into())
}

/// A run of a plan.
struct Run<'r, 'u> {
    session: &'r Session<'u>,
    state: RollupState<'r>,
    store: PaymentStore,
    plan: &'r PayoutPlan,
    args: &'r RunArgs,
}

/// Why it was not sent, or not followed to the end.
enum Cut {
    /// The node did not take it.
    Away(Failure),
    /// The waiting was over.
    Followed(FollowEnd),
}

impl Run<'_, '_> {
    fn failing(&self, error: PayoutError) -> Failure {
        match error {
            PayoutError::Pay(PayError::SentBefore(before)) => {
                PayoutFailure::sent_before(&self.state, &self.plan.facts().file, &before)
            }
            other => PayoutFailure::of(other).into(),
        }
    }

    /// Whether nothing speaks against sending it, as things are now.
    fn check(&self, parts: &[PayoutPart]) -> Result<(), Failure> {
        self.check_planned(parts)?;
        simulated(self.session, &self.state, self.plan)?.passes()?;
        Ok(())
    }

    /// Whether the rollup is as it was planned for.
    fn check_planned(&self, parts: &[PayoutPart]) -> Result<(), Failure> {
        let mut indexes = self.session.known_indexes()?;
        let wallet = &self.session.wallet;
        let checked = wallet.check_payout(&self.state, self.plan, parts, &mut indexes);
        checked.map_err(|error| self.failing(error))
    }

    /// Sends what can still be applied of what is signed, and follows all of it.
    fn go_on(&self, parts: &mut [PayoutPart], is_new: bool) -> Result<Output, Failure> {
        let wallet = &self.session.wallet;
        if !is_new && parts.iter().any(|part| part.stored.is_none()) {
            // Killed between two records, or run from elsewhere before.
            self.check_planned(parts)?;
        }
        // From here on it is on the disk that it may have been sent.
        let recorded = wallet.record_payout(&self.store, &self.state, self.plan, parts);
        recorded.map_err(|error| self.failing(error))?;
        let patience: Patience<'_> = patience(wallet.node(), self.args.sending.wait.time());
        let mut messages = Vec::new();
        for part in parts.iter() {
            let NextStep::Send(open) = part.next() else { continue };
            let open = match is_new {
                true => open,
                // What the node has already is not given to it once more.
                false => wallet.not_queued(part.payments(), &open),
            };
            messages.extend(wallet.messages(&self.state, part.payments(), &open)?);
        }
        if !messages.is_empty() && !is_new {
            let mut indexes = self.session.known_indexes()?;
            let checked = wallet.check_indexes(self.plan, &mut indexes);
            checked.map_err(|error| self.failing(error))?;
        }
        let wait = self.args.sending.wait.wait;
        let messages = self.args.sending.filled(messages);
        let delivered = match messages.is_empty() {
            true => Ok(Vec::new()),
            false => self.session.deliver(&messages, wait.map(|_| &patience)),
        };
        match (delivered, wait) {
            (Err(failure), _) => self.output(parts, Value::Null, Some(Cut::Away(failure))),
            (Ok(ids), None) => {
                let sent = if ids.is_empty() { json!(false) } else { json!(ids) };
                self.output(parts, sent, None)
            }
            (Ok(ids), Some(stage)) => {
                let end = self.follow(parts, stage, &patience);
                let sent = if ids.is_empty() { json!(false) } else { json!(ids) };
                self.output(parts, sent, Some(Cut::Followed(end)))
            }
        }
    }

    /// Waits for every part. All of them were sent: what is waited for first does not keep the others back.
    fn follow(
        &self,
        parts: &mut [PayoutPart],
        stage: Settlement,
        patience: &Patience<'_>,
    ) -> FollowEnd {
        let progress = self.session.ui.progress(format!("waiting until it is {}", stage.word()));
        let of: usize = parts.iter().map(|part| part.payments().transactions.len()).sum();
        let mut before = 0;
        let mut end = FollowEnd::All;
        for part in parts.iter_mut() {
            let Some(stored) = &mut part.stored else { continue };
            let at = |done, _| {
                if of > 1 {
                    progress.at(before + done, of);
                }
            };
            let wallet = &self.session.wallet;
            let followed =
                wallet.follow_payments(&self.store, &self.state, stored, stage, patience, &at);
            part.progress.now = followed.statuses(&stored.payments);
            before += stored.payments.transactions.len();
            if !matches!(followed.end, FollowEnd::All) {
                end = followed.end;
            }
        }
        end
    }

    /// What is to be said: `sent` is false, or the node's names of the messages, or null if it is not known.
    fn output(
        &self,
        parts: &[PayoutPart],
        sent: Value,
        cut: Option<Cut>,
    ) -> Result<Output, Failure> {
        // A node that has not answered in all the time is not asked once more.
        let is_over =
            matches!(cut, Some(Cut::Followed(FollowEnd::Interrupted | FollowEnd::Away(_))));
        let settled = (!is_over).then(|| self.session.wallet.node().settled().ok()).flatten();
        let status = PayoutStatus::at(self.plan, parts, settled.as_ref());
        let refused = self.refusal(&status, parts, cut);
        if self.session.ui.is_json() {
            let mut told = status.json();
            told["plan"] = plan_json(self.plan);
            told["sent"] = if sent.is_array() { json!(true) } else { sent.clone() };
            told["messages"] = if sent.is_array() { sent } else { json!([]) };
            return Ok(Output { text: json_line(&told)?, refused });
        }
        let mut text = status.text(self.session.verbose);
        if self.args.sending.wait.wait.is_none() && refused.is_none() && status.is_any_open() {
            let path = words(self.args.plans.get(..1).unwrap_or_default());
            text.push_str(&format!("toru payout status {path} says how far they are\n"));
        }
        Ok(Output { text, refused })
    }

    /// What is to be said of payments that have not all come as far as they were to.
    fn refusal(
        &self,
        status: &PayoutStatus<'_>,
        parts: &[PayoutPart],
        cut: Option<Cut>,
    ) -> Option<Failure> {
        let run = format!("toru payout run {} --wait", words(&self.args.plans));
        if let Some(failure) = status.unpaid(parts, &run) {
            return Some(failure);
        }
        let wait = self.args.sending.wait.wait;
        let stage = wait.unwrap_or(Settlement::Included);
        let open = status.behind(stage);
        let (why, exit) = match cut {
            None => return None,
            Some(Cut::Away(failure)) if failure.exit() != Exit::NoAnswer => return Some(failure),
            Some(Cut::Away(failure)) => (failure.to_string(), Exit::NoAnswer),
            Some(Cut::Followed(FollowEnd::Away(error))) => (error.to_string(), Exit::NoAnswer),
            Some(Cut::Followed(FollowEnd::Interrupted)) => {
                ("interrupted".to_owned(), Exit::Interrupted)
            }
            Some(Cut::Followed(FollowEnd::Timeout)) => {
                ("the time to wait is over".to_owned(), Exit::NotYet)
            }
            Some(Cut::Followed(FollowEnd::Refused)) => {
                let why = "others were refused, or the node does not have them any more";
                (why.to_owned(), Exit::NotYet)
            }
            Some(Cut::Followed(FollowEnd::All)) => return None,
        };
        let of = self.plan.facts().rows.len();
        Some(PayoutFailure::NotYet { open, of, stage: stage.word(), why, exit, run }.into())
    }
}
