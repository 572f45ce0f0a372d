//! A deposit is made in the sandbox and followed, or printed for whoever signs it.

use encoding::Level;
use layer1::address::Address;
use layer1::plain::one_line;
use num_bigint::BigInt;
use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::follow::Settlement;
use wallet::layer1::credited::{Arrival, ArrivalEnd, Expected};

use super::super::error::deposit::DepositFailure;
use super::super::error::result::ResultError;
use super::super::interrupt::patience;
use super::super::session::Session;
use super::DepositArgs;
use super::plan::DepositPlan;
use crate::cli::groups::WaitArgs;
use crate::error::Failure;
use crate::shell;
use crate::ui::{Output, json_line};
use explain::outcome as reasons;

impl Session<'_> {
    /// Prints the command, and the operation in the forms that others take.
    pub(super) fn print_deposit(&self, plan: &DepositPlan) -> Result<Output, Failure> {
        self.ui.say_words(&plan.text())?;
        let source = plan.payer.address;
        let command = shell::line(&plan.group.octez_client(&plan.payer.word()));
        let told = json!({
            "plan": plan.json(),
            "sent": false,
            "command": command,
            "operation": {
                "octez": source.map(|source| json!({"contents": plan.group.contents(&source)})),
                "taquito": plan.group.taquito(),
            },
        });
        let refused = plan.passes().err();
        let text = match (self.ui.is_json(), &refused) {
            (true, _) => json_line(&told)?,
            (false, Some(_)) => String::new(),
            (false, None) => format!("# nothing was sent: this makes the deposit\n{command}\n"),
        };
        Ok(Output { text, refused })
    }

    /// Has the sandbox's layer 1 make it, and follows it if that is asked for.
    pub(super) fn make_deposit(
        &self,
        plan: &DepositPlan,
        args: &DepositArgs,
    ) -> Result<Output, Failure> {
        self.ui.say_words(&plan.text())?;
        let refused = plan.passes().err();
        if args.confirm.dry_run || refused.is_some() {
            let text = match (self.ui.is_json(), &refused) {
                (true, _) => json_line(&json!({"plan": plan.json(), "sent": false}))?,
                (false, None) => "nothing was sent\n".to_owned(),
                (false, Some(_)) => String::new(),
            };
            return Ok(Output { text, refused });
        }
        self.confirm(&args.confirm, "Make it?")?;
        let Some(source) = plan.payer.address else {
            return Err(Failure::internal("an account of the sandbox has no address"));
        };
        let since = self.wallet.node().level("head")?;
        let operation = self.inject(plan, &source)?;
        let mut report = json!({
            "plan": plan.json(),
            "sent": true,
            "operation": operation["hash"],
            "level": operation["level"],
        });
        let hash = one_line(operation["hash"].as_str().unwrap_or_default());
        let mut text = format!("operation {hash}\n{}", self.paid(plan, &source)?);
        let refused = match args.wait.wait {
            None => {
                text.push_str("the rollup has it with the next level: toru balance says so\n");
                None
            }
            Some(stage) => {
                let (arrival, refused) =
                    self.follow_deposit(plan, source, since, stage, &args.wait);
                report["result"] = arrival_json(&arrival);
                text.push_str(&arrival_text(plan, &arrival));
                refused
            }
        };
        let text = if self.ui.is_json() { json_line(&report)? } else { text };
        Ok(Output { text, refused })
    }

    fn inject(&self, plan: &DepositPlan, source: &Address) -> Result<Value, Failure> {
        let asked = json!({"contents": plan.group.contents(source)});
        match self.wallet.node().post("/dev/operation", &asked) {
            Ok(answer) => Ok(answer),
            // The simulated layer 1 has said why not.
            Err(RpcError::Refused { status: 409, words, .. }) => {
                Err(DepositFailure::Refused(words).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What was paid, as the payer's balance shows it.
    fn paid(&self, plan: &DepositPlan, source: &Address) -> Result<String, Failure> {
        let asked = self.asked_layer1(&crate::cli::groups::Layer1Args { layer1: None })?;
        let (Some(asked), Some(had)) = (asked, &plan.has) else { return Ok(String::new()) };
        let has = asked.layer1.block("head")?.holds(source, &plan.deposit.asset)?;
        let paid: BigInt = had - &has;
        Ok(format!(
            "{} has paid {} and has {}\n",
            plan.payer.label(),
            plan.on_layer1(&paid),
            plan.on_layer1(&has)
        ))
    }

    fn follow_deposit(
        &self,
        plan: &DepositPlan,
        source: Address,
        since: Level,
        stage: Settlement,
        wait: &WaitArgs,
    ) -> (Arrival, Option<Failure>) {
        let expected = Expected { deposit: &plan.deposit, ticket: &plan.pin.ticket, source, since };
        let progress = self.ui.progress(format!("waiting until it is {}", stage.word()));
        let (arrival, end) =
            expected.wait(&self.wallet, stage, &patience(self.wallet.node(), wait.time()));
        drop(progress);
        let refused = match (&arrival, end) {
            (Arrival::Held(_, outcome), _) => Some(DepositFailure::Held(*outcome).into()),
            (_, ArrivalEnd::Done) => None,
            (_, ArrivalEnd::Interrupted) => Some(ResultError::Interrupted(None).into()),
            (_, ArrivalEnd::Timeout) => Some(DepositFailure::NotYet(stage.word()).into()),
            (_, ArrivalEnd::Away(error)) => Some(error.into()),
        };
        (arrival, refused)
    }
}

/// What became of a deposit, in words.
fn arrival_text(plan: &DepositPlan, arrival: &Arrival) -> String {
    match arrival {
        Arrival::OnItsWay => "no level has it yet\n".to_owned(),
        Arrival::Collected(message) => {
            format!("level {} has it, and the kernel has not come to it\n", message.level)
        }
        Arrival::Credited(message, stage) => {
            format!("credited to {} in level {}, {}\n", plan.receiver, message.level, stage.word())
        }
        Arrival::Held(message, _) => format!("not credited, in level {}\n", message.level),
    }
}

/// The same as JSON.
fn arrival_json(arrival: &Arrival) -> Value {
    let (word, message, stage, outcome) = match arrival {
        Arrival::OnItsWay => ("on its way", None, None, None),
        Arrival::Collected(message) => ("collected", Some(message), None, None),
        Arrival::Credited(message, stage) => ("credited", Some(message), Some(stage), None),
        Arrival::Held(message, outcome) => ("held", Some(message), None, Some(outcome)),
    };
    json!({
        "result": word,
        "level": message.map(|message| message.level.0),
        "message": message.map(|message| message.index),
        "stage": stage.map(|stage| stage.word()),
        "code": outcome.map(|outcome| outcome.code.name()),
        "reason": outcome.map(reasons::sentence),
    })
}
