//! Reading the terms, all at one block.

use encoding::{Level, Ticket, TicketContent};
use layer1::address::{Address, Kind};
use layer1::michelson::Node as Micheline;
use num_bigint::BigInt;
use serde_json::Value;
use tx_kernel::view::{AllOwed, Owed, View};

use super::chain::{Chain, Term, Verdict};
use super::outboxes::{NotKnown, Outside, outside};
use crate::error::{RpcError, StateError};
use crate::layer1::asset::{Asset, AssetError};
use crate::layer1::micheline::unit;
use crate::layer1::{Layer1, Layer1Block, Layer1Error};
use crate::limits::HELD_LOOKED;
use crate::patience::Patience;
use crate::pins::PinKind;
use crate::rpc::Block;
use crate::session::Session;
use crate::state::RollupState;

/// A ticket whose terms are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which.
    pub ticket: Ticket,
    /// What it stands for; `None` if it stands for nothing that is locked.
    pub kind: Option<PinKind>,
}

/// The terms of some tickets at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solvency {
    /// The block that both nodes were asked about.
    pub block: Block,
    /// The terms, in the order in which they were asked for.
    pub chains: Vec<Chain>,
}

/// Why the terms are not known.
#[derive(Debug, thiserror::Error)]
pub enum SolvencyError {
    /// The rollup's node does not tell.
    #[error(transparent)]
    State(#[from] StateError),
    /// Layer 1 does not tell.
    #[error(transparent)]
    Layer1(#[from] Layer1Error),
    /// The two nodes are not at one block.
    #[error(
        "layer 1 does not know block {block} of level {level}, where the rollup's node is; its own head is at level {layer1}"
    )]
    NotTogether {
        /// The block.
        block: String,
        /// Its level.
        level: Level,
        /// The level of layer 1's head.
        layer1: Level,
    },
    /// A level came during every reading.
    #[error("levels come faster than they can be read")]
    Moving,
}

impl From<RpcError> for SolvencyError {
    fn from(error: RpcError) -> Self {
        Self::State(error.into())
    }
}

/// Readings of which one is to be of one block, or two are to agree.
const ATTEMPTS: usize = 10;

/// Reads the terms of some tickets. As long as the two nodes are not at one block, or terms that do not close are
/// not the same twice, they are read again.
///
/// # Errors
/// When a node does not tell, or they do not come together while there is patience.
pub fn solvency(
    session: &Session,
    layer1: &Layer1,
    asked: &[Ask],
    patience: &Patience<'_>,
) -> Result<Solvency, SolvencyError> {
    let mut before: Option<Solvency> = None;
    let mut attempts = 0;
    loop {
        match reading(session, layer1, asked) {
            Ok(Some(read)) => {
                let open = |chain: &Chain| chain.verdict() == Verdict::Open;
                if !read.chains.iter().any(open) || before.as_ref() == Some(&read) {
                    return Ok(read);
                }
                before = Some(read);
                attempts += 1;
            }
            Ok(None) => attempts += 1,
            Err(error @ SolvencyError::NotTogether { .. }) => {
                if patience.is_over() || patience.is_interrupted() {
                    return Err(error);
                }
                patience.pause();
            }
            Err(error) => return Err(error),
        }
        if attempts >= ATTEMPTS {
            return Err(SolvencyError::Moving);
        }
    }
}

/// One reading; `None` if the rollup's node went on meanwhile.
fn reading(
    session: &Session,
    layer1: &Layer1,
    asked: &[Ask],
) -> Result<Option<Solvency>, SolvencyError> {
    let node = session.node();
    let finalized = node.level("finalized")?;
    let state = session.state()?;
    let head = state.block().clone();
    let block = match layer1.block(&head.hash) {
        Ok(block) => block,
        Err(Layer1Error::Refused { .. }) => {
            let at = layer1.block("head")?.header().level;
            let (block, level) = (head.hash, head.level);
            return Err(SolvencyError::NotTogether { block, level, layer1: at });
        }
        Err(error) => return Err(error.into()),
    };
    let tickets: Vec<Ticket> = asked.iter().map(|ask| ask.ticket.clone()).collect();
    let owed = owed(&state, &tickets)?;
    let outside = match outside(node, &head, finalized) {
        Ok(outside) => Ok(outside),
        Err(NotKnown::Because(words)) => Err(words),
        Err(NotKnown::Rpc(error)) => return Err(error.into()),
    };
    let sent = if session.is_sandbox() { Some(sent(session)?) } else { None };
    let mut chains = Vec::new();
    for ask in asked {
        let rollup = rollup_terms(&ask.ticket, &owed, &outside, sent.as_ref());
        chains.push(chain(&block, session, ask, rollup)?);
    }
    let is_still_head = node.block("head")? == head;
    Ok(is_still_head.then_some(Solvency { block: head, chains }))
}

