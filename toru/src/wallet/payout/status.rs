//! `toru payout status`: how far a plan has come.

use serde_json::{Map, Value, json};
use wallet::follow::Settlement;
use wallet::payments::NextStep;
use wallet::payout::{PayoutPart, PayoutPlan, RowStage, StagedRow};
use wallet::rpc::Settled;
use wallet::transaction_status::TransactionStatus;

use super::super::counted::counted;
use super::super::error::payout::PayoutFailure;
use super::super::folders;
use super::super::grid::grid;
use super::super::result_text::reason_words;
use super::super::session::Session;
use super::args::StatusArgs;
use super::file;
use super::text::row_text;
use crate::error::Failure;
use crate::shell;
use crate::ui::{Output, Ui, json_line};
use explain::text::grouped;

/// Rows that are not paid which are shown without `--verbose`.
const ROWS_SHOWN: usize = 20;

/// Says how far a plan has come.
pub(super) fn status(args: &StatusArgs, ui: &Ui) -> Result<Output, Failure> {
    let plan = file::read(&args.plan)?;
    let session = Session::open(&args.wallet, ui)?.with_payments(&args.records);
    let store = folders::payments(&args.records, session.wallet.rollup())?;
    let parts = session.wallet.payout_progress(&store, &plan).map_err(PayoutFailure::of)?;
    let status = PayoutStatus::of(&session, &plan, &parts)?;
    let path = shell::word(&args.plan.display().to_string());
    let refused = status.unpaid(&parts, &format!("toru payout run {path} --wait"));
    if ui.is_json() {
        let mut told = status.json();
        told["plan"] = super::text::plan_json(&plan);
        return Ok(Output { text: json_line(&told)?, refused });
    }
    let mut text = format!("plan {}\nof {}\n", plan.digest(), plan.facts().file.name);
    text.push_str(&status.text(session.verbose));
    let is_begun = parts.iter().any(PayoutPart::is_begun);
    // A plan that is stale has no next step: the error says what to do.
    if !is_begun && refused.is_none() {
        let missing = plan.missing();
        let payer = plan.facts().payers.iter().find(|one| missing.contains(&one.account));
        text.push_str(&match payer {
            Some(payer) => {
                format!("next: toru payout sign {path} --key {}\n", shell::word(&payer.name))
            }
            None => format!("next: toru payout run {path} --wait\n"),
        });
    }
    Ok(Output { text, refused })
}

/// How far the rows of a plan have come.
pub(super) struct PayoutStatus<'p> {
    plan: &'p PayoutPlan,
    /// Every row, in the order of the plan.
    pub rows: Vec<StagedRow>,
    /// Where the records of the run are.
    pub records: Vec<String>,
}

impl<'p> PayoutStatus<'p> {
    /// As a node says.
    pub fn of(
        session: &Session<'_>,
        plan: &'p PayoutPlan,
        parts: &[PayoutPart],
    ) -> Result<Self, Failure> {
        let settled = session.wallet.node().settled()?;
        Ok(Self::at(plan, parts, Some(&settled)))
    }

    /// As far as layer 1 has settled it; without a node, nothing is known to be settled.
    pub fn at(plan: &'p PayoutPlan, parts: &[PayoutPart], settled: Option<&Settled>) -> Self {
        let records = parts.iter().filter_map(|part| part.stored.as_ref());
        PayoutStatus {
            plan,
            rows: plan.staged(parts, settled),
            records: records.map(|stored| stored.path().display().to_string()).collect(),
        }
    }

