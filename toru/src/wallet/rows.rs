//! What became of each row of some payments: in words and as JSON.

use serde_json::{Value, json};
use wallet::amount;
use wallet::payments::Payments;
use wallet::pins::Pins;
use wallet::ticket::Token;
use wallet::transaction_status::TransactionStatus;

use super::counted::{counted, lines_told};
use super::error::payment::PaymentError;
use super::grid::grouped;
use super::result_text::reason_words;
use super::session::Session;
use crate::error::Failure;

/// Payments, with what became of each row.
pub(super) struct PaymentsReport<'p> {
    payments: &'p Payments,
    /// Of each row.
    statuses: Vec<TransactionStatus>,
    tokens: &'p [Token],
    pins: &'p Pins,
}

impl<'p> PaymentsReport<'p> {
    /// What became of payments, given that of each of their transactions.
    pub fn new(
        payments: &'p Payments,
        statuses: &[TransactionStatus],
        tokens: &'p [Token],
        pins: &'p Pins,
    ) -> Self {
        let status = |at: usize| statuses.get(at).copied().unwrap_or(TransactionStatus::Open(None));
        PaymentsReport {
            payments,
            statuses: payments.current().into_iter().map(status).collect(),
            tokens,
            pins,
        }
    }

    fn count(&self, wanted: impl Fn(&TransactionStatus) -> bool) -> usize {
        self.statuses.iter().filter(|status| wanted(status)).count()
    }

    /// How many rows are paid.
    pub fn paid(&self) -> usize {
        self.count(|status| matches!(status, TransactionStatus::Applied(_)))
    }

    /// Every row.
    pub fn json(&self) -> Value {
        let hashes = self.hashes();
        let rows = self.payments.rows.iter().zip(&self.statuses).zip(hashes);
        let rows = rows.map(|((row, status), hash)| {
            let token = self.token(&row.ticket);
            let (level, reason) = match status {
                TransactionStatus::Applied(level) => (Some(*level), None),
                TransactionStatus::Refused(level, reason)
                | TransactionStatus::Open(Some((level, reason))) => (Some(*level), Some(*reason)),
                _ => (None, None),
            };
            json!({
                "line": (row.line > 0).then_some(row.line),
                "to": row.to.to_string(),
                "amount": amount::text(row.amount, token.decimals),
                "units": row.amount.get().to_string(),
                "ticket": token.word(),
                "pinned": token.pinned.is_some(),
                "claims": token.symbol,
                "ticket_index": token.known_index().map(|index| index.0),
                "ticketer": row.ticket.ticketer.to_string(),
                "content": hex::encode(row.ticket.content.to_micheline()),
                "hash": hash,
                "result": status.word(),
                "paid": matches!(status, TransactionStatus::Applied(_)),
                "level": level.map(|level| level.0),
                "code": reason.map(|reason| reason.code.name()),
                "number": reason.map(|reason| reason.code.number()),
                "values": reason.as_ref().map(explain::outcome::values_in_decimal),
                "reason": reason_words(status),
            })
        });
        rows.collect()
    }

    /// A line for each row that is not paid, and how many are; with `all`, a line for each row.
    pub fn text(&self, session: &Session<'_>, all: bool) -> Result<String, Failure> {
        let paid = grouped(&self.paid().to_string());
        let total = counted(self.statuses.len(), "payment");
        Ok(format!("{}{paid} of {total} made\n", self.lines(session, all)?))
    }

    /// A line for each row that is not paid; with `all`, for each row.
    pub fn lines(&self, session: &Session<'_>, all: bool) -> Result<String, Failure> {
        let mut text = String::new();
        let hashes = self.hashes();
        for ((row, status), hash) in self.payments.rows.iter().zip(&self.statuses).zip(hashes) {
            let is_paid = matches!(status, TransactionStatus::Applied(_));
            if is_paid && !all {
                continue;
            }
            let token = self.token(&row.ticket);
            let pays = grouped(&amount::text(row.amount, token.decimals));
            let to = session.by_address(row.to)?.label();
            let line = if row.line > 0 { format!("line {}: ", row.line) } else { String::new() };
            let words = reason_words(status);
            let words = if words.is_empty() { words } else { format!(": {words}") };
            let word = status.word();
            let label = token.among(self.tokens);
            text.push_str(&format!("{line}{pays} {label} to {to}, {hash}, {word}{words}\n"));
        }
        Ok(text)
    }

