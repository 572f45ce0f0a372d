//! What a batcher says of itself, asked once for all who look.

use std::sync::Arc;

use batcher_api::{OpenBatchesAnswer, Quote};
use wallet::error::RpcError;
use wallet::rpc::Node;

use crate::limits::{BATCHER_AWAY_TIME, BATCHER_TIME};
use crate::shared::SharedAnswer;

/// What a batcher says: what it asks for, and which batches have no final result yet.
type Answers = Arc<(Quote, OpenBatchesAnswer)>;

/// A batcher that was named.
#[derive(Debug)]
pub(crate) struct Batcher {
    node: Node,
    answers: SharedAnswer<Answers, Arc<str>>,
}

impl Batcher {
    /// One at the address of a node.
    pub(crate) fn new(node: Node) -> Self {
        Batcher { node, answers: SharedAnswer::new(BATCHER_TIME, BATCHER_AWAY_TIME) }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        self.node.endpoint()
    }

    /// What it says, as of a moment ago; or why it does not.
    pub(crate) fn answers(&self) -> Result<Answers, Arc<str>> {
        let ask =
            || Ok::<_, RpcError>((self.node.get("/v1/quote")?, self.node.get("/v1/batches")?));
        self.answers.get(|| ask().map(Arc::new).map_err(|error| Arc::from(error.to_string())))
    }
}
