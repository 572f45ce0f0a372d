//! What became of a v2 batch, and of transactions in it that were signed for themselves.
//!
//! | path under the state | value |
//! |---|---|
//! | `/results/<generation>/batch/<digest>` | level i32, message u32, transactions u32; for each operation that has something to be said: transaction u32, operation u32, line |
//! | `/results/<generation>/transaction/<digest>` | level i32, message u32, transaction u32; for each operation a line |
//!
//! A line is code u16, first u64, second u64, memo: `00`, or `01` length u8 and bytes, or `02` and 32
//! bytes. Each result is found under the digest that its signers signed. An operation of a batch that
//! has no line was applied, with no memo.

use encoding::{Hash32, Level, MessageId};
use host::{HostError, RawRollupCore, Subtree};
use inbox::v2::Memo;

use super::{Outcome, ResultCode, find, generation, outcome_bytes, outcome_from};

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationOutcome {
    /// Applied, or why not.
    pub outcome: Outcome,
    /// The remark that its signer made.
    pub memo: Option<Memo>,
}

/// What became of a batch whose signature was good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchResult {
    /// The message that carried it last.
    pub message: MessageId,
    /// How many transactions it has, those of transfer groups included.
    pub transactions: u32,
    /// In the order of operations. Of all others it is to be said that they were applied.
    pub lines: Vec<Line>,
}

/// A transaction, an operation of it, and what is to be said.
pub type Line = (u32, u32, OperationOutcome);

fn is_settled((_, _, line): &Line) -> bool {
    line.outcome.is_final()
}

/// What became of a transaction that somebody signed for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionResult {
    /// The message that carried it.
    pub message: MessageId,
    /// Its number in the batch.
    pub transaction: u32,
    /// One for each operation.
    pub lines: Vec<OperationOutcome>,
}

const NO_MEMO: u8 = 0;
const MEMO_BYTES: u8 = 1;
const MEMO_HASH: u8 = 2;

impl BatchResult {
    pub(crate) fn new(message: MessageId, transactions: usize) -> Self {
        let transactions = u32::try_from(transactions).unwrap_or(u32::MAX);
        BatchResult { message, transactions, lines: Vec::new() }
    }

    /// What became of an operation.
    pub fn outcome(&self, transaction: u32, operation: u32) -> Outcome {
        let key = (transaction, operation);
        let found = self.lines.iter().find(|(t, o, _)| (*t, *o) == key);
        found.map_or_else(|| Outcome::plain(ResultCode::Applied), |(_, _, line)| line.outcome)
    }

    /// Keeps what an earlier copy of the same batch has settled: it is final.
    pub(crate) fn merge(&mut self, earlier: &BatchResult) {
        // Both are in the order of operations. Of an operation that has a line in neither nothing is to be said.
        let mut before = earlier.lines.iter().peekable();
        let mut lines = Vec::with_capacity(self.lines.len().max(earlier.lines.len()));
        let place = |line: &Line| (line.0, line.1);
        for line in std::mem::take(&mut self.lines) {
            while let Some(known) = before.next_if(|known| place(known) < place(&line)) {
                lines.extend(is_settled(known).then(|| known.clone()));
            }
            // Without a line it was applied, which is settled.
            match before.next_if(|known| place(known) == place(&line)) {
                Some(known) if is_settled(known) => lines.push(known.clone()),
                Some(_) => lines.push(line),
                None => {}
            }
        }
        lines.extend(before.filter(|known| is_settled(known)).cloned());
        self.lines = lines;
    }

    /// As the kernel keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = header(self.message, self.transactions);
        for (transaction, operation, line) in &self.lines {
            bytes.extend_from_slice(&transaction.to_be_bytes());
            bytes.extend_from_slice(&operation.to_be_bytes());
            line.write(&mut bytes);
        }
        bytes
    }

    /// Reads a record of the kernel's.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (message, transactions, mut rest) = read_header(bytes)?;
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let (transaction, after) = rest.split_first_chunk()?;
            let (operation, after) = after.split_first_chunk()?;
            let (line, after) = OperationOutcome::read(after)?;
            lines.push((u32::from_be_bytes(*transaction), u32::from_be_bytes(*operation), line));
            rest = after;
        }
        Some(BatchResult { message, transactions, lines })
    }
}

impl TransactionResult {
    /// Whether this is the last word.
    pub fn is_final(&self) -> bool {
        self.lines.iter().all(|line| line.outcome.is_final())
    }

    /// As the kernel keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = header(self.message, self.transaction);
        self.lines.iter().for_each(|line| line.write(&mut bytes));
        bytes
    }

    /// Reads a record of the kernel's.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (message, transaction, mut rest) = read_header(bytes)?;
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let (line, after) = OperationOutcome::read(rest)?;
            lines.push(line);
            rest = after;
        }
        Some(TransactionResult { message, transaction, lines })
    }
}

fn header(message: MessageId, number: u32) -> Vec<u8> {
    [message.level.0.to_be_bytes(), message.index.to_be_bytes(), number.to_be_bytes()].concat()
}

