//! `toru execute`: executes withdrawals on layer 1, each once.

mod words;

use std::path::PathBuf;

use clap::Args;
use encoding::Level;
use layer1::json::from_micheline;
use layer1::michelson;
use serde_json::{Value, json};
use wallet::amount;
use wallet::contract::{BadCall, bad_call};
use wallet::error::RpcError;
use wallet::outbox::{OutboxMessageId, messages, proof};
use wallet::rpc::Node;
use wallet::ticket::Token;
use wallet::withdrawal::{TrackedWithdrawal, WithdrawalStage};
use wallet::withdrawal_log::hash;

use self::words::{Done, told};
use super::error::execution::ExecutionError;
use super::exit::layer1;
use super::folders;
use super::session::Session;
use super::withdrawal_text::Seen;
use crate::cli::groups::{Layer1Args, WalletArgs, WithdrawalLogArgs};
use crate::error::{Failure, shown_path, write_file};
use crate::exit::EXIT_CODES;
use crate::shell;
use crate::ui::{Output, Ui, json_line};

/// `toru execute`.
#[derive(Debug, Args)]
#[command(
    after_help = EXIT_CODES,
    override_usage = "toru execute [OPTIONS] HASH…\n       toru execute [OPTIONS] --level LEVEL --index INDEX\n       toru execute [OPTIONS] --all"
)]
pub struct ExecuteArgs {
    /// Which withdrawals, by the hashes that toru withdrawals shows
    #[arg(value_name = "HASH", required_unless_present_any = ["level", "all"])]
    hashes: Vec<String>,

    /// The level of an outbox: executes its message --index, whether it is on record or not
    #[arg(long, value_name = "LEVEL", requires = "index", conflicts_with_all = ["hashes", "all"])]
    level: Option<i32>,

    /// The index of the message in that outbox
    #[arg(long, value_name = "INDEX", requires = "level")]
    index: Option<u32>,

    /// All on record that can be executed
    #[arg(long, conflicts_with = "hashes")]
    all: bool,

    /// Who pays for the operation on layer 1, as octez-client calls them
    #[arg(long, value_name = "SOURCE", default_value = "SOURCE")]
    from: String,

