//! `toru send --resume`: goes on with payments that were begun. What can still be applied is sent as it was
//! signed; only when nothing can is what was not paid signed anew.

use std::collections::HashSet;
use std::thread;
use std::time::Instant;

use encoding::{Counter, Hash32, Level, Tz4Address};
use inbox::v2::{Memo, Name, Operation, Transaction};
use serde_json::{Value, json};
use wallet::packing::{Payment, pack};
use wallet::payments::{NextStep, PaymentStore, Payments, Sent, Standing, StoredPayments};
use wallet::state::RollupState;
use wallet::ticket::Token;
use wallet::transaction::Signable;

use super::earlier::{SameAs, SentBefore};
use super::failure::WalletFailure;
use super::plan::Plan;
use super::rows::{PaymentsReport, lines_told};
use super::send::{last_level, messages_of};
use super::session::{PAUSE, Sending, Session};
use super::submit::{json_text, say};
use crate::Output;
use crate::error::Failure;

/// How it is gone on.
pub(super) struct Resuming<'a> {
    /// What it is called: a file, or a payment.
    pub what: String,
    /// The command that goes on with it once more.
    pub command: String,
    /// How many levels what is signed anew is valid for.
    pub valid_for: u32,
    /// Whether what is signed anew names accounts by their indexes.
    pub by_index: bool,
    /// How it is sent.
    pub sending: &'a Sending,
}

impl Session {
    /// Goes on with what was begun last and is not over.
    pub fn resume(
        &self,
        store: &PaymentStore,
        same: &SameAs<'_>,
        payer: Option<Tz4Address>,
        how: &Resuming<'_>,
    ) -> Result<Output, Failure> {
        let mut before = self.before(store, same, None)?;
        before.retain(|one| payer.is_none_or(|payer| one.kept.payments.payer == payer));
        let is_open = |one: &SentBefore| one.standing.next(&one.kept.payments) != NextStep::Nothing;
        let at = before.iter().position(is_open).unwrap_or(0);
        if before.is_empty() {
            return Err(WalletFailure::NothingToResume(how.what.clone()).into());
        }
        let SentBefore { mut kept, mut standing } = before.swap_remove(at);
        let deadline = Instant::now() + how.sending.patience();
        loop {
            if how.sending.dry_run {
                return self.as_it_stands(&kept.payments, &standing, how, None);
            }
            match standing.next(&kept.payments) {
                NextStep::Nothing if how.sending.wait.is_some() => {
                    return self.send_again(store, kept, &standing, &[], how);
                }
                NextStep::Nothing => {
                    return self.as_it_stands(&kept.payments, &standing, how, None);
                }
                NextStep::Send(open) => return self.send_again(store, kept, &standing, &open, how),
                NextStep::SignAnew(rows) => return self.sign_anew(store, kept, &rows, how),
                NextStep::Unknown(rows) => {
                    let lines: Vec<u64> = rows
                        .iter()
                        .filter_map(|row| kept.payments.rows.get(*row))
                        .map(|row| row.line)
                        .collect();
                    let failure =
                        WalletFailure::Forgotten { rows: rows.len(), lines: lines_told(&lines) };
                    return self.as_it_stands(&kept.payments, &standing, how, Some(failure));
                }
                NextStep::Wait if how.sending.wait.is_some() && Instant::now() < deadline => {
                    thread::sleep(PAUSE);
                    standing = self.standing(&mut kept, store, None)?;
                }
                NextStep::Wait => {
                    let rows = standing.rows(&kept.payments);
                    let failure = WalletFailure::NotPaidYet {
                        open: rows.iter().filter(|status| status.is_dead()).count(),
                        of: rows.len(),
                        why: "what was signed can come back with a reorganisation of layer 1 until two \
                              more levels are there"
                            .to_owned(),
                        resume: how.command.clone(),
                    };
                    return self.as_it_stands(&kept.payments, &standing, how, Some(failure));
                }
            }
        }
    }

    /// What became of payments so far, and nothing is sent.
    fn as_it_stands(
        &self,
        payments: &Payments,
        standing: &Standing,
        how: &Resuming<'_>,
        failure: Option<WalletFailure>,
    ) -> Result<Output, Failure> {
        let state = self.state()?;
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let told = PaymentsReport::new(payments, &standing.now, &tokens);
        let text = match self.json {
            true => {
                let hashes =
                    payments.transactions.iter().map(|sent| sent.signable.hash().to_string());
                json_text(&json!({
                    "sent": false, "hashes": hashes.collect::<Value>(), "rows": told.json(),
                }))?
            }
            false => {
                let all = self.verbose || failure.is_some();
                format!("{}: {}\n{}", how.what, told.summary(), told.lines(self, all)?)
            }
        };
        Ok(Output { text, refused: failure.map(Into::into) })
    }

    /// Sends what can still be applied, as it was signed, except for what the node's batcher has.
    fn send_again(
        &self,
        store: &PaymentStore,
        kept: StoredPayments,
        standing: &Standing,
        open: &[usize],
        how: &Resuming<'_>,
    ) -> Result<Output, Failure> {
        let waiting = self.waiting_transactions();
        let transactions = &kept.payments.transactions;
        let is_waiting = |at: &usize| {
            transactions.get(*at).is_some_and(|sent| waiting.contains(&sent.signable.hash()))
        };
        let again: Vec<usize> = open.iter().filter(|at| !is_waiting(at)).copied().collect();
        let state = self.state()?;
        if !self.json {
            let tokens = state.tokens().map_err(WalletFailure::State)?;
            let told = PaymentsReport::new(&kept.payments, &standing.now, &tokens);
            say(&format!("{}: {}\n", how.what, told.summary()))?;
        }
        self.pay(store, &state, kept, &again, Value::Null, (how.sending, &how.command))
    }

