//! From a plan to messages in an inbox, and what became of them.

use std::io::{self, IsTerminal};
use std::thread;
use std::time::Instant;

use encoding::{Hash32, Tz4Address};
use serde_json::{Value, json};
use wallet::bundle::bundle;
use wallet::follow::{Found, Of, Stage, status};
use wallet::inboxes::Search;
use wallet::queue::named;
use wallet::rpc::Queued;
use wallet::state::State;

use super::failure::WalletFailure;
use super::plan::Plan;
use super::record::counted;
use super::session::{PAUSE, Sending, Session};
use crate::error::Failure;
use crate::progress::Progress;
use crate::{Output, out, reasons};

pub(super) use crate::out::{json_line as json_text, say};

impl Session {
    /// Shows a plan, and finds out whether it is to be carried out: not with `--dry-run`, not when the
    /// kernel would refuse it, and otherwise if the user says so.
    ///
    /// What is returned instead of a yes is all there is to say.
    pub fn agreed(&self, plan: &Plan, sending: &Sending) -> Result<Option<Output>, Failure> {
        if !self.json {
            say(&plan.text())?;
        }
        let refusal = plan.passes().err().map(Failure::from);
        if sending.dry_run || refusal.is_some() {
            let text = match self.json {
                true => json_text(&json!({"plan": plan.json(), "sent": false}))?,
                false if refusal.is_none() => "nothing was sent\n".to_owned(),
                false => String::new(),
            };
            return Ok(Some(Output { text, refused: refusal }));
        }
        self.confirmed(sending.yes, "Send it?").map(|()| None)
    }

    /// Fails unless the user says yes, beforehand or now.
    pub fn confirmed(&self, yes: bool, question: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if io::stdin().is_terminal() {
            // Whoever cannot see the question will not say yes to it.
            out::tell(&format!("{question} (yes/no) "));
            let mut answer = String::new();
            let _ = io::stdin().read_line(&mut answer);
            if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
                return Ok(());
            }
        }
        Err(WalletFailure::Unconfirmed.into())
    }

    /// Sends transactions that everybody has signed, and waits for them if that is asked for.
    pub fn submit(
        &self,
        state: &State<'_>,
        plan: &Plan,
        sending: &Sending,
    ) -> Result<Output, Failure> {
        let registered = state.registered(&plan.transactions).map_err(WalletFailure::State)?;
        let messages = bundle(state.rollup(), &plan.transactions, &registered)
            .map_err(WalletFailure::Bundle)?;
        let hashes: Vec<Hash32> = plan.transactions.iter().map(|one| one.hash()).collect();
        self.deliver(plan.json(), &messages, &hashes, sending)
    }

    /// Says what became of transactions or batches earlier. Sending them again would change nothing, as
    /// their counters are used up.
    pub fn done_before(&self, done: &[(Hash32, Found, Stage)]) -> Result<Output, Failure> {
        let refused = done.iter().find_map(|(_, found, _)| found.failure());
        let refused = refused.map(|line| WalletFailure::Refused(line.reason).into());
        let results = done.iter();
        let text = match self.json {
            true => {
                let results = results.map(|(hash, found, stage)| found_json(hash, found, *stage));
                json_text(&json!({"sent": false, "results": results.collect::<Value>()}))?
            }
            false => results.map(|(hash, found, stage)| found_text(hash, found, *stage)).collect(),
        };
        Ok(Output { text, refused })
    }

    /// Gives messages to the node's batcher, and follows what is in them.
    pub fn deliver(
        &self,
        plan: Value,
        messages: &[Vec<u8>],
        hashes: &[Hash32],
        sending: &Sending,
    ) -> Result<Output, Failure> {
        // The batcher puts the tag of an external message before what it is given.
        let payloads: Vec<Vec<u8>> =
            messages.iter().map(|message| message.get(1..).unwrap_or_default().to_vec()).collect();
        let ids = self.node.inject(&payloads).map_err(WalletFailure::Rpc)?;
        if !self.json {
            let bytes: usize = messages.iter().map(Vec::len).sum();
            let count = messages.len();
            let noun = if count == 1 { "message" } else { "messages" };
            say(&format!("sent {count} {noun}, {bytes} bytes\n"))?;
        }
        let mut report = json!({
            "plan": plan,
            "sent": true,
            "hashes": hashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "messages": ids,
        });
        let Some(stage) = sending.wait else {
            let text = match self.json {
                true => json_text(&report)?,
                false => hashes.iter().map(|hash| format!("toru tx show {hash}\n")).collect(),
            };
            return Ok(Output::from(text));
        };
        let deadline = Instant::now() + sending.patience();
        let (mut text, mut results, mut refused) = (String::new(), Vec::new(), None);
        for hash in hashes {
            let waited = self.wait(hash, stage, deadline);
            let (found, reached) = waited.map_err(|failure| self.why_not(failure, &ids))?;
            text.push_str(&found_text(hash, &found, reached));
            results.push(found_json(hash, &found, reached));
            let failure = found.failure().map(|line| line.reason);
            refused = refused.or(failure.map(|reason| WalletFailure::Refused(reason).into()));
        }
        report["results"] = json!(results);
        let text = if self.json { json_text(&report)? } else { text };
        Ok(Output { text, refused })
    }

    /// What is to be said of a result that has not come: a message that was in a level without leaving
    /// one was put off by the kernel, or refused whole.
    fn why_not(&self, failure: Failure, ids: &[String]) -> Failure {
        let Failure::Wallet(WalletFailure::NotYet { stage, hash }) = failure else {
            return failure;
        };
        let was_in_a_level =
            |id: &String| matches!(self.node.queued(id), Ok(Queued::Included | Queued::Committed));
        let known =
            super::tx::read_hash(&hash).and_then(|hash| status(&self.node, &hash).ok().flatten());
        match known.is_none() && !ids.is_empty() && ids.iter().all(was_in_a_level) {
            true => WalletFailure::NoResult { hash }.into(),
            false => WalletFailure::NotYet { stage, hash }.into(),
        }
    }

    /// Waits for a result to come as far as a stage.
    pub fn wait(
        &self,
        hash: &Hash32,
        stage: Stage,
        deadline: Instant,
    ) -> Result<(Found, Stage), Failure> {
        let what = format!("waiting until it is {}", stage.word());
        let _waiting = Progress::unless(self.json, what);
        let mut search = Search::new(vec![*hash]);
        loop {
            let known = status(&self.node, hash).map_err(WalletFailure::State)?;
            if let Some((found, reached)) = known {
                // What is refused for now may apply later, but what was sent has had its turn.
                if reached >= stage || found.failure().is_some() {
                    return Ok((found, reached));
                }
            } else {
                self.may_come(&mut search, hash)?;
            }
            if Instant::now() >= deadline {
                let hash = hash.to_string();
                return Err(WalletFailure::NotYet { stage: stage.word(), hash }.into());
            }
            thread::sleep(PAUSE);
        }
    }

    /// Fails if a message that waits for a level has an operation of that account: the next one would
    /// carry the same counter.
    pub fn nothing_waits(&self, account: &Tz4Address) -> Result<(), Failure> {
        let waiting = self.node.waiting().map_err(WalletFailure::Rpc)?;
        let state = self.state()?;
        let account = state.account(account).map_err(WalletFailure::State)?;
        let named = named(&state, &waiting, &account).map_err(WalletFailure::State)?;
        if named.signed {
            return Err(WalletFailure::StillWaiting(account.address).into());
        }
        if named.unsigned > 0 {
            let name = self.by_address(account.address)?.label();
            out::tell(&format!(
                "note: {} in the node's queue for {name}, without a good signature: not counted\n",
                counted(named.unsigned, "message")
            ));
        }
        Ok(())
    }
}

