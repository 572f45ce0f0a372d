//! Every endpoint but `/history/openapi.json`, which is written from this table. Requests are routed by it as well.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use web::openapi::{Parameter, Shape, shape};

use super::answers;
use super::failure::Failure;
use super::request::Call;
use super::state::HttpState;

type Answered = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;
type Serve = Box<dyn Fn(Arc<HttpState>, Call) -> Answered + Send + Sync>;

/// An endpoint. All of them are asked by GET.
pub(super) struct Endpoint {
    /// Its path, with a parameter in braces.
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// What it takes beside the path.
    pub(super) parameters: &'static [Parameter],
    /// What it answers.
    pub(super) answer: Shape,
    pub(super) serve: Serve,
}

/// An account of the rollup.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^tz4[1-9A-HJ-NP-Za-km-z]{33}$")]
pub(super) struct AccountAddress(#[expect(dead_code, reason = "it says a schema alone")] String);

/// The hash of a transaction, or the digest of a batch.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-fA-F]{64}$")]
pub(super) struct Hash(#[expect(dead_code, reason = "it says a schema alone")] String);

const fn parameter(name: &'static str, about: &'static str, shape: fn() -> Shape) -> Parameter {
    Parameter { name, about, required: false, is_header: false, shape }
}

const AFTER: Parameter =
    parameter("after", "The next of the page before: this one begins there", shape::<String>);
const LIMIT: Parameter =
    parameter("limit", "Rows of a page, 1 to 200; 50 unless given", shape::<u32>);
const OPEN: Parameter =
    parameter("open", "Whether those that are at their end are left out", shape::<bool>);
const PAGES: &[Parameter] = &[AFTER, LIMIT];
const OPEN_PAGES: &[Parameter] = &[OPEN, AFTER, LIMIT];
const MOVES: &[Parameter] = &[
    parameter("ticket", "Of one ticket alone: its index, or its hash", shape::<String>),
    parameter("kind", "deposit, transfer or withdrawal: of this kind alone", shape::<String>),
    parameter(
        "since",
        "Of this level and later ones; or of a day in UTC (2026-11-30) or a time of RFC 3339 on",
        shape::<String>,
    ),
    parameter("applied", "Whether those that were not applied are left out", shape::<bool>),
    AFTER,
    LIMIT,
];

/// An endpoint whose answer is JSON.
fn get<T, F>(
    path: &'static str,
    parameters: &'static [Parameter],
    answer: impl Fn(Arc<HttpState>, Call) -> F + Send + Sync + 'static,
    summary: &'static str,
) -> Endpoint
where
    T: Serialize + ToSchema + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let answer = Arc::new(answer);
    let serve: Serve = Box::new(move |state, call| {
        let answer = Arc::clone(&answer);
        Box::pin(async move {
            let told = answer(Arc::clone(&state), call).await?;
            state.json(&told)
        })
    });
    Endpoint { path, summary, parameters, answer: shape::<T>(), serve }
}

/// All that is served.
#[rustfmt::skip]
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/history/status", &[], answers::status, "How far the index is"),
        get("/history/accounts/{account}/moves", MOVES, answers::moves, "What an account was paid, paid, deposited and withdrew, newest first"),
        get("/history/transactions/{hash}", &[], answers::transaction, "Everywhere a transaction or a batch is, and what became of it there"),
        get("/history/levels", PAGES, answers::levels, "Levels, newest first"),
        get("/history/withdrawals", OPEN_PAGES, answers::withdrawals, "Withdrawals that were applied, newest first"),
        get("/history/held", OPEN_PAGES, answers::held, "Deposits that are held, newest first"),
        get("/history/alarms", PAGES, answers::alarms, "Where the state says otherwise than the moves do, newest first"),
    ]
}
