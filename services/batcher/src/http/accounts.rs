//! Accounts, and what the batcher asks of everybody.

use std::sync::Arc;

use batcher_api::{AccountAnswer, Quote};

use super::failure::Failure;
use super::limits::{STREAMS_PER_ADDRESS, TRANSACTIONS};
use super::request::Call;
use super::state::HttpState;

pub(super) async fn account(state: Arc<HttpState>, call: Call) -> Result<AccountAnswer, Failure> {
    Ok(state.engine.account(call.account()?).await?)
}

pub(super) async fn quote(state: Arc<HttpState>, _: Call) -> Result<Quote, Failure> {
    let mut quote = state.engine.quote().await?;
    // These are the interface's own.
    quote.limits.transactions_per_second = TRANSACTIONS.per_second;
    quote.limits.streams_per_address = u32::try_from(STREAMS_PER_ADDRESS).unwrap_or(u32::MAX);
    Ok(quote)
}