    /// How many rows are at each stage, where there are any.
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let count =
            |word: &&'static str| self.rows.iter().filter(|row| row.stage.word() == *word).count();
        let all = RowStage::WORDS.iter().map(|word| (*word, count(word)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// The same in a line.
    pub fn summary(&self) -> String {
        let counts = self.counts().into_iter();
        let counts = counts.map(|(word, count)| format!("{} {word}", grouped(&count.to_string())));
        format!(
            "of {}, {}",
            counted(self.rows.len(), "payment"),
            counts.collect::<Vec<_>>().join(", ")
        )
    }

    /// Whether anything of it is in no level.
    pub fn is_any_open(&self) -> bool {
        self.rows.iter().any(|row| row.status.is_open())
    }

    /// How many rows have not come so far.
    pub fn behind(&self, stage: Settlement) -> usize {
        let is_there =
            |row: &&StagedRow| matches!(row.stage, RowStage::Paid(reached) if reached >= stage);
        self.rows.len() - self.rows.iter().filter(is_there).count()
    }

    /// What is to be said of rows that were not paid, and will not be without anything being done.
    pub fn unpaid(&self, parts: &[PayoutPart], run: &str) -> Option<Failure> {
        let of = self.rows.len();
        let is_unpaid = |row: &&StagedRow| matches!(row.stage, RowStage::Unpaid(_));
        let is_unknown = |row: &&StagedRow| row.status.is_unknown();
        let unpaid: Vec<&StagedRow> =
            self.rows.iter().filter(is_unpaid).filter(|row| !is_unknown(row)).collect();
        let Some(first) = unpaid.first() else {
            let unknown = self.rows.iter().filter(is_unknown).count();
            let is_old =
                |row: &StagedRow| !is_unknown(&row) || row.status == TransactionStatus::Forgotten;
            return match (unknown, self.rows.iter().all(is_old)) {
                (0, _) => None,
                (rows, true) => Some(PayoutFailure::Forgotten(rows).into()),
                (rows, false) => Some(PayoutFailure::Unknown(rows).into()),
            };
        };
        let words = reason_words(&first.status);
        let why = if words.is_empty() { first.stage.word().to_owned() } else { words };
        let can_send = parts.iter().any(|part| matches!(part.next(), NextStep::Send(_)));
        let is_recorded = parts.iter().any(|part| part.stored.is_some());
        let hint = match (can_send, is_recorded) {
            (true, _) => {
                format!("{run} sends again what can still be applied, and pays nobody twice")
            }
            (false, true) => {
                "toru payout plan FILE.csv --from NAME --unpaid plans these rows anew, once no \
                 reorganisation of layer 1 brings back what was signed (two levels)"
                    .to_owned()
            }
            (false, false) => {
                "nothing of it was sent from here: toru payout plan FILE.csv --from NAME makes a new plan".to_owned()
            }
        };
        Some(PayoutFailure::NotPaid { unpaid: unpaid.len(), of, why, hint }.into())
    }

    /// A line for each stage, and for each row that is not paid; with `all`, for each row.
    pub fn text(&self, all: bool) -> String {
        let counts = self.counts().into_iter();
        let counts = counts.map(|(word, count)| vec![word.to_owned(), grouped(&count.to_string())]);
        let mut text = grid(&["stage", "payments"], &["payments"], counts);
        let rows: Vec<&StagedRow> = match all {
            true => self.rows.iter().collect(),
            false => {
                let is_unpaid = |row: &&StagedRow| matches!(row.stage, RowStage::Unpaid(_));
                self.rows.iter().filter(is_unpaid).collect()
            }
        };
        let shown = if all { rows.len() } else { ROWS_SHOWN };
        for one in rows.iter().take(shown) {
            let Some(row) = self.plan.facts().rows.get(one.row) else { continue };
            let level = one.level.map_or_else(String::new, |level| format!(", level {level}"));
            let words = reason_words(&one.status);
            let words = if words.is_empty() { words } else { format!(": {words}") };
            text.push_str(&format!(
                "{}, {}, {}{level}{words}\n",
                row_text(self.plan, row),
                one.hash,
                one.stage.word()
            ));
        }
        if let Some(more) = rows.len().checked_sub(shown).filter(|more| *more > 0) {
            text.push_str(&format!(
                "and {}: --verbose shows them\n",
                counted(more, "more payment")
            ));
        }
        for record in &self.records {
            text.push_str(&format!("record {record}\n"));
        }
        text
    }

    /// All of it.
    pub fn json(&self) -> Value {
        let counts: Map<String, Value> = self
            .counts()
            .into_iter()
            .map(|(word, count)| (word.to_owned(), json!(count)))
            .collect();
        let rows = self.rows.iter().filter_map(|one| {
            let row = self.plan.facts().rows.get(one.row)?;
            let ticket = self.plan.ticket_of(row)?;
            let payer = self.plan.facts().payers.get(row.payer)?;
            Some(json!({
                "line": row.line,
                "from": payer.account.to_string(),
                "name": row.name,
                "to": row.to.to_string(),
                "amount": self.plan.amount_of(row),
                "units": row.amount.get().to_string(),
                "ticket": ticket.name,
                "ticketer": ticket.ticket.ticketer.to_string(),
                "content": hex::encode(ticket.ticket.content.to_micheline()),
                "memo": row.memo,
                "hash": one.hash.to_string(),
                "stage": one.stage.word(),
                "level": one.level.map(|level| level.0),
                "paid": matches!(one.stage, RowStage::Paid(_)),
                "final": one.is_final,
                "result": one.status.word(),
                "reason": reason_words(&one.status),
            }))
        });
        json!({
            "counts": counts,
            "rows": rows.collect::<Value>(),
            "records": self.records,
        })
    }
}
