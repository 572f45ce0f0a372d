//! `toru payout sign`: one payer signs what pays from their account, from the plan alone.

use serde_json::json;
use wallet::error::FileError;
use wallet::payout::PlanError;
use wallet::sheet;

use super::super::error::payout::PayoutFailure;
use super::super::payments;
use super::super::session::Session;
use super::args::SignPlanArgs;
use super::file;
use super::text::{plan_json, plan_text, who};
use crate::cli::groups::SignArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::shell;
use crate::ui::{Output, Ui};

/// Signs a plan.
pub(super) fn sign(args: &SignPlanArgs, ui: &Ui) -> Result<Output, Failure> {
    let SignArgs { file: path, key, confirm, wallet } = &args.sign;
    let mut plan = file::read(path)?;
    if let Some(meant) = &args.of {
        let found = sheet::digest(&payments::bytes(meant)?);
        let planned = plan.facts().file.digest;
        if found != planned {
            let problem = PlanError::OtherFile { file: shown_path(meant), found, planned };
            return Err(PayoutFailure::in_file(path)(problem).into());
        }
    }
    let session = Session::offline(wallet, &plan.facts().rollup, ui)?;
    let reference = session.own(key)?;
    let payer = plan.facts().payers.iter().find(|payer| payer.account == reference.address);
    // Somebody who has nothing to sign is not shown what it does as if they had.
    let Some(payer) = payer else {
        let problem = FileError::NotASigner(reference.address);
        return Err(PayoutFailure::in_file(path)(problem.into()).into());
    };
    let own = plan.facts().rows.iter().filter(|row| {
        plan.facts().payers.get(row.payer).is_some_and(|one| one.account == payer.account)
    });
    let rows = own.count();
    ui.say_words(&plan_text(&plan, session.verbose, None))?;
    if plan.facts().payers.len() > 1 {
        let name = who(&payer.name, &payer.account.to_string());
        ui.say_words(&format!("{rows} of these payments are from {name}\n"))?;
    }
    if confirm.dry_run {
        let told = json!({"plan": plan_json(&plan), "signed": false});
        return ui.answer(&told, || "nothing was signed\n".to_owned());
    }
    session.confirm_signing(confirm, "Sign it?")?;
    let secret = reference.unlock(&session.keyring)?;
    let before = plan.to_json();
    plan.sign(secret.key()).map_err(PayoutFailure::in_file(path))?;
    let after = plan.to_json();
    if after != before {
        write_file(path, &after)?;
    }
    let missing = plan.missing();
    let told = json!({"plan": plan_json(&plan), "signed": true, "changed": after != before});
    ui.answer(&told, || {
        let names = plan.facts().payers.iter().filter(|one| missing.contains(&one.account));
        let names: Vec<String> =
            names.map(|one| who(&one.name, &one.account.to_string())).collect();
        match names.is_empty() {
            true => {
                let words = shell::word(&path.display().to_string());
                format!("signed by all\nnext: toru payout run {words} --wait\n")
            }
            false => format!("signed; still to sign: {}\n", names.join(", ")),
        }
    })
}
