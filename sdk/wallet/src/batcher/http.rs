//! The requests of a batcher's API.

use std::thread;
use std::time::{Duration, Instant};

use batcher_api::{
    AcceptanceKey, AccountAnswer, BatchAnswer, CoSignature, CoSignatureAnswer, CoSignatures, Quote,
    Record, SimulationAnswer, SimulationRequest, SubmissionAnswer, SubmissionRequest,
    UnsignedTransaction,
};
use encoding::{Hash32, RollupAddress, Tz4Address};
use inbox::v2::Transaction;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Response;

use super::error::BatcherError;
use crate::error::one_line;
use crate::limits::{
    BATCHER_ANSWER_TIME, BATCHER_CATCHES_UP, CATCHING_UP_PAUSE, CONNECT_TIME,
    MAX_BATCHER_ANSWER_BYTES, MAX_BATCHER_PAUSE,
};
use crate::rpc::Node;

/// A batcher that is held to one rollup.
#[derive(Clone, Debug)]
pub struct Batcher {
    agent: Agent,
    url: String,
    rollup: RollupAddress,
    key: AcceptanceKey,
    quote: Quote,
}

impl Batcher {
    /// Asks what is at `http://HOST:PORT` for its quote. It has to be a batcher for that rollup.
    ///
    /// # Errors
    /// When it does not answer, it is no batcher, or one for another rollup.
    pub fn connect(url: &str, rollup: &RollupAddress) -> Result<Self, BatcherError> {
        // An endpoint is what a node's is.
        let url = Node::new(url).map_err(BatcherError::Endpoint)?.endpoint().to_owned();
        // The address as its paths begin is meant as well.
        let url = url
            .strip_suffix("/v1")
            .map_or(url.as_str(), |url| url.trim_end_matches('/'))
            .to_owned();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(BATCHER_ANSWER_TIME))
            .max_redirects(0)
            .build();
        let agent: Agent = config.into();
        let path = "/v1/quote";
        let begun = Instant::now();
        let quote: Quote = loop {
            match read(&url, path, agent.get(format!("{url}{path}")).call()) {
                // One that has just begun has not heard of its node yet.
                Err(BatcherError::Refused { status: 503, .. })
                    if begun.elapsed() < BATCHER_CATCHES_UP =>
                {
                    thread::sleep(CATCHING_UP_PAUSE);
                }
                answer => break answer?,
            }
        };
        if quote.rollup != rollup.to_string() {
            let (found, expected) = (one_line(&quote.rollup), *rollup);
            return Err(BatcherError::OtherRollup { url, found, expected });
        }
        let key = AcceptanceKey::from_text(&quote.acceptance_key).map_err(|error| {
            let (url, path) = (url.clone(), path.to_owned());
            BatcherError::Malformed { url, path, problem: error.to_string() }
        })?;
        Ok(Batcher { agent, url, rollup: *rollup, key, quote })
    }

    /// Waits until its head is the node's, so that it knows what the node's head has, such as a deposit of a moment
    /// ago. One that stays behind is used as it is: it may ask another node.
    pub fn catch_up(&mut self, node: &Node) {
        let begun = Instant::now();
        let head = || node.block("head").map(|block| block.level.0);
        while let Ok(before) = head() {
            if let Ok(quote) = self.get::<Quote>("/v1/quote")
                && let Ok(after) = head()
            {
                let is_there = (before..=after).contains(&quote.level);
                self.quote = quote;
                if is_there {
                    return;
                }
            }
            if begun.elapsed() >= BATCHER_CATCHES_UP {
                return;
            }
            thread::sleep(CATCHING_UP_PAUSE);
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The rollup.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// What it asked for and promised when it was last asked.
    #[must_use]
    pub fn quote(&self) -> &Quote {
        &self.quote
    }

    /// The key that its receipts are signed with.
    #[must_use]
    pub fn key(&self) -> &AcceptanceKey {
        &self.key
    }

    /// What it knows of a transaction.
    ///
    /// # Errors
    /// When it does not answer, refuses, or its answer is malformed.
    pub fn record(&self, hash: &Hash32) -> Result<Record, BatcherError> {
        let path = format!("/v1/transactions/{hash}");
        let record: Record = self.get(&path)?;
        match record.hash == hash.to_string() {
            true => Ok(record),
            false => Err(self.malformed(&path, "the record of another transaction")),
        }
    }

    /// What it knows of an account, with what is pending.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub fn account(&self, account: &Tz4Address) -> Result<AccountAnswer, BatcherError> {
        self.get(&format!("/v1/accounts/{account}"))
    }

    /// A batch by its digest.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub fn batch(&self, id: &Hash32) -> Result<BatchAnswer, BatcherError> {
        self.get(&format!("/v1/batches/{id}"))
    }

    /// Gives signatures of a batch that is offered.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub fn sign(
        &self,
        id: &Hash32,
        signatures: Vec<CoSignature>,
    ) -> Result<CoSignatureAnswer, BatcherError> {
        let path = format!("/v1/batches/{id}/signatures");
        let expected = signatures.len();
        let answer: CoSignatureAnswer = self.post_json(&path, &CoSignatures { signatures })?;
        self.count(&path, answer.results.len(), expected)?;
        Ok(answer)
    }

    /// What transactions would do after all that is pending. They need not be signed.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub fn simulate(
        &self,
        transactions: &[&Transaction],
    ) -> Result<SimulationAnswer, BatcherError> {
        const PATH: &str = "/v1/simulate";
        let unsigned =
            |one: &&Transaction| UnsignedTransaction { transaction: hex::encode(one.encode()) };
        let request =
            SimulationRequest { transactions: transactions.iter().map(unsigned).collect() };
        let answer: SimulationAnswer = self.post_json(PATH, &request)?;
        self.count(PATH, answer.results.len(), transactions.len())?;
        Ok(answer)
    }

    /// Submits transactions in one request.
    pub(super) fn submit(
        &self,
        request: &SubmissionRequest,
    ) -> Result<SubmissionAnswer, BatcherError> {
        const PATH: &str = "/v1/transactions";
        let answer: SubmissionAnswer = self.post_json(PATH, request)?;
        self.count(PATH, answer.results.len(), request.transactions.len())?;
        Ok(answer)
    }

    /// An answer has to have a result for each item.
    fn count(&self, path: &str, found: usize, expected: usize) -> Result<(), BatcherError> {
        match found == expected {
            true => Ok(()),
            false => Err(self.malformed(path, &format!("{found} results of {expected} items"))),
        }
    }

    /// An answer that is not that of a batcher.
    pub(super) fn malformed(&self, path: &str, problem: &str) -> BatcherError {
        let (url, path) = (self.url.clone(), path.to_owned());
        BatcherError::Malformed { url, path, problem: one_line(problem) }
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, BatcherError> {
        read(&self.url, path, self.agent.get(format!("{}{path}", self.url)).call())
    }

    fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, BatcherError> {
        let body = serde_json::to_vec(body);
        let body = body.map_err(|error| self.malformed(path, &error.to_string()))?;
        let request = self.agent.post(format!("{}{path}", self.url));
        read(&self.url, path, request.content_type("application/json").send(&body[..]))
    }
}

