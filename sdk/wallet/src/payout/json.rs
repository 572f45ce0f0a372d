//! A plan as its file has it. What is derived from the rows is in it for readers, and has to be what they come to.

use encoding::{
    AccountIndex, Amount, Counter, Hash32, Kt1Address, Level, Ticket, TicketContent, TicketIndex,
    Tz4Address, blake2b_256, whole,
};
use inbox::v2::MEMO_BYTES;
use serde::{Deserialize, Serialize};

use super::error::PlanError;
use super::file;
use super::plan::{PayoutFacts, PayoutPlan, PlannedPayer, PlannedRow, PlannedTicket};
use super::signing::SignaturesJson;
use crate::error::{FileError, FileKind, rollup};
use crate::payments::Source;
use crate::withdrawal_log::hash;

/// The version of the file.
const VERSION: u32 = 1;
/// What comes before the bytes that the digest is of.
const DIGEST_TAG: &[u8] = b"toru payout plan";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJson {
    toru: String,
    version: u32,
    digest: String,
    plan: PlanJson,
    signatures: Vec<SignaturesJson>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct PlanJson {
    rollup: String,
    file: SourceJson,
    level: i32,
    block: String,
    final_level: Option<i32>,
    expires: Option<i32>,
    allows_duplicates: bool,
    again: bool,
    rest: bool,
    totals: TotalsJson,
    payers: Vec<PayerJson>,
    tickets: Vec<TicketJson>,
    messages: Vec<MessageJson>,
    transactions: Vec<TransactionJson>,
    rows: Vec<RowJson>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct SourceJson {
    name: String,
    blake2b: String,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct TotalsJson {
    rows: usize,
    receivers: usize,
    by_index: usize,
    messages: usize,
    bytes: usize,
    verification_gas: u32,
    sums: Vec<SumJson>,
    duplicates: Vec<Vec<u64>>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct SumJson {
    ticket: usize,
    rows: usize,
    amount: String,
    units: String,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct PayerJson {
    name: String,
    account: String,
    registered: bool,
    counter: String,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct TicketJson {
    name: String,
    index: Option<u32>,
    ticketer: String,
    content: String,
    decimals: u8,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct MessageJson {
    payer: usize,
    transactions: usize,
    bytes: usize,
    verification_gas: u32,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct TransactionJson {
    hash: String,
    payer: usize,
    counter: String,
    rows: usize,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct RowJson {
    line: u64,
    name: String,
    to: String,
    index: Option<u32>,
    amount: String,
    units: String,
    ticket: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    payer: usize,
    transaction: usize,
}

impl PayoutPlan {
    /// The file, with the signatures that there are.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let json = FileJson {
            toru: FileKind::PayoutPlan.word().to_owned(),
            version: VERSION,
            digest: self.digest.to_string(),
            plan: self.body(),
            signatures: self.signatures_json(),
        };
        // There is nothing in it that JSON could not say.
        file::text(&json).unwrap_or_default()
    }

    /// Reads a file, and checks everything in it: that all it says is what its rows come to, that its digest is
    /// that of what it says, and that its signatures are good.
    ///
    /// # Errors
    /// When anything is not.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PlanError> {
        let json: FileJson = FileKind::PayoutPlan.read(bytes, VERSION)?;
        let mut plan = PayoutPlan::new(facts(&json.plan)?)?;
        let derived = plan.body();
        for (field, same) in [
            ("totals", derived.totals == json.plan.totals),
            ("messages", derived.messages == json.plan.messages),
            ("transactions", derived.transactions == json.plan.transactions),
            ("rows", derived.rows == json.plan.rows),
        ] {
            if !same {
                return Err(PlanError::Inconsistent(field));
            }
        }
        // What is left are facts, each of which may be written in one way.
        if plan.digest.to_string() != json.digest || derived != json.plan {
            let said = crate::error::one_line(&json.digest).chars().take(64).collect();
            return Err(PlanError::Changed { found: plan.digest, said });
        }
        for one in &json.signatures {
            plan.take_in(one)?;
        }
        Ok(plan)
    }

    /// Blake2b-256 of what it says, as compact JSON.
    pub(super) fn computed_digest(&self) -> Hash32 {
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        blake2b_256(&[DIGEST_TAG, &body])
    }

    fn body(&self) -> PlanJson {
        let PayoutFacts {
            rollup,
            file,
            level,
            block,
            finalized,
            expires,
            allows_duplicates,
            again,
            rest,
            payers,
            tickets,
            rows: _,
        } = &self.facts;
        PlanJson {
            rollup: rollup.to_string(),
            file: SourceJson { name: file.name.clone(), blake2b: file.digest.to_string() },
            level: level.0,
            block: block.clone(),
            final_level: finalized.map(|level| level.0),
            expires: expires.map(|level| level.0),
            allows_duplicates: *allows_duplicates,
            again: *again,
            rest: *rest,
            totals: self.totals_json(),
            payers: payers.iter().map(payer_json).collect(),
            tickets: tickets.iter().map(ticket_json).collect(),
            messages: self
                .messages
                .iter()
                .map(|(payer, cost)| MessageJson {
                    payer: *payer,
                    transactions: cost.transactions,
                    bytes: cost.bytes,
                    verification_gas: cost.gas.get(),
                })
                .collect(),
            transactions: self.transactions_json(),
            rows: self.facts.rows.iter().map(|row| self.row_json(row)).collect(),
        }
    }

    fn totals_json(&self) -> TotalsJson {
        let totals = self.totals();
        let sums = totals.sums.iter().map(|sum| SumJson {
            ticket: sum.ticket,
            rows: sum.rows,
            amount: self.sum_text(sum),
            units: sum.units.to_string(),
        });
        TotalsJson {
            rows: totals.rows,
            receivers: totals.receivers,
            by_index: totals.by_index,
            messages: totals.messages,
            bytes: totals.bytes,
            verification_gas: totals.gas.get(),
            sums: sums.collect(),
            duplicates: totals.duplicates,
        }
    }

    fn transactions_json(&self) -> Vec<TransactionJson> {
        let counter = |one: &super::plan::PlannedTransaction| {
            let operation = one.signable.transaction().operations.first();
            operation.map_or_else(String::new, |operation| operation.counter.get().to_string())
        };
        let all = self.transactions.iter().map(|one| TransactionJson {
            hash: one.signable.hash().to_string(),
            payer: one.payer,
            counter: counter(one),
            rows: one.rows.len(),
        });
        all.collect()
    }

    fn row_json(&self, row: &PlannedRow) -> RowJson {
        RowJson {
            line: row.line,
            name: row.name.clone(),
            to: row.to.to_string(),
            index: row.index.map(|index| index.0),
            amount: self.amount_of(row),
            units: row.amount.get().to_string(),
            ticket: row.ticket,
            memo: row.memo.clone(),
            payer: row.payer,
            transaction: row.transaction,
        }
    }
}

fn payer_json(payer: &PlannedPayer) -> PayerJson {
    PayerJson {
        name: payer.name.clone(),
        account: payer.account.to_string(),
        registered: payer.registered,
        counter: payer.counter.get().to_string(),
    }
}

fn ticket_json(ticket: &PlannedTicket) -> TicketJson {
    TicketJson {
        name: ticket.name.clone(),
        index: ticket.index.map(|index| index.0),
        ticketer: ticket.ticket.ticketer.to_string(),
        content: hex::encode(ticket.ticket.content.to_micheline()),
        decimals: ticket.decimals,
    }
}

fn malformed(field: &'static str, expected: &'static str) -> PlanError {
    FileError::Field { field, expected }.into()
}

fn facts(json: &PlanJson) -> Result<PayoutFacts, PlanError> {
    let file = hash(&json.file.blake2b).ok_or(malformed("blake2b", "a hash"))?;
    let payers = json.payers.iter().map(payer).collect::<Option<Vec<_>>>();
    let tickets = json.tickets.iter().map(ticket).collect::<Option<Vec<_>>>();
    let rows = json.rows.iter().map(row).collect::<Option<Vec<_>>>();
    Ok(PayoutFacts {
        rollup: rollup(&json.rollup)?,
        file: Source { name: json.file.name.clone(), digest: file },
        level: Level(json.level),
        block: json.block.clone(),
        finalized: json.final_level.map(Level),
        expires: match json.expires {
            Some(level) if level < 0 => return Err(malformed("expires", "a level")),
            expires => expires.map(Level),
        },
        allows_duplicates: json.allows_duplicates,
        again: json.again,
        rest: json.rest,
        payers: payers.ok_or(malformed("payers", "accounts with counters"))?,
        tickets: tickets.ok_or(malformed("tickets", "ticketers with contents"))?,
        rows: rows.ok_or(malformed("rows", "payments"))?,
    })
}

fn payer(json: &PayerJson) -> Option<PlannedPayer> {
    Some(PlannedPayer {
        name: json.name.clone(),
        account: Tz4Address::from_base58(&json.account).ok()?,
        registered: json.registered,
        counter: Counter::new(json.counter.parse().ok()?),
    })
}

fn ticket(json: &TicketJson) -> Option<PlannedTicket> {
    let ticketer = Kt1Address::from_base58(&json.ticketer).ok()?;
    let content = whole(&hex::decode(&json.content).ok()?, TicketContent::read).ok()?;
    (json.decimals <= crate::limits::MAX_DECIMALS).then(|| PlannedTicket {
        name: json.name.clone(),
        index: json.index.map(TicketIndex),
        ticket: Ticket { ticketer, content },
        decimals: json.decimals,
    })
}

fn row(json: &RowJson) -> Option<PlannedRow> {
    let is_memo = |memo: &String| (1..=MEMO_BYTES).contains(&memo.len());
    if !json.memo.iter().all(is_memo) {
        return None;
    }
    Some(PlannedRow {
        line: json.line,
        name: json.name.clone(),
        to: Tz4Address::from_base58(&json.to).ok()?,
        index: json.index.map(AccountIndex),
        ticket: json.ticket,
        amount: Amount::new(json.units.parse().ok()?),
        memo: json.memo.clone(),
        payer: json.payer,
        transaction: json.transaction,
    })
}
