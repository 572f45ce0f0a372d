//! `toru payout plan`: from a file of payments to a plan.

use std::collections::BTreeSet;

use serde_json::json;
use wallet::expiry::last_level;
use wallet::packing::Payment;
use wallet::pay::{PayError, PaymentRequest};
use wallet::payments::{Row, Source};
use wallet::payout::{PayoutError, PayoutPlan, PayoutRequest, RequestedRow};
use wallet::sheet;
use wallet::state::RollupState;

use super::super::error::payout::PayoutFailure;
use super::super::folders;
use super::super::payments::{self, Payers, SheetArgs, SheetRow, TooMuch};
use super::super::plan::Plan;
use super::super::session::Session;
use super::args::PlanArgs;
use super::file;
use super::text::{plan_json, plan_text};
use crate::error::{Failure, shown_path};
use crate::shell;
use crate::ui::{Output, Ui, json_line};

/// Plans the payments of a file.
pub(super) fn plan(args: &PlanArgs, ui: &Ui) -> Result<Output, Failure> {
    let bytes = payments::bytes(&args.file)?;
    let session = Session::open(&args.wallet, ui)?.with_payments(&args.records);
    let state = session.state()?;
    let store = folders::payments(&args.records, state.rollup())?;
    let mut payers = Payers { all: Vec::new(), usual: None, of_rows: true };
    if let Some(from) = &args.from {
        let payer = session.account_ref(&state, from)?;
        payers.all.push((from.clone(), state.account(&payer.address)?));
        payers.usual = Some(0);
    }
    let sheet = SheetArgs {
        ignored: &args.ignore_columns,
        memo: args.memo.memo.as_deref(),
        by_index: !args.by_address,
    };
    let (payers, rows) = payments::read_rows(&session, &state, payers, &args.file, &bytes, &sheet)?;
    // The same file makes the same plan in whatever folder it is.
    let name = args.file.file_name().map_or_else(|| args.file.clone(), Into::into);
    let source = Source { name: shown_path(&name), digest: sheet::digest(&bytes) };
    let request = PayoutRequest {
        file: source,
        payers: payers.all.iter().map(|(name, one)| (name.clone(), one.address)).collect(),
        rows: rows.iter().map(requested).collect(),
        expires: last_level(state.block().level, args.valid_for),
        by_index: !args.by_address,
        allows_duplicates: args.allow_duplicates,
        again: args.again,
        rest: args.unpaid,
    };
    let mut indexes = session.known_indexes()?;
    let planned = session.wallet.plan_payout(&store, &state, &request, &mut indexes);
    let (plan, unsigned) = planned.map_err(|error| match error {
        PayoutError::Pay(PayError::SentBefore(before)) => {
            PayoutFailure::sent_before(&state, &request.file, &before)
        }
        other => PayoutFailure::of(other).into(),
    })?;
    for (_, payer) in &request.payers {
        session.note_unsigned(payer, unsigned)?;
    }
    too_much(&state, &payers, &rows, &plan)?;
    // The kernel's own code says whether it would do all of it.
    simulated(&session, &state, &plan)?.passes()?;
    written(&session, args, &plan, &state)
}

/// Writes the plan, and says what it comes to.
fn written(
    session: &Session<'_>,
    args: &PlanArgs,
    plan: &PayoutPlan,
    state: &RollupState<'_>,
) -> Result<Output, Failure> {
    let ui = session.ui;
    let out = args.out.clone().unwrap_or_else(|| file::usual_place(&args.file));
    let path = shown_path(&out);
    let is_new = if args.dry_run { false } else { file::write_new(&out, plan)? };
    let mut text = plan_text(plan, session.verbose, Some(state.block().level));
    if ui.is_json() {
        let told = json!({"plan": plan_json(plan), "file": path, "written": is_new});
        return Ok(Output::from(json_line(&told)?));
    }
    text.push_str(&match (args.dry_run, is_new) {
        (true, _) => "nothing was written\n".to_owned(),
        (false, true) => format!("wrote {path}\n"),
        (false, false) => format!("{path} is this plan already\n"),
    });
    if !args.dry_run {
        let words = shell::word(&out.display().to_string());
        for payer in &plan.facts().payers {
            let key = shell::word(&payer.name);
            text.push_str(&format!("next: toru payout sign {words} --key {key}\n"));
        }
    }
    Ok(Output::from(text))
}

/// What the kernel would do with all transactions of a plan.
pub(super) fn simulated(
    session: &Session<'_>,
    state: &RollupState<'_>,
    plan: &PayoutPlan,
) -> Result<Plan, Failure> {
    let transactions = plan.transactions().iter().map(|one| one.signable.clone());
    Plan::new(session, state, transactions.collect())
}

/// Fails if a payer does not have what the rows pay, with the first row for which there is not enough.
fn too_much(
    state: &RollupState<'_>,
    payers: &Payers,
    rows: &[SheetRow],
    plan: &PayoutPlan,
) -> Result<(), Failure> {
    let lines: BTreeSet<u64> = plan.facts().rows.iter().map(|row| row.line).collect();
    for (number, (name, account)) in payers.all.iter().enumerate() {
        let is_own = |row: &&SheetRow| row.payer == number && lines.contains(&row.row.line);
        let own = || rows.iter().filter(is_own);
        let payments = own().map(|row| Payment {
            to: inbox::v2::Name::Address(row.row.to),
            token: row.token.clone(),
            amount: row.row.amount,
            memo: None,
        });
        let request = PaymentRequest {
            payer: account.address,
            file: Some(plan.facts().file.clone()),
            rows: own().map(|row| row.row.clone()).collect::<Vec<Row>>(),
            payments: payments.collect(),
            expires: None,
            by_index: false,
            again: false,
        };
        if let Some(TooMuch { sentence, lacking }) =
            payments::too_much(state, account, name, &request)?
        {
            return Err(PayoutFailure::TooMuch { sentence, lacking }.into());
        }
    }
    Ok(())
}

fn requested(row: &SheetRow) -> RequestedRow {
    let SheetRow { payer, name, row, token, .. } = row;
    // Remarks of files and of the command line are texts.
    let memo = row.memo.clone().and_then(|bytes| String::from_utf8(bytes).ok());
    RequestedRow { payer: *payer, name: name.clone(), row: row.clone(), token: token.clone(), memo }
}
