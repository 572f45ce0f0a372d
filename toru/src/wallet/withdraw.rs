//! `toru withdraw`: has somebody paid on layer 1, or hands a ticket to a contract there, and says when that
//! can be.

use clap::Args;
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use serde_json::{Value, json};
use wallet::block_times::BlockTimes;
use wallet::expiry::last_level;
use wallet::limits::ACTIVE_OUTBOX_LEVELS;
use wallet::transaction::Signable;
use wallet::withdrawal::{OutboxQueue, SettlementPace};

use super::counted::counted;
use super::exit::ExitArgs;
use super::folders;
use super::memo::memo;
use super::plan::Plan;
use super::session::Session;
use super::times::{at_level, caveat, caveat_json, later, rfc_3339};
use crate::cli::groups::{MemoArgs, SendingArgs, ValidForArgs, WalletArgs, WithdrawalLogArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};
use explain::text::grouped;

/// `toru withdraw`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct WithdrawArgs {
    /// How much, in the unit of the ticket: 12.5
    #[arg(value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,

    /// Which ticket: NAME, KT1…/NAME, or #N
    #[arg(value_name = "TICKET")]
    ticket: String,

    /// Who withdraws: a key's name, or dev0 to dev9 of the sandbox
    #[arg(long, value_name = "KEY")]
    from: String,

    /// Who is paid on layer 1, by the ticketer: an address, or bootstrap1 to bootstrap5 of the sandbox; with --bare, the contract that is handed the ticket, and its
    /// entrypoint, "default" without one
    #[arg(long, value_name = "tz1…|KT1…[%ENTRYPOINT]")]
    to: String,

    /// How it leaves.
    #[command(flatten)]
    exit: ExitArgs,

    /// Its remark.
    #[command(flatten)]
    memo: MemoArgs,

    /// How long it can be applied.
    #[command(flatten)]
    expiry: ValidForArgs,

    /// Where withdrawals are recorded.
    #[command(flatten)]
    log: WithdrawalLogArgs,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,

    /// How.
    #[command(flatten)]
    sending: SendingArgs,
}

/// Withdraws it.
pub fn withdraw(args: &WithdrawArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?.with_withdrawals(&args.log);
    let state = session.state()?;
    let payer = session.account_ref(&state, &args.from)?;
    payer.needs_key()?;
    session.check_in_flight(&payer.address)?;
    let account = state.account(&payer.address)?;
    let token = session.token_of(&state, &account, &args.ticket)?;
    let amount = token.parse(&args.amount)?;
    let route = session.route(&state, &args.to, &token.ticket, &args.exit)?;
    let ticket = TicketName::Full(token.ticket);
    let operation = Operation {
        signer: Name::Address(payer.address),
        counter: account.counter,
        memo: memo(args.memo.memo.as_deref())?,
        actions: vec![Action::Withdraw {
            ticket,
            to: route.contract,
            entrypoint: route.entrypoint.clone(),
            receiver: route.receiver,
            amount,
        }],
    };
    let expires = last_level(state.block().level, args.expiry.valid_for);
    let transaction = Transaction { expires, operations: vec![operation] };
    let signable = Signable::new(*state.rollup(), transaction)?;
    let mut plan = Plan::new(&session, &state, vec![signable])?;
    if plan.refusal().is_none() {
        let pace = SettlementPace::read(session.wallet.node())?;
        let queue = OutboxQueue::read(&state)?;
        let times = session.block_times(args.exit.layer1())?;
        let (words, mut json) = outlook(&pace, &queue, times.as_ref());
        if let (Value::Object(json), Value::Object(more)) = (&mut json, route.json) {
            json.extend(more);
        }
        plan.outlook = Some((format!("{}{words}", route.words), json));
    }
    let way = session.way_of(&args.sending, &plan.transactions)?;
    plan.way = Some(way.told());
    if let Some(output) = session.confirm_plan(&plan, &args.sending.confirm)? {
        return Ok(output);
    }
    let secret = payer.unlock(&session.keyring)?;
    let log = folders::withdrawals(&args.log, state.rollup())?;
    for one in &mut plan.transactions {
        session.wallet.sign_withdrawal(&log, &state, one, secret.key())?;
    }
    let mut output = session.submit(&state, &plan, &args.sending, &way)?;
    if !session.ui.is_json() && output.refused.is_none() {
        output.text.push_str("layer 1 does not have it yet: toru withdrawals says how far it is\n");
    }
    Ok(output)
}