/// What the rollup owes by its own state; otherwise why that is not known.
fn owed(
    state: &RollupState<'_>,
    tickets: &[Ticket],
) -> Result<Result<AllOwed, String>, StateError> {
    let held = state.read(|host| View::new(host).held_count())?;
    if held > HELD_LOOKED {
        let words = format!("there are {held} held deposits, and {HELD_LOOKED} are looked at");
        return Ok(Err(words));
    }
    state.read(|host| View::new(host).owed(Some(tickets))).map(Ok)
}

/// What the sandbox's layer 1 has sent, and no level has yet; otherwise why that is not known.
fn sent(session: &Session) -> Result<Result<Value, String>, RpcError> {
    match session.node().get("/dev/solvency") {
        Err(error @ RpcError::Refused { .. }) => Ok(Err(error.to_string())),
        told => told.map(Ok),
    }
}

fn rollup_terms(
    ticket: &Ticket,
    owed: &Result<AllOwed, String>,
    outside: &Result<Outside, String>,
    sent: Option<&Result<Value, String>>,
) -> Vec<Term> {
    let durable = |what, field, amount: fn(&Owed) -> &BigInt, path: &str| {
        let of = |all: &AllOwed| all.of.get(ticket).map(amount).cloned().unwrap_or_default();
        let amount = owed.as_ref().map(of).map_err(Clone::clone);
        Term { what, field, amount, source: format!("the rollup's {path}") }
    };
    let mut terms = vec![
        durable(
            "balances, and withdrawals that wait for the outbox",
            "on_rollup",
            |owed| &owed.on_rollup,
            "/toru/state/tickets/supply",
        ),
        durable("held deposits, not paid back", "held", |owed| &owed.held, "/toru/state/held"),
        durable(
            "refunds that wait for the outbox",
            "refunds",
            |owed| &owed.refunds,
            "/toru/state/outbox",
        ),
        durable(
            "deposits that are collected, not worked off",
            "collected",
            |owed| &owed.collected,
            "/toru/inbox/deposits",
        ),
    ];
    if let Ok(all) = owed
        && all.unreadable > 0
    {
        let words =
            format!("{} messages were cut off, of tickets that are not known", all.unreadable);
        terms.push(Term {
            what: "deposits whose message was cut off",
            field: "cut_off",
            amount: Err(words),
            source: "the rollup's /toru/state/held".to_owned(),
        });
    }
    let listed =
        |what, field, place: fn(&Outside) -> &std::collections::BTreeMap<Ticket, BigInt>| {
            let of = |all: &Outside| place(all).get(ticket).cloned().unwrap_or_default();
            let amount = outside.as_ref().map(of).map_err(Clone::clone);
            Term {
                what,
                field,
                amount,
                source: "the rollup node's /local/outbox/pending".to_owned(),
            }
        };
    terms.push(listed("in outboxes, not executed", "in_outboxes", |all| &all.open));
    terms.push(listed("in outboxes, expired: nobody gets it", "expired", |all| &all.expired));
    if let Some(sent) = sent {
        terms.push(Term {
            what: "sent by layer 1 to the next level",
            field: "sent",
            amount: sent
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|told| sandbox_term(ticket, told, "waiting")),
            source: "the sandbox's /dev/solvency".to_owned(),
        });
        // What such outboxes had can still be executed. The sandbox takes it to be what is missing, which proves nothing.
        let pruned =
            sent.as_ref().ok().and_then(|told| sandbox_term(ticket, told, "forgotten").ok());
        if pruned.is_some_and(|amount| amount != BigInt::ZERO) {
            terms.push(Term {
                what: "in outboxes that were pruned",
                field: "pruned",
                amount: Err("the sandbox does not keep these outboxes any more".to_owned()),
                source: "the sandbox's /dev/solvency".to_owned(),
            });
        }
    }
    terms
}