    /// The same in a line: how many are paid, refused and open.
    pub fn summary(&self) -> String {
        let total = self.statuses.len();
        let mut words = vec![format!(
            "{} of {} made",
            layer1::plain::grouped(self.paid()),
            counted(total, "payment")
        )];
        let dead = self.count(TransactionStatus::is_dead);
        let open = self.count(TransactionStatus::is_open);
        let forgotten = self.count(|status| *status == TransactionStatus::Forgotten);
        let unknown = self.count(|status| *status == TransactionStatus::Unknown);
        for (count, what) in [
            (open, "not settled yet"),
            (dead, "not made"),
            (forgotten, "so old that nobody knows"),
            (unknown, "perhaps made in a batch"),
        ] {
            if count > 0 {
                words.push(format!("{} {what}", layer1::plain::grouped(count)));
            }
        }
        let hash = self.open_hash();
        let hash = hash.map_or_else(String::new, |hash| format!(" (toru tx show {hash})"));
        format!("{}{hash}", words.join(", "))
    }

    /// The hash of a transaction that tells most: the first that is open, otherwise the last.
    fn open_hash(&self) -> Option<String> {
        let hashes = self.hashes();
        let open = self.statuses.iter().position(TransactionStatus::is_open);
        let at = open.unwrap_or(hashes.len().saturating_sub(1));
        hashes.get(at).cloned()
    }

    /// What is to be said of those that are not paid, if there are any; `why` if the waiting for them
    /// ended early.
    pub fn refusal(&self, why: &str, resume: &str) -> Option<PaymentError> {
        let of = self.statuses.len();
        let resume = resume.to_owned();
        let had_its_turn =
            |status: &&TransactionStatus| matches!(status, TransactionStatus::Open(Some(_)));
        let dead = self.statuses.iter().find(|status| status.is_dead());
        let dead = dead.or_else(|| self.statuses.iter().find(had_its_turn));
        if let Some(status) = dead {
            let unpaid = of - self.paid();
            return Some(PaymentError::NotPaid { unpaid, of, why: reason_words(status), resume });
        }
        let open = self.count(TransactionStatus::is_open);
        if open > 0 {
            return Some(PaymentError::NotPaidYet { open, of, why: why.to_owned(), resume });
        }
        self.unknown()
    }

    /// What is to be said of those of which nobody here knows whether they are paid, if there are any.
    pub fn unknown(&self) -> Option<PaymentError> {
        let lines = |wanted: TransactionStatus| -> Vec<u64> {
            let all = self.payments.rows.iter().zip(&self.statuses);
            all.filter(|(_, status)| **status == wanted).map(|(row, _)| row.line).collect()
        };
        let unknown = lines(TransactionStatus::Unknown);
        if !unknown.is_empty() {
            let (rows, of) = (unknown.len(), self.statuses.len());
            let lines = self.payments.file.as_ref().map(|_| lines_told(&unknown));
            return Some(PaymentError::Unknown { rows, of, lines });
        }
        let forgotten = lines(TransactionStatus::Forgotten);
        let (rows, lines) = (forgotten.len(), lines_told(&forgotten));
        (rows > 0).then_some(PaymentError::Forgotten { rows, lines })
    }

    /// Of each row, that of its transaction.
    fn hashes(&self) -> Vec<String> {
        let hashes: Vec<String> =
            self.payments.transactions.iter().map(|one| one.signable.hash().to_string()).collect();
        let of = |at: usize| hashes.get(at).cloned().unwrap_or_default();
        self.payments.current().into_iter().map(of).collect()
    }

    fn token(&self, ticket: &encoding::Ticket) -> Token {
        let known = self.tokens.iter().find(|token| token.ticket == *ticket);
        known.cloned().unwrap_or_else(|| Token::unindexed(ticket.clone(), self.pins))
    }
}
