//! A rollup of a few lines: counters and balances of one ticket, levels that can be taken back, and a node's queue.

use std::collections::{BTreeMap, HashMap};

use encoding::{Amount, Counter, Hash32, Level, MessageId, Tz4Address};
use inbox::v2::{Action, Name, Transaction};
use tx_kernel::results::batch::{BatchResult, OperationOutcome, TransactionResult};
use tx_kernel::results::{Outcome, ResultCode};

use crate::admission::Verified;
use crate::pool::{AccountState, Away, Sim, Verdict};

/// What everybody has at first.
pub(super) const FUNDS: u64 = 100;
/// Levels until one is final.
pub(super) const FINALITY: i32 = 2;

/// An account's address.
pub(super) fn address(index: u32) -> Tz4Address {
    let mut bytes = [7; 20];
    bytes[..4].copy_from_slice(&index.to_be_bytes());
    Tz4Address(bytes)
}

/// Counters and balances, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger(HashMap<u32, (u64, u64)>);

impl Ledger {
    fn account(&mut self, index: u32) -> &mut (u64, u64) {
        self.0.entry(index).or_insert((0, FUNDS))
    }

    pub(super) fn counter(&self, index: u32) -> u64 {
        self.0.get(&index).map_or(0, |(counter, _)| *counter)
    }

    /// Applies a transaction of one transfer as the kernel does: the counter is used up even if the balance is too low.
    fn apply(&mut self, transaction: &Transaction, level: Level) -> Outcome {
        let (from, counter, to, amount) = parts(transaction);
        if let Some(expires) = transaction.expires.filter(|expires| *expires < level) {
            let number = |level: Level| u64::try_from(level.0).unwrap();
            return Outcome::new(ResultCode::TransactionExpired, number(expires), number(level));
        }
        let (next, balance) = *self.account(from);
        if counter != next {
            return Outcome::new(ResultCode::CounterMismatch, next, counter);
        }
        self.account(from).0 += 1;
        if balance < amount {
            return Outcome::new(ResultCode::BalanceTooLow, balance, amount);
        }
        self.account(from).1 -= amount;
        self.account(to).1 += amount;
        Outcome::plain(ResultCode::Applied)
    }
}

/// Who pays with which counter to whom how much.
pub(super) fn parts(transaction: &Transaction) -> (u32, u64, u32, u64) {
    let operation = &transaction.operations[0];
    let index = |name: Name| match name {
        Name::Index(index) => index.0,
        other => panic!("{other:?}"),
    };
    let Action::Transfers { to, .. } = &operation.actions[0] else { panic!("{operation:?}") };
    (index(operation.signer), operation.counter.get(), index(to[0].0), to[0].1.get())
}

/// A ledger to which transactions are applied in turn.
pub(super) struct ModelSim {
    pub(super) base: Ledger,
    pub(super) level: Level,
    pub(super) now: Ledger,
}

impl ModelSim {
    pub(super) fn new(base: Ledger, level: Level) -> Self {
        ModelSim { now: base.clone(), base, level }
    }
}

impl Sim for ModelSim {
    fn apply(&mut self, tx: &Verified) -> Result<Verdict, Away> {
        let (from, counter, ..) = parts(&tx.transaction);
        let expected = Counter::new(self.now.counter(from));
        let provided = Counter::new(counter);
        if provided < expected {
            return Ok(Verdict::CounterBehind { expected, provided });
        }
        if provided > expected {
            return Ok(Verdict::CounterAhead { account: address(from), expected, provided });
        }
        let mut after = self.now.clone();
        let outcome = after.apply(&tx.transaction, self.level);
        Ok(match outcome.code {
            ResultCode::Applied => {
                self.now = after;
                Verdict::Applied
            }
            ResultCode::TransactionExpired => Verdict::Expired(vec![outcome]),
            _ => Verdict::Refused(vec![outcome]),
        })
    }

    fn reset(&mut self) -> Result<(), Away> {
        self.now = self.base.clone();
        Ok(())
    }

    fn try_all(&mut self, _: &[Transaction]) -> Result<Vec<Vec<Outcome>>, Away> {
        Ok(Vec::new())
    }

    fn view(&mut self, _: &Tz4Address) -> Result<AccountState, Away> {
        let balances = vec![(encoding::TicketIndex(0), Amount::ZERO)];
        Ok(AccountState { index: None, counter: Counter::FIRST, balances })
    }
}

