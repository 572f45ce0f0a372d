//! Every endpoint but `/openapi.json`, which is written from this table. Requests are routed by it as well.

use batcher_api::{CoSignatures, LevelEvent, MissedEvent, OfferEvent, Record};
use batcher_api::{SimulationRequest, SubmissionRequest};
use utoipa::ToSchema;
use web::openapi::{Parameter, shape};

use super::endpoint::{Endpoint, get, other, post};
use super::status::HealthAnswer;
use super::{accounts, batches, events, status, transactions};

/// An account of the rollup.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^tz4[1-9A-HJ-NP-Za-km-z]{33}$")]
pub(super) struct AccountAddress(#[expect(dead_code, reason = "it says a schema alone")] String);

/// The hash of a transaction, or the digest of a batch, which is its id.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-fA-F]{64}$")]
pub(super) struct Hash(#[expect(dead_code, reason = "it says a schema alone")] String);

/// The data of an event of a stream, by the event's name.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it says a schema alone")]
enum EventData {
    /// `offer`.
    Offer(OfferEvent),
    /// `transaction`.
    Transaction(Box<Record>),
    /// `level`.
    Level(LevelEvent),
    /// `missed`.
    Missed(MissedEvent),
}

const EVENTS: &[Parameter] = &[
    Parameter {
        name: "account",
        about: "An account that is followed; may be given 1,000 times. Without any, levels alone are told",
        required: false,
        is_header: false,
        shape: shape::<AccountAddress>,
    },
    Parameter {
        name: "cosign",
        about: "Whether the client signs batches for these accounts: then they are asked to",
        required: false,
        is_header: false,
        shape: shape::<bool>,
    },
    Parameter {
        name: "since",
        about: "The id of the last event that the client has seen: those after it come first",
        required: false,
        is_header: false,
        shape: shape::<u64>,
    },
    Parameter {
        name: "Last-Event-ID",
        about: "The same, as browsers say it when they come back; it counts before the other",
        required: false,
        is_header: true,
        shape: shape::<u64>,
    },
];

/// All that is served. `/health` is a rollup node's as well, so that it is there only where the batcher is served by
/// itself.
#[rustfmt::skip]
pub(super) fn endpoints(is_alone: bool) -> Vec<Endpoint> {
    let health = |path| other::<HealthAnswer, _>(path, "application/json", &[], status::health, "Whether the batcher takes transactions: 503 if it does not");
    let mut all = vec![
        post::<SubmissionRequest, _, _>("/v1/transactions", transactions::submit, "Takes transactions that their signers have signed. Those that are accepted are on the disk when it answers"),
        get("/v1/transactions/{hash}", transactions::record, "What became of a transaction"),
        get("/v1/accounts/{account}", accounts::account, "An account in the last final level, at the head, and after all that is pending; and its pending transactions"),
        get("/v1/batches", batches::open, "The batches that have no final result yet, without their contents"),
        get("/v1/batches/{batch}", batches::batch, "A batch: its signed content, and how far it is"),
        post::<CoSignatures, _, _>("/v1/batches/{batch}/signatures", batches::sign, "Takes signatures of a batch that is offered"),
        post::<SimulationRequest, _, _>("/v1/simulate", transactions::simulate, "What transactions would do after all that is pending. Nobody has to have signed them, and nothing is kept"),
        get("/v1/quote", accounts::quote, "What a client has to know before it signs: prices, the last level, times, limits, the key of receipts"),
        other::<EventData, _>("/v1/events", "text/event-stream", EVENTS, events::stream, "A stream of server-sent events: what accounts are asked to sign, how far their transactions are, and levels"),
        health("/v1/health"),
        other::<String, _>("/metrics", "text/plain", &[], status::metrics, "Figures for Prometheus"),
    ];
    if is_alone {
        all.push(health("/health"));
    }
    all
}