/// Reads an answer.
fn read<T: DeserializeOwned>(
    url: &str,
    path: &str,
    answer: Result<Response<ureq::Body>, ureq::Error>,
) -> Result<T, BatcherError> {
    let silent = |source| BatcherError::Silent { url: url.to_owned(), source: Box::new(source) };
    let response = answer.map_err(silent)?;
    let status = response.status();
    let after = retry_after(&response);
    let mut body = response.into_body();
    let bytes = body.with_config().limit(MAX_BATCHER_ANSWER_BYTES).read_to_vec();
    let bytes = bytes.map_err(|error| match error {
        // More than any answer has is not silence.
        ureq::Error::BodyExceedsLimit(most) => BatcherError::Malformed {
            url: url.to_owned(),
            path: path.to_owned(),
            problem: format!("more than {most} bytes"),
        },
        other => silent(other),
    })?;
    if !status.is_success() {
        return Err(BatcherError::of_answer(url, path, status.as_u16(), after, &bytes));
    }
    serde_json::from_slice(&bytes).map_err(|error| BatcherError::Malformed {
        url: url.to_owned(),
        path: path.to_owned(),
        problem: one_line(&error.to_string()),
    })
}

/// When something is to be asked again, as a batcher says; it cannot ask for more than so much.
fn retry_after(response: &Response<ureq::Body>) -> Option<Duration> {
    let text = response.headers().get("retry-after")?.to_str().ok()?;
    let seconds = text.trim().parse().ok().map(Duration::from_secs)?;
    Some(seconds.min(MAX_BATCHER_PAUSE))
}