/// What became of something, in words.
pub(super) fn found_text(hash: &Hash32, found: &Found, stage: Stage) -> String {
    let what = match found.of {
        Of::Transaction => "transaction".to_owned(),
        Of::Batch { transactions } => format!("batch of {transactions} transactions"),
    };
    let mut text = format!("{hash}\n  {what}, level {}, {}\n", found.message.level, stage.word());
    for line in &found.lines {
        let place = match found.of {
            Of::Transaction => format!("operation {}", line.operation),
            Of::Batch { .. } => format!("{}.{}", line.transaction, line.operation),
        };
        let words = reasons::words(&line.reason);
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        let memo = line.memo.as_ref().map(crate::compact::memo_text);
        let memo = memo.map_or_else(String::new, |memo| format!(", memo {memo}"));
        let outcome = reasons::of_operation(&line.reason);
        text.push_str(&format!("  {place} {outcome}{words}{memo}\n"));
    }
    if let (Of::Batch { .. }, true) = (found.of, found.failure().is_none()) {
        text.push_str("  everything else was applied\n");
    }
    text
}

/// What became of something, as JSON.
pub(super) fn found_json(hash: &Hash32, found: &Found, stage: Stage) -> Value {
    let lines = found.lines.iter().map(|line| {
        json!({
            "transaction": line.transaction,
            "operation": line.operation,
            "outcome": reasons::of_operation(&line.reason),
            "code": line.reason.code,
            "reason": reasons::words(&line.reason),
            "memo": line.memo.as_ref().map(crate::compact::memo_text),
        })
    });
    let transactions = match found.of {
        Of::Transaction => Value::Null,
        Of::Batch { transactions } => json!(transactions),
    };
    json!({
        "hash": hash.to_string(),
        "level": found.message.level.0,
        "message": found.message.index,
        "stage": stage.word(),
        "final": found.is_final(),
        "applied": found.failure().is_none(),
        "batch_of": transactions,
        "operations": lines.collect::<Value>(),
    })
}