/// A term of a ticket as the sandbox says it; zero, if it does not name the ticket.
fn sandbox_term(ticket: &Ticket, told: &Value, name: &str) -> Result<BigInt, String> {
    let malformed = || "the sandbox's answer is malformed".to_owned();
    let all = told["tickets"].as_array().ok_or_else(malformed)?;
    let content = hex::encode(ticket.content.to_micheline());
    let ticketer = ticket.ticketer.to_string();
    let mine = all.iter().find(|one| one["ticketer"] == *ticketer && one["content"] == *content);
    match mine {
        None => Ok(BigInt::ZERO),
        Some(mine) => {
            let digits = mine[name].as_str().and_then(|text| text.parse().ok());
            digits.ok_or_else(malformed)
        }
    }
}

/// The terms of a ticket on layer 1, before what the rollup owes of it.
fn chain(
    block: &Layer1Block<'_>,
    session: &Session,
    ask: &Ask,
    rollup: Vec<Term>,
) -> Result<Chain, SolvencyError> {
    let (ticket, ticketer) = (&ask.ticket, ask.ticket.ticketer);
    let here = told(block.rollup_ticket_balance(session.rollup(), ticket))?;
    let layer1 = Term {
        what: "the rollup's tickets on layer 1",
        field: "rollup_on_layer1",
        amount: here,
        source: format!("layer 1's ticket_balance of {}", session.rollup()),
    };
    let Some(kind) = ask.kind else {
        return Ok(Chain { locked: None, supply: None, layer1, rollup });
    };
    let owner = Address { kind: Kind::Contract, hash: ticketer.0 };
    let asset = asset(block, ticket, kind)?;
    let (amount, source) = match asset {
        Ok(asset) => {
            let amount = told(block.holds(&owner, &asset))?;
            let source = match &asset {
                Asset::Tez => format!("layer 1's balance of {ticketer}"),
                Asset::Fa12(token) => format!("getBalance of {token} for {ticketer}"),
                Asset::Fa2(token, id) => format!("balance_of of {token}, id {id}, for {ticketer}"),
            };
            (amount, source)
        }
        Err(words) => (Err(words), format!("the view get_token of {ticketer}")),
    };
    let locked = Term { what: "locked at the ticketer", field: "locked", amount, source };
    let supply = match block.view(&ticketer, "get_total_supply", &unit()) {
        Ok(Micheline::Int(supply)) if supply >= BigInt::ZERO => Ok(supply),
        Ok(_) => Err("the view get_total_supply does not return a natural number".to_owned()),
        Err(Layer1Error::Refused { .. }) => {
            Err("the ticketer has no view get_total_supply that answers".to_owned())
        }
        Err(error) => return Err(error.into()),
    };
    let supply = Term {
        what: "the ticketer's supply",
        field: "supply",
        amount: supply,
        source: format!("the view get_total_supply of {ticketer}"),
    };
    Ok(Chain { locked: Some(locked), supply: Some(supply), layer1, rollup })
}

/// What a ticketer locks; otherwise why that is not known.
fn asset(
    block: &Layer1Block<'_>,
    ticket: &Ticket,
    kind: PinKind,
) -> Result<Result<Asset, String>, SolvencyError> {
    match kind {
        PinKind::Tez => Ok(match ticket.content {
            TicketContent::NatBytes(..) => Ok(Asset::Tez),
            TicketContent::String(_) => Err("its content is not that of tez".to_owned()),
        }),
        PinKind::Other => Ok(Err("what it stands for is not known".to_owned())),
        PinKind::Fa => match block.token_of(&ticket.ticketer) {
            Ok(asset) => Ok(Ok(asset)),
            Err(AssetError::Layer1(Layer1Error::Refused { .. })) => {
                Ok(Err("the ticketer has no view get_token that answers".to_owned()))
            }
            Err(error @ AssetError::NotAToken(_)) => Ok(Err(error.to_string())),
            Err(AssetError::Layer1(error)) => Err(error.into()),
        },
    }
}

/// What layer 1 tells, where a refusal leaves one term unknown and does not end all of it.
fn told(amount: Result<BigInt, Layer1Error>) -> Result<Result<BigInt, String>, SolvencyError> {
    match amount {
        Ok(amount) => Ok(Ok(amount)),
        Err(error @ Layer1Error::Refused { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}