fn read_header(bytes: &[u8]) -> Option<(MessageId, u32, &[u8])> {
    let (level, rest) = bytes.split_first_chunk()?;
    let (index, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let level = Level(i32::from_be_bytes(*level));
    let message = MessageId { level, index: u32::from_be_bytes(*index) };
    Some((message, u32::from_be_bytes(*number), rest))
}

impl OperationOutcome {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&outcome_bytes(&self.outcome));
        match &self.memo {
            None => out.push(NO_MEMO),
            Some(Memo::Bytes(bytes)) => {
                // 64 are the most.
                out.extend([MEMO_BYTES, u8::try_from(bytes.len()).unwrap_or(u8::MAX)]);
                out.extend_from_slice(bytes);
            }
            Some(Memo::Hash(hash)) => {
                out.push(MEMO_HASH);
                out.extend_from_slice(&hash.0);
            }
        }
    }

    fn read(bytes: &[u8]) -> Option<(OperationOutcome, &[u8])> {
        let (outcome, rest) = bytes.split_first_chunk::<18>()?;
        let outcome = outcome_from(outcome)?;
        let (kind, rest) = rest.split_first()?;
        let (memo, rest) = match *kind {
            NO_MEMO => (None, rest),
            MEMO_BYTES => {
                let (length, rest) = rest.split_first()?;
                let (bytes, rest) = rest.split_at_checked((*length).into())?;
                (Some(Memo::Bytes(bytes.to_vec())), rest)
            }
            MEMO_HASH => {
                let (hash, rest) = rest.split_first_chunk()?;
                (Some(Memo::Hash(Hash32(*hash))), rest)
            }
            _ => return None,
        };
        Some((OperationOutcome { outcome, memo }, rest))
    }
}

/// The path of a batch's result within its generation.
pub fn batch_name(digest: &Hash32) -> String {
    format!("batch/{digest}")
}

/// The path of a transaction's result within its generation.
pub fn transaction_name(digest: &Hash32) -> String {
    format!("transaction/{digest}")
}

/// The path of a batch's result, when it is known in `level`.
pub(crate) fn batch_path(level: Level, digest: &Hash32) -> String {
    format!("/results/{}/{}", generation(level), batch_name(digest))
}

/// The path of a transaction's result, when it is known in `level`.
pub(crate) fn transaction_path(level: Level, digest: &Hash32) -> String {
    format!("/results/{}/{}", generation(level), transaction_name(digest))
}

/// The result of a batch, if it has one that is still kept in `level`.
///
/// # Errors
/// When the host fails, or a stored value does not match the layout.
pub fn of_batch<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    level: Level,
    digest: &Hash32,
) -> Result<Option<BatchResult>, HostError> {
    find(state, level, |level| batch_path(level, digest), BatchResult::from_bytes)
}

/// The result of a transaction that was signed for itself, if it is still kept in `level`.
///
/// # Errors
/// When the host fails, or a stored value does not match the layout.
pub fn of_transaction<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    level: Level,
    digest: &Hash32,
) -> Result<Option<TransactionResult>, HostError> {
    find(state, level, |level| transaction_path(level, digest), TransactionResult::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: MessageId = MessageId { level: Level(7), index: 3 };

    fn line(code: ResultCode, memo: Option<Memo>) -> OperationOutcome {
        OperationOutcome { outcome: Outcome::new(code, 1, u64::MAX), memo }
    }

    #[test]
    fn records_there_and_back() {
        let memos = [None, Some(Memo::Bytes(b"hi".to_vec())), Some(Memo::Hash(Hash32([7; 32])))];
        let lines = memos.map(|memo| line(ResultCode::BalanceTooLow, memo)).to_vec();
        let batch = BatchResult {
            message: MESSAGE,
            transactions: 9,
            lines: (0..).zip(lines.clone()).map(|(at, line)| (at, at * 2, line)).collect(),
        };
        assert_eq!(BatchResult::from_bytes(&batch.to_bytes()), Some(batch.clone()));
        let transaction = TransactionResult { message: MESSAGE, transaction: 4, lines };
        assert_eq!(TransactionResult::from_bytes(&transaction.to_bytes()), Some(transaction));
        assert_eq!(batch.outcome(1, 2).code, ResultCode::BalanceTooLow);
        assert_eq!(batch.outcome(1, 1).code, ResultCode::Applied);
    }

    #[test]
    fn what_is_settled_stays_and_what_is_not_gives_way() {
        let stale = line(ResultCode::CounterMismatch, None);
        let failed = line(ResultCode::BalanceTooLow, None);
        // Transaction 0 was applied, 1 failed, 2 came too early; now 2 is applied.
        let mut earlier = BatchResult::new(MESSAGE, 3);
        earlier.lines = vec![(1, 0, failed.clone()), (2, 0, stale.clone())];
        let mut again = BatchResult::new(MESSAGE, 3);
        again.lines = vec![(0, 0, stale.clone()), (1, 0, stale)];
        again.merge(&earlier);
        assert_eq!(again.lines, [(1, 0, failed)]);
    }
}