/// When layer 1 will have it, as far as that can be seen: in words, and as JSON.
fn outlook(
    pace: &SettlementPace,
    queue: &OutboxQueue,
    times: Option<&BlockTimes>,
) -> (String, Value) {
    let head = pace.settled.head;
    let queued = i32::try_from(queue.levels()).unwrap_or(i32::MAX);
    let left = pace.lag().map(|lag| lag.saturating_add(queued).saturating_add(1));
    let over = grouped(&ACTIVE_OUTBOX_LEVELS.to_string());
    let mut words = match left {
        Some(left) => format!(
            "executable on layer 1 in about {} levels{}, if commitments are cemented as fast as now",
            grouped(&left.to_string()),
            at_level(times, head, left)
        ),
        None => "when it is executable on layer 1 is not known yet, as nothing of this rollup is \
                 cemented"
            .to_owned(),
    };
    if !queue.is_empty() {
        let before = counted(queue.len(), "message");
        words.push_str(&format!("; {before} before it in the queue for the outbox"));
    }
    let until = left.map(|left| later(later(head, left), ACTIVE_OUTBOX_LEVELS));
    let about = until.map_or_else(String::new, |level| {
        let when = at_level(times, head, level.0.saturating_sub(head.0));
        format!(", to about level {level}{when}")
    });
    words.push_str(&format!(
        "\nif nobody executes it in {over} levels from then on{about}, it is lost\n"
    ));
    words.push_str(&caveat(times.filter(|_| left.is_some())));
    let mut json = json!({
        "waiting": queue.len(),
        "executable_in": left,
        "executable_for": ACTIVE_OUTBOX_LEVELS,
        "executable_at": left.and_then(|left| rfc_3339(times, later(head, left))),
        "executable_until": until.map(|level| level.0),
        "expires_at": until.and_then(|level| rfc_3339(times, level)),
    });
    if let (Value::Object(json), Value::Object(more)) = (&mut json, caveat_json(times)) {
        json.extend(more);
    }
    (words, json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::Level;
    use time::{Duration, OffsetDateTime};
    use wallet::block_times::DatedLevel;
    use wallet::rpc::Settled;

    #[test]
    fn nothing_is_invented_about_a_new_rollup() {
        let level = |level| Level(level);
        let settled = Settled {
            head: level(90),
            finalized: level(88),
            committed: level(80),
            cemented: level(40),
        };
        let mut pace = SettlementPace { settled, published: None, known: true };
        let (words, json) = outlook(&pace, &OutboxQueue::default(), None);
        assert!(words.contains("in about 51 levels"), "{words}");
        assert!(words.contains("to about level 151341"), "{words}");
        assert_eq!(
            (&json["executable_in"], &json["executable_until"]),
            (&json!(51), &json!(151_341))
        );
        // 50 levels in 12 minutes.
        let dated = |level: i32, minute| DatedLevel {
            level: Level(level),
            at: OffsetDateTime::UNIX_EPOCH + Duration::minutes(minute),
        };
        let times = BlockTimes::observed(dated(40, 0), dated(90, 12)).unwrap();
        let (words, json) = outlook(&pace, &OutboxQueue::default(), Some(&times));
        assert!(
            words.contains("in about 51 levels (≈ 12 minutes, Thu 1 Jan 00:24 UTC)"),
            "{words}"
        );
        assert!(words.contains("to about level 151341 (≈ 25 days, "), "{words}");
        assert!(words.ends_with("every 14.4 seconds, as observed\n"), "{words}");
        assert_eq!(
            (&json["executable_at"], &json["seconds_a_level"], &json["seconds_from"]),
            (&json!("1970-01-01T00:24:14Z"), &json!(14.4), &json!("observed"))
        );
        pace.known = false;
        let (words, json) = outlook(&pace, &OutboxQueue::default(), None);
        assert!(words.contains("not known yet") && words.contains("151,200"), "{words}");
        assert_eq!(
            (&json["executable_in"], &json["executable_until"]),
            (&Value::Null, &Value::Null)
        );
    }
}
