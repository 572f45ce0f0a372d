//! From a plan to messages in an inbox, and what became of them.

use encoding::{Hash32, Level};
use serde_json::{Value, json};
use wallet::bundle::bundle;
use wallet::error::RpcError;
use wallet::follow::{Found, Settlement, status_at_head};
use wallet::following::{FollowEnd, Item};
use wallet::patience::Patience;
use wallet::rpc::Queued;
use wallet::state::RollupState;
use wallet::transaction::Signable;

use super::counted::counted;
use super::error::result::ResultError;
use super::error::via::ViaError;
use super::folders;
use super::interrupt::patience;
use super::plan::Plan;
use super::result_text::{followed_failure, followed_json, followed_text, found_json, found_text};
use super::session::Session;
use super::via::{LAYER1, Posting, ThroughBatcher, Usual, Way};
use crate::cli::groups::SendingArgs;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ui::{Output, json_line};

impl Session<'_> {
    /// Sends transactions that everybody has signed, and waits for them if that is asked for.
    pub fn submit(
        &self,
        state: &RollupState<'_>,
        plan: &Plan,
        args: &SendingArgs,
        way: &Way,
    ) -> Result<Output, Failure> {
        let head = state.block().level;
        let items = plan.transactions.iter().map(|one| Item::Transaction(one, head));
        let items = items.collect::<Vec<_>>();
        if let Way::Batcher(through) = way {
            return self.send_through(through, plan, &items, head, args);
        }
        let registered = state.registered(&plan.transactions)?;
        let messages = bundle(state.rollup(), &plan.transactions, &registered)?;
        self.send(plan.json(), &args.filled(messages), &items, head, args)
    }

    /// The way of transactions that are no payments: a fee is not put into what somebody else has signed.
    pub fn way_of(&self, args: &SendingArgs, transactions: &[Signable]) -> Result<Way, Failure> {
        let way = self.way(args, Usual::Node)?;
        if let Way::Batcher(through) = &way {
            if !through.batcher.prices()?.is_empty() {
                return Err(ViaError::FeeElsewhere.into());
            }
            if transactions.iter().any(|one| one.transaction().expires.is_none()) {
                return Err(ViaError::NoEnd.into());
            }
        }
        Ok(way)
    }

    /// Gives transactions to a batcher, and follows them.
    fn send_through(
        &self,
        through: &ThroughBatcher,
        plan: &Plan,
        items: &[Item<'_>],
        since: Level,
        args: &SendingArgs,
    ) -> Result<Output, Failure> {
        let hashes: Vec<Hash32> = items.iter().map(Item::hash).collect();
        let mut report = report(plan.json(), &hashes);
        let hint =
            "the same file or command with --via node sends it by the node: it is applied once"
                .to_owned();
        let records = folders::usual_payments();
        let posting = Posting { records: &records, args, cosigner: None, hint };
        match self.post(through, &plan.transactions, posting, &mut report) {
            Ok(()) => self.follow_sent(report, &[], items, since, args),
            Err(failure) => {
                report["sent"] = Value::Null;
                let output = self.ui.answer(&report, || asks(&hashes))?;
                Ok(Output { refused: Some(failure), ..output })
            }
        }
    }

    /// Says what became of transactions or batches earlier. Sending them again would change nothing, as
    /// their counters are used up.
    pub fn done_before(&self, done: &[(Hash32, Found, Settlement)]) -> Result<Output, Failure> {
        let refused = done.iter().find_map(|(_, found, _)| found.failure());
        let refused = refused.map(|one| ResultError::Refused(one.outcome).into());
        let results = done.iter().map(|(hash, found, stage)| found_json(hash, found, *stage));
        let told = json!({"sent": false, "results": results.collect::<Value>()});
        let output = self.ui.answer(&told, || {
            done.iter().map(|(hash, found, stage)| found_text(hash, found, *stage)).collect()
        })?;
        Ok(Output { refused, ..output })
    }

    /// Gives messages to the node's batcher, and follows what is in them. `since` is the head before that.
    pub fn send(
        &self,
        plan: Value,
        messages: &[Vec<u8>],
        items: &[Item<'_>],
        since: Level,
        args: &SendingArgs,
    ) -> Result<Output, Failure> {
        let hashes: Vec<Hash32> = items.iter().map(Item::hash).collect();
        let mut report = report(plan, &hashes);
        if args.via.named() == Some(LAYER1) {
            return self.print_layer1(report, messages, &asks(&hashes));
        }
        let patience = patience(self.wallet.node(), args.wait.time());
        let ids = match self.deliver(messages, args.wait.wait.map(|_| &patience)) {
            Ok(ids) => ids,
            // The node may have taken some of it, or all.
            Err(failure) => {
                report["sent"] = Value::Null;
                let output = self.ui.answer(&report, || asks(&hashes))?;
                return Ok(Output { refused: Some(away(failure, &hashes)), ..output });
            }
        };
        report["messages"] = json!(ids);
        self.follow_sent(report, &ids, items, since, args)
    }

    /// Follows what was sent, if that is asked for. The node's batcher has given these names to the messages.
    fn follow_sent(
        &self,
        mut report: Value,
        ids: &[String],
        items: &[Item<'_>],
        since: Level,
        args: &SendingArgs,
    ) -> Result<Output, Failure> {
        let hashes: Vec<Hash32> = items.iter().map(Item::hash).collect();
        let patience = patience(self.wallet.node(), args.wait.time());
        let Some(stage) = args.wait.wait else {
            return self.ui.answer(&report, || asks(&hashes));
        };
        let progress = self.ui.progress(format!("waiting until it is {}", stage.word()));
        let at = |done, of| {
            if of > 1 {
                progress.at(done, of)
            }
        };
        let (all, end) = self.wallet.follow(items, stage, since, &patience, &at);
        drop(progress);
        let all = hashes.iter().zip(&all);
        report["results"] = all.clone().map(|(hash, one)| followed_json(hash, one)).collect();
        let text = match self.ui.is_json() {
            true => json_line(&report)?,
            false => all.clone().map(|(hash, one)| followed_text(hash, one)).collect(),
        };
        let failed = all.clone().find_map(|(hash, one)| followed_failure(hash, one));
        let refused = match (failed, end) {
            (Some(failed), _) => Some(failed.into()),
            (None, FollowEnd::All | FollowEnd::Refused) => None,
            (None, FollowEnd::Interrupted) => {
                let open = all.clone().find(|(_, one)| !one.is_at(stage)).map(|(hash, _)| hash);
                let asks = open.map(|hash| format!("toru tx show {hash} says what became of it"));
                Some(ResultError::Interrupted(asks).into())
            }
            (None, FollowEnd::Away(error)) => Some(away(error.into(), &hashes)),
            (None, FollowEnd::Timeout) => {
                let open = all.clone().find(|(_, one)| !one.is_at(stage));
                open.map(|(hash, _)| self.why_not(stage, hash, ids).into())
            }
        };
        Ok(Output { text, refused })
    }

    /// Gives messages to the node's batcher, and says so.
    pub fn deliver(
        &self,
        messages: &[Vec<u8>],
        patience: Option<&Patience<'_>>,
    ) -> Result<Vec<String>, Failure> {
        let ids = match patience {
            Some(patience) => self.wallet.deliver(messages, patience)?,
            None => self.wallet.deliver(messages, &Patience::none())?,
        };
        if !messages.is_empty() {
            let bytes: usize = messages.iter().map(Vec::len).sum();
            let count = counted(messages.len(), "message");
            self.ui.say_words(&format!("sent {count}, {bytes} bytes\n"))?;
        }
        Ok(ids)
    }

    /// What is to be said of a result that is not there: a message that was in a level without leaving
    /// one was put off by the kernel, or refused whole.
    fn why_not(&self, stage: Settlement, hash: &Hash32, ids: &[String]) -> ResultError {
        let node = self.wallet.node();
        let was_in_a_level = |id: &String| {
            let queued: Result<Queued, RpcError> = node.queued(id);
            matches!(queued, Ok(Queued::Included | Queued::Committed))
        };
        let known = status_at_head(node, hash).ok().flatten();
        let hash = hash.to_string();
        match known.is_none() && !ids.is_empty() && ids.iter().all(was_in_a_level) {
            true => ResultError::NoResult { hash },
            false => ResultError::NotYet { stage: stage.word(), hash },
        }
    }
}

/// What is told of what is sent.
fn report(plan: Value, hashes: &[Hash32]) -> Value {
    json!({
        "plan": plan,
        "sent": true,
        "hashes": hashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// How it is asked for.
fn asks(hashes: &[Hash32]) -> String {
    hashes.iter().map(|hash| format!("toru tx show {hash}\n")).collect()
}

/// A failure of the network, when something is on its way.
fn away(failure: Failure, hashes: &[Hash32]) -> Failure {
    let hash = hashes.first().map_or_else(String::new, ToString::to_string);
    let hint = format!("toru tx show {hash} says what became of it; sending it again is safe");
    match failure.exit() {
        Exit::NoAnswer => ResultError::Away { problem: failure.to_string(), hint }.into(),
        _ => failure,
    }
}
