//! From a plan to messages in an inbox, and what became of them.

use std::io::{self, IsTerminal};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use encoding::{Hash32, Level, Tz4Address};
use serde_json::{Value, json};
use wallet::bundle::bundle;
use wallet::error::RpcError;
use wallet::follow::{Found, HashKind, Settlement, status_at_head};
use wallet::inboxes::Search;
use wallet::limits::MESSAGES_PER_REQUEST;
use wallet::queue::named;
use wallet::rpc::Queued;
use wallet::state::RollupState;

use super::failure::WalletFailure;
use super::following::{FollowEnd, Item, interrupted};
use super::plan::Plan;
use super::record::counted;
use super::session::{PAUSE, Sending, Session};
use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{Output, out, reasons};

pub(super) use crate::out::{json_line as json_text, say};

impl Session {
    /// Shows a plan, and finds out whether it is to be carried out: not with `--dry-run`, not when the
    /// kernel would refuse it, and otherwise if the user says so.
    ///
    /// What is returned instead of a yes is all there is to say.
    pub fn confirm_plan(&self, plan: &Plan, sending: &Sending) -> Result<Option<Output>, Failure> {
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
        self.confirm(sending.yes, "Send it?").map(|()| None)
    }

    /// Fails unless the user says yes, beforehand or now.
    pub fn confirm(&self, yes: bool, question: &str) -> Result<(), Failure> {
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
        state: &RollupState<'_>,
        plan: &Plan,
        sending: &Sending,
    ) -> Result<Output, Failure> {
        let registered = state.registered(&plan.transactions).map_err(WalletFailure::State)?;
        let messages = bundle(state.rollup(), &plan.transactions, &registered)
            .map_err(WalletFailure::Bundle)?;
        let messages = sending.filled(messages);
        let head = state.block().level;
        let items = plan.transactions.iter().map(|one| Item::Transaction(one, head));
        self.deliver(plan.json(), &messages, &items.collect::<Vec<_>>(), head, sending)
    }