/// A message: a batch, or a transaction of somebody who goes past the batcher.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: Hash32,
    pub(super) transactions: Vec<(Hash32, Transaction)>,
    /// The transactions whose own signature is used.
    pub(super) individual: Vec<bool>,
}

/// What became of everything, as of a level.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) ledger: Ledger,
    pub(super) messages: Vec<Message>,
    pub(super) batches: HashMap<Hash32, BatchResult>,
    pub(super) refused: HashMap<Hash32, (MessageId, Outcome)>,
    pub(super) alone: HashMap<Hash32, TransactionResult>,
    /// How often each transaction was applied.
    pub(super) applied: BTreeMap<Hash32, u32>,
    /// Transactions that used up a counter without being applied.
    pub(super) failed: BTreeMap<Hash32, u32>,
}

/// The chain: level 0 comes first.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) blocks: Vec<Block>,
    pub(super) queue: Vec<Message>,
}

impl Chain {
    pub(super) fn new() -> Self {
        Chain { blocks: vec![Block::default()], queue: Vec::new() }
    }

    pub(super) fn head(&self) -> Level {
        Level(i32::try_from(self.blocks.len()).unwrap() - 1)
    }

    pub(super) fn finalized(&self) -> Level {
        Level((self.head().0 - FINALITY).max(0))
    }

    pub(super) fn tip(&self) -> &Block {
        self.blocks.last().unwrap()
    }

    /// A level with what is queued. Those messages for which `busy` says so are refused whole.
    pub(super) fn bake(&mut self, mut busy: impl FnMut() -> bool) {
        let level = Level(self.head().0 + 1);
        let messages = std::mem::take(&mut self.queue);
        let mut block = Block { messages: Vec::new(), ..self.tip().clone() };
        for (index, message) in (2..).zip(messages) {
            let place = MessageId { level, index };
            block.messages.push(message.clone());
            let stale = message.transactions.iter().all(|(_, transaction)| {
                let (from, counter, ..) = parts(transaction);
                counter < block.ledger.counter(from)
            });
            if stale || busy() {
                let code = if stale { ResultCode::AllStale } else { ResultCode::Busy };
                block.refused.insert(message.id, (place, Outcome::plain(code)));
                continue;
            }
            block.include(&message, place);
        }
        self.blocks.push(block);
    }

    /// The levels after this one are taken back. Their messages, in order.
    pub(super) fn revert(&mut self, level: Level) -> Vec<Message> {
        let kept = usize::try_from(level.0).unwrap() + 1;
        self.blocks.drain(kept..).flat_map(|block| block.messages).collect()
    }
}

impl Block {
    fn include(&mut self, message: &Message, place: MessageId) {
        let transactions = u32::try_from(message.transactions.len()).unwrap();
        let earlier = self.batches.get(&message.id).cloned();
        let mut result = BatchResult { message: place, transactions, lines: Vec::new() };
        for (number, (hash, transaction)) in (0..).zip(&message.transactions) {
            let outcome = self.ledger.apply(transaction, place.level);
            match outcome.code {
                ResultCode::Applied => *self.applied.entry(*hash).or_default() += 1,
                _ if outcome.is_final() => *self.failed.entry(*hash).or_default() += 1,
                _ => {}
            }
            let at = usize::try_from(number).unwrap();
            let line = OperationOutcome { outcome, memo: None };
            if message.individual[at] && (outcome.is_final() || !self.alone.contains_key(hash)) {
                let lines = vec![line.clone()];
                let one = TransactionResult { message: place, transaction: number, lines };
                self.alone.entry(*hash).and_modify(|_| {}).or_insert(one.clone());
                if outcome.is_final() {
                    self.alone.insert(*hash, one);
                }
            }
            // What an earlier copy has settled stays.
            let settled = earlier.as_ref().map(|earlier| earlier.outcome(number, 0));
            match settled.filter(Outcome::is_final) {
                Some(outcome) if outcome.code == ResultCode::Applied => {}
                Some(outcome) => {
                    result.lines.push((number, 0, OperationOutcome { outcome, memo: None }));
                }
                None if outcome.code != ResultCode::Applied => result.lines.push((number, 0, line)),
                None => {}
            }
        }
        self.batches.insert(message.id, result);
    }
}