    /// Write the proof to this file, instead of into the command
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Where withdrawals are recorded.
    #[command(flatten)]
    log: WithdrawalLogArgs,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// Something to execute.
struct Target {
    /// What to call it.
    what: String,
    /// Where it is, if it is in an outbox.
    id: Option<OutboxMessageId>,
    /// How far it is.
    stage: WithdrawalStage,
    /// That in words.
    words: String,
    /// All of it as JSON.
    json: Value,
}

/// Executes them.
pub fn execute(args: &ExecuteArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    let seen = session.seen(&args.layer1)?;
    let targets = match (args.level, args.index) {
        (Some(level), Some(index)) => {
            vec![by_id(&session, &seen, OutboxMessageId { level: Level(level), index })?]
        }
        _ => recorded(&session, &seen, args)?,
    };
    if let (Some(_), 2..) = (&args.out, targets.len()) {
        return Err(Failure::usage(
            format!("--out takes one proof, and there are {}", targets.len()),
            "execute them one after the other, by their hashes",
        ));
    }
    let (mut text, mut all, mut refused) = (String::new(), Vec::new(), None);
    for target in targets {
        let done = one(&session, &seen, args, &target);
        let (words, outcome) = match &done {
            Ok(done) => told(&target.what, &target.words, done),
            Err(failure) => (
                String::new(),
                json!({"outcome": failure.exit().word(), "why": failure.to_string()}),
            ),
        };
        text.push_str(&words);
        let mut entry = target.json;
        if let (Value::Object(entry), Value::Object(outcome)) = (&mut entry, outcome) {
            entry.extend(outcome);
        }
        all.push(entry);
        if let Err(failure) = done {
            // All are tried; the first that fails is reported, the others are said beside it.
            match refused {
                None => refused = Some(failure),
                Some(_) => text.push_str(&format!("{failure}\n")),
            }
        }
    }
    if session.ui.is_json() {
        text = json_line(&json!({"executions": all}))?;
    } else if all.is_empty() {
        "nothing can be executed now: toru withdrawals says how far each is\n"
            .clone_into(&mut text);
    }
    Ok(Output { text, refused })
}

/// The message of a id, which there must be.
fn by_id(session: &Session<'_>, seen: &Seen<'_>, id: OutboxMessageId) -> Result<Target, Failure> {
    let missing = ExecutionError::NoMessage(id);
    let block = seen.state.block();
    if id.level > block.level {
        return Err(missing.into());
    }
    let outbox = messages(session.wallet.node(), &block.hash, id.level)?;
    if !outbox.iter().any(|told| told.id == id) {
        return Err(missing.into());
    }
    let (stage, executed) = seen.stage(id)?;
    Ok(Target {
        what: format!("message {} of level {}", id.index, id.level),
        id: Some(id),
        stage,
        words: seen.message_words(id, stage, executed),
        json: seen.message_json(Some(id), stage, executed),
    })
}

/// Those on record that are meant.
fn recorded(
    session: &Session<'_>,
    seen: &Seen<'_>,
    args: &ExecuteArgs,
) -> Result<Vec<Target>, Failure> {
    let log = folders::withdrawals(&args.log, seen.state.rollup())?;
    let target = |tracked: &TrackedWithdrawal| Target {
        what: tracked.withdrawal.hash.to_string(),
        id: tracked.id,
        stage: tracked.stage,
        words: seen.words(tracked),
        json: seen.json(tracked),
    };
    let wanted = args.hashes.iter().map(|text| {
        hash(text).ok_or_else(|| ExecutionError::BadHash(text.chars().take(70).collect()))
    });
    let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
    let all = session.wallet.track_withdrawals(seen, &log)?;
    if args.all {
        let executable = |one: &&TrackedWithdrawal| {
            matches!(one.stage, WithdrawalStage::Executable | WithdrawalStage::Unknown)
        };
        return Ok(all.iter().filter(executable).map(target).collect());
    }
    let find = |hash| {
        let found = all.iter().find(|one| one.withdrawal.hash == hash);
        found.map(target).ok_or_else(|| ExecutionError::NotOnRecord(hash.to_string()))
    };
    let mut targets = Vec::new();
    for (at, hash) in wanted.iter().enumerate() {
        if !wanted.iter().take(at).any(|before| before == hash) {
            targets.push(find(*hash)?);
        }
    }
    Ok(targets)
}

/// Executes one, if its time is now.
fn one(
    session: &Session<'_>,
    seen: &Seen<'_>,
    args: &ExecuteArgs,
    target: &Target,
) -> Result<Done, Failure> {
    let (what, stage) = (target.what.clone(), target.words.clone());
    let id = match (target.stage, target.id) {
        (WithdrawalStage::Executable | WithdrawalStage::Unknown, Some(id)) => id,
        (WithdrawalStage::Executed, _) => return Ok(Done::Already(stage)),
        (WithdrawalStage::Lost | WithdrawalStage::Expired | WithdrawalStage::Refused, _) => {
            return Err(ExecutionError::Never { what, stage }.into());
        }
        _ => return Err(ExecutionError::NotYet { what, stage }.into()),
    };
    if session.wallet.is_sandbox() {
        let asked = json!({"outbox_level": id.level.0, "message_index": id.index});
        let answer: Value = match session.wallet.node().post("/dev/execute", &asked) {
            Ok(answer) => answer,
            // The simulated layer 1 has said why not.
            Err(RpcError::Refused { status: 409, words: problem, .. }) => {
                // Somebody else may have executed it since it was looked at.
                if let (now @ WithdrawalStage::Executed, executed) =
                    session.wallet.withdrawal_view()?.stage(id)?
                {
                    return Ok(Done::Already(seen.message_words(id, now, executed)));
                }
                return Err(ExecutionError::NotTaken { what, problem }.into());
            }
            Err(error) => return Err(error.into()),
        };
        return Ok(Done::Executed {
            words: format!("executed in level {}", answer["executed_at"]),
            paid: crate::dev::paid(&answer["paid"], |call| moved(&seen.tokens, call)),
            told: answer["paid"].clone(),
        });
    }
    if let Some(node) = layer1(&args.layer1)? {
        taken(session, &node, &what, id)?;
    }
    let proof = proof(session.wallet.node(), id)?;
    let rollup = session.wallet.node().rollup()?;
    let text = format!("0x{}", proof.proof);
    let argument = match &args.out {
        Some(file) => {
            write_file(file, &text)?;
            format!("\"$(cat {})\"", shell::word(&shown_path(file)))
        }
        None => text,
    };
    let command = format!(
        "octez-client execute outbox message of smart rollup {rollup} from {} for commitment hash {} \
         and output proof {argument}",
        shell::word(&args.from),
        proof.commitment
    );
    Ok(Done::ToRun { command, commitment: proof.commitment, proof: proof.proof })
}

/// The amount and the ticket of an executed call, as the wallet calls them.
fn moved(tokens: &[Token], call: &Value) -> Option<String> {
    let content = michelson::encode(&from_micheline(&call["content"])?);
    let token = tokens.iter().find(|token| {
        call["ticketer"] == token.ticket.ticketer.to_string()
            && token.ticket.content.to_micheline() == content
    })?;
    let units: u128 = call["amount"].as_str()?.parse().ok()?;
    Some(format!("{} {}", amount::digits(units, token.decimals), token.among(tokens)))
}

/// Holds the calls of a message against what layer 1 knows of their contracts.
fn taken(
    session: &Session<'_>,
    layer1: &Node,
    what: &str,
    id: OutboxMessageId,
) -> Result<(), Failure> {
    let outbox = messages(session.wallet.node(), "head", id.level)?;
    let Some(told) = outbox.into_iter().find(|told| told.id == id) else { return Ok(()) };
    let bad = bad_call(layer1, &told.message)?;
    let Some(BadCall { number, count, misfit }) = bad else { return Ok(()) };
    let others = match count {
        1 => "",
        _ => "; the others of the message wait for it, as all are executed or none",
    };
    let problem = format!("layer 1 would refuse call {number} of {count}: {misfit}{others}");
    Err(ExecutionError::NotTaken { what: what.to_owned(), problem }.into())
}