    /// The transactions in messages that wait in the node's batcher; none if it does not tell.
    fn waiting_transactions(&self) -> HashSet<Hash32> {
        let (Ok(waiting), Ok(rollup)) = (self.node.waiting(), self.node.rollup()) else {
            return HashSet::new();
        };
        let mut all = HashSet::new();
        for payload in waiting {
            let message = [&[1], payload.as_slice()].concat();
            let Some(batch) = crate::compact::read(&message, &rollup) else { continue };
            let claims = (0..batch.transactions())
                .filter_map(|number| batch.signing_payload_of_transaction(number, &rollup));
            all.extend(claims.map(|claim| claim.digest));
        }
        all
    }

    /// Signs rows anew of which nothing can be applied any more, and sends them.
    fn sign_anew(
        &self,
        store: &PaymentStore,
        mut kept: StoredPayments,
        rows: &[usize],
        how: &Resuming<'_>,
    ) -> Result<Output, Failure> {
        let state = self.state()?;
        let payer = self.by_address(kept.payments.payer)?;
        payer.needs_key()?;
        self.nothing_waits(&payer.address)?;
        let account = state.account(&payer.address).map_err(WalletFailure::State)?;
        let payments = payments_of(&state, &kept.payments, rows)?;
        let made = Crafter {
            payer: payer.address,
            counter: account.counter,
            expires: last_level(&state, how.valid_for),
            by_index: how.by_index,
        };
        let (signables, indexes) = made.transactions(&state, &payments)?;
        let mut plan = Plan::new(self, &state, signables)?;
        plan.messages = messages_of(&state, &payer, &plan)?;
        let lines = |indexes: &Vec<usize>| -> Vec<u64> {
            let row = |at: &usize| rows.get(*at).and_then(|row| kept.payments.rows.get(*row));
            indexes.iter().map(|at| row(at).map_or(0, |row| row.line)).collect()
        };
        plan.lines = indexes.iter().map(lines).collect();
        plan.title = Some(format!("{}, once more what was not paid", how.what));
        if let Some(output) = self.confirm_plan(&plan, how.sending)? {
            return Ok(output);
        }
        let secret = payer.unlock(self)?;
        for one in &mut plan.transactions {
            one.sign(secret.key()).map_err(WalletFailure::Signing)?;
        }
        let first = kept.payments.transactions.len();
        let new = sent(&state, &plan.transactions, &indexes, |at| rows.get(at).copied());
        {
            let lock = store.lock().map_err(WalletFailure::Payments)?;
            kept = store.reread(&kept, &lock).map_err(WalletFailure::Payments)?;
            // What somebody else has signed for the same rows meanwhile is what counts.
            if kept.payments.transactions.len() != first {
                return Err(WalletFailure::GoneOn(how.what.clone()).into());
            }
            kept.payments.transactions.extend(new);
            store.update(&mut kept, &lock).map_err(WalletFailure::Payments)?;
        }
        let which: Vec<usize> = (first..kept.payments.transactions.len()).collect();
        self.pay(store, &state, kept, &which, plan.json(), (how.sending, &how.command))
    }
}

/// The payments of some rows.
fn payments_of(
    state: &RollupState<'_>,
    payments: &Payments,
    rows: &[usize],
) -> Result<Vec<Payment>, Failure> {
    let tokens = state.tokens().map_err(WalletFailure::State)?;
    let rows = rows.iter().filter_map(|row| payments.rows.get(*row));
    let payment = |row: &wallet::payments::Row| {
        let known = tokens.iter().find(|token| token.ticket == row.ticket);
        Payment {
            to: Name::Address(row.to),
            token: known.cloned().unwrap_or_else(|| Token::unindexed(row.ticket.clone())),
            amount: row.amount,
            memo: row.memo.clone().map(Memo::Bytes),
        }
    };
    Ok(rows.map(payment).collect())
}

/// Of whom transactions are, and from which counter on.
pub(super) struct Crafter {
    pub payer: Tz4Address,
    pub counter: Counter,
    pub expires: Option<Level>,
    pub by_index: bool,
}

impl Crafter {
    /// The transactions that make some payments, and which payments each makes.
    pub fn transactions(
        &self,
        state: &RollupState<'_>,
        payments: &[Payment],
    ) -> Result<(Vec<Signable>, Vec<Vec<usize>>), Failure> {
        let mut counter = self.counter;
        let (mut signables, mut indexes) = (Vec::new(), Vec::new());
        for packed in pack(payments, self.by_index) {
            let signer = Name::Address(self.payer);
            let operation = Operation { signer, counter, memo: packed.memo, actions: packed.moves };
            let transaction = Transaction { expires: self.expires, operations: vec![operation] };
            let signable = Signable::new(*state.rollup(), transaction);
            signables.push(signable.map_err(WalletFailure::Signing)?);
            indexes.push(packed.payments);
            counter = counter.next().unwrap_or(counter);
        }
        Ok((signables, indexes))
    }
}

/// Transactions as they are kept, with the rows that they pay.
pub(super) fn sent(
    state: &RollupState<'_>,
    signables: &[Signable],
    indexes: &[Vec<usize>],
    row: impl Fn(usize) -> Option<usize>,
) -> Vec<Sent> {
    let sent = |(signable, indexes): (&Signable, &Vec<usize>)| Sent {
        signable: signable.clone(),
        rows: indexes.iter().filter_map(|at| row(*at)).collect(),
        head: state.block().level,
        block: state.block().hash.clone(),
        end: None,
    };
    signables.iter().zip(indexes).map(sent).collect()
}