    /// Says what became of transactions or batches earlier. Sending them again would change nothing, as
    /// their counters are used up.
    pub fn done_before(&self, done: &[(Hash32, Found, Settlement)]) -> Result<Output, Failure> {
        let refused = done.iter().find_map(|(_, found, _)| found.failure());
        let refused = refused.map(|line| WalletFailure::Refused(line.outcome).into());
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

    /// Gives messages to the node's batcher, and follows what is in them. `since` is the head before that.
    pub fn deliver(
        &self,
        plan: Value,
        messages: &[Vec<u8>],
        items: &[Item<'_>],
        since: Level,
        sending: &Sending,
    ) -> Result<Output, Failure> {
        let hashes: Vec<Hash32> = items.iter().map(Item::hash).collect();
        let mut report = json!({
            "plan": plan,
            "sent": true,
            "hashes": hashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        let asks =
            || -> String { hashes.iter().map(|hash| format!("toru tx show {hash}\n")).collect() };
        let deadline = Instant::now() + sending.patience();
        let ids = match self.give(messages, sending.wait.map(|_| deadline)) {
            Ok(ids) => ids,
            // The node may have taken some of it, or all.
            Err(failure) => {
                report["sent"] = Value::Null;
                let text = if self.json { json_text(&report)? } else { asks() };
                return Ok(Output { text, refused: Some(away(failure, &hashes)) });
            }
        };
        report["messages"] = json!(ids);
        let Some(stage) = sending.wait else {
            let text = if self.json { json_text(&report)? } else { asks() };
            return Ok(Output::from(text));
        };
        let (came, ended) = self.follow(items, stage, deadline, since);
        let all = hashes.iter().zip(&came);
        report["results"] = all.clone().map(|(hash, one)| one.json(hash)).collect();
        let text = match self.json {
            true => json_text(&report)?,
            false => all.clone().map(|(hash, one)| one.text(hash)).collect(),
        };
        let failed = all.clone().find_map(|(hash, one)| one.failure(hash));
        let refused = match (failed, ended) {
            (Some(failed), _) => Some(failed.into()),
            (None, FollowEnd::All | FollowEnd::Refused) => None,
            (None, FollowEnd::Interrupted) => Some(WalletFailure::Interrupted.into()),
            (None, FollowEnd::Away(failure)) => Some(away(failure, &hashes)),
            (None, FollowEnd::Timeout) => {
                let open = all.clone().find(|(_, one)| !one.is_at(stage));
                open.map(|(hash, _)| self.why_not(stage, hash, &ids))
            }
        };
        Ok(Output { text, refused })
    }

    /// Gives messages to the node's batcher, and says so. Until `deadline`, if there is one, a node that is
    /// away is asked again: whatever it has taken twice, the kernel applies once.
    pub fn give(
        &self,
        messages: &[Vec<u8>],
        deadline: Option<Instant>,
    ) -> Result<Vec<String>, Failure> {
        // The batcher puts the tag of an external message before what it is given.
        let payloads: Vec<Vec<u8>> =
            messages.iter().map(|message| message.get(1..).unwrap_or_default().to_vec()).collect();
        let is_interrupted = interrupted();
        let mut ids = Vec::with_capacity(payloads.len());
        for some in payloads.chunks(MESSAGES_PER_REQUEST) {
            loop {
                match self.node.inject(some) {
                    Ok(new) => break ids.extend(new),
                    Err(RpcError::Connection { .. })
                        if deadline.is_some_and(|deadline| Instant::now() < deadline)
                            && !is_interrupted.load(Ordering::SeqCst) =>
                    {
                        thread::sleep(PAUSE);
                    }
                    Err(error) => return Err(WalletFailure::Rpc(error).into()),
                }
            }
        }
        if !self.json && !messages.is_empty() {
            let bytes: usize = messages.iter().map(Vec::len).sum();
            say(&format!("sent {}, {bytes} bytes\n", counted(messages.len(), "message")))?;
        }
        Ok(ids)
    }

    /// What is to be said of a result that has not come: a message that was in a level without leaving
    /// one was put off by the kernel, or refused whole.
    fn why_not(&self, stage: Settlement, hash: &Hash32, ids: &[String]) -> Failure {
        let was_in_a_level =
            |id: &String| matches!(self.node.queued(id), Ok(Queued::Included | Queued::Committed));
        let known = status_at_head(&self.node, hash).ok().flatten();
        let hash = hash.to_string();
        match known.is_none() && !ids.is_empty() && ids.iter().all(was_in_a_level) {
            true => WalletFailure::NoResult { hash }.into(),
            false => WalletFailure::NotYet { stage: stage.word(), hash }.into(),
        }
    }

    /// Waits for a result to come as far as a stage.
    pub fn wait(
        &self,
        hash: &Hash32,
        stage: Settlement,
        deadline: Instant,
    ) -> Result<(Found, Settlement), Failure> {
        let what = format!("waiting until it is {}", stage.word());
        let _waiting = Progress::unless(self.json, what);
        let mut search = Search::new(vec![*hash]);
        loop {
            match status_at_head(&self.node, hash) {
                // What is refused for now may apply later, but what was sent has had its turn.
                Ok(Some((found, reached))) if reached >= stage || found.failure().is_some() => {
                    return Ok((found, reached));
                }
                Ok(Some(_)) => {}
                Ok(None) => self.may_come(&mut search, hash)?,
                // A node that is away is asked again as long as there is time.
                Err(error) if Instant::now() >= deadline => {
                    return Err(WalletFailure::State(error).into());
                }
                Err(_) => {}
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
pub(super) fn found_text(hash: &Hash32, found: &Found, stage: Settlement) -> String {
    let what = match found.kind {
        HashKind::Transaction => "transaction".to_owned(),
        HashKind::Batch { transactions } => format!("batch of {transactions} transactions"),
    };
    let mut text = format!("{hash}\n  {what}, level {}, {}\n", found.message.level, stage.word());
    for line in &found.operations {
        let at = match found.kind {
            HashKind::Transaction => format!("operation {}", line.operation),
            HashKind::Batch { .. } => format!("{}.{}", line.transaction, line.operation),
        };
        let words = reasons::sentence_with_code(&line.outcome);
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        let memo = line.memo.as_ref().map(crate::compact::memo_text);
        let memo = memo.map_or_else(String::new, |memo| format!(", memo {memo}"));
        let outcome = reasons::of_operation(&line.outcome);
        text.push_str(&format!("  {at} {outcome}{words}{memo}\n"));
    }
    if let (HashKind::Batch { .. }, true) = (found.kind, found.failure().is_none()) {
        let what = if found.operations.is_empty() { "all of it" } else { "everything else" };
        text.push_str(&format!("  {what} was applied\n"));
    }
    text
}

/// What became of something, in the word that statuses have for it.
fn result_word(found: &Found) -> &'static str {
    match found.failure() {
        None => "applied",
        Some(line) if line.outcome.is_final() => "refused",
        Some(_) => "not applied",
    }
}

/// A failure of the network, when something is on its way.
fn away(failure: Failure, hashes: &[Hash32]) -> Failure {
    let hash = hashes.first().map_or_else(String::new, ToString::to_string);
    let problem = failure.to_string();
    let hint = format!("toru tx show {hash} says what became of it; sending it again is safe");
    match failure.exit() {
        Exit::NoAnswer => WalletFailure::Away { problem, hint }.into(),
        _ => failure,
    }
}

/// What became of something, as JSON.
pub(super) fn found_json(hash: &Hash32, found: &Found, stage: Settlement) -> Value {
    let lines = found.operations.iter().map(|line| {
        json!({
            "transaction": line.transaction,
            "operation": line.operation,
            "outcome": reasons::of_operation(&line.outcome),
            "code": line.outcome.code.name(),
            "number": line.outcome.code.number(),
            "values": reasons::values_in_decimal(&line.outcome),
            "reason": reasons::sentence(&line.outcome),
            "memo": line.memo.as_ref().map(crate::compact::memo_text),
        })
    });
    let transactions = match found.kind {
        HashKind::Transaction => Value::Null,
        HashKind::Batch { transactions } => json!(transactions),
    };
    json!({
        "hash": hash.to_string(),
        "level": found.message.level.0,
        "message": found.message.index,
        "stage": stage.word(),
        "final": stage >= Settlement::Final,
        "retryable": !found.is_final(),
        "applied": found.failure().is_none(),
        "result": result_word(found),
        "batch_of": transactions,
        "operations": lines.collect::<Value>(),
    })
}
