//! Which history is asked, and what is wrong if it does not tell.

use std::thread::sleep;
use std::time::{Duration, Instant};

use history::api::{Code, StatusAnswer};
use history::client::{Client, ClientError};
use layer1::plain::one_line;

use super::super::session::Session;
use crate::cli::groups::HistoryArgs;
use crate::error::Failure;
use crate::exit::Exit;

/// How long a history may take to get to the node's head. One that is far behind is shown as far as it is.
const CATCH_UP_TIME: Duration = Duration::from_secs(2);
/// How long to wait between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// A history of the rollup that is meant.
pub(in crate::wallet) struct History {
    /// What asks it.
    pub(in crate::wallet) client: Client,
    /// How far it is.
    pub(in crate::wallet) status: StatusAnswer,
}

impl Session<'_> {
    /// The history that is named, or the one that the node serves.
    pub(in crate::wallet) fn history(&self, args: &HistoryArgs) -> Result<History, Failure> {
        let endpoint = self.wallet.node().endpoint();
        let client = Client::new(args.named().unwrap_or(endpoint))?;
        let status = match client.status() {
            // Who has named no history is told how to get one.
            Err(error @ ClientError::NoHistory { .. }) if args.named().is_none() => {
                let hint = format!(
                    "toru explorer --endpoint {endpoint} keeps one, and --history URL or \
                     TORU_HISTORY names it"
                );
                return Err(no_history(&error).with_hint(hint));
            }
            status => status?,
        };
        let rollup = self.wallet.rollup().to_string();
        if status.rollup != rollup && !status.rollup.is_empty() {
            let (url, found) = (client.url(), one_line(&status.rollup));
            let failure =
                Failure::input(format!("the history at {url} is of {found}, not of {rollup}"));
            let hint = "--history URL, or TORU_HISTORY, names another one";
            return Err(failure.of_kind("other_rollup").with_hint(hint));
        }
        let status = self.caught_up(&client, status)?;
        Ok(History { client, status })
    }

    /// What a history says of itself once it has the node's head: whoever has just seen a level, or has gone back,
    /// looks for that.
    fn caught_up(
        &self,
        client: &Client,
        mut status: StatusAnswer,
    ) -> Result<StatusAnswer, Failure> {
        let begin = Instant::now();
        loop {
            let head = self.wallet.node().block("head")?;
            let is_there = status.last.as_ref().is_some_and(|last| last.block == head.hash);
            if is_there || begin.elapsed() >= CATCH_UP_TIME {
                return Ok(status);
            }
            sleep(LOOK_PAUSE);
            status = client.status()?;
        }
    }
}

fn no_history(error: &ClientError) -> Failure {
    Failure::of(Exit::NoAnswer, error).of_kind("no_history")
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let names = "--history URL, or TORU_HISTORY, names a history";
        match &error {
            ClientError::Endpoint(problem) => {
                Failure::of(Exit::Input, &format!("--history: {problem}")).of_kind("usage")
            }
            ClientError::Silent { .. } | ClientError::Malformed { .. } => {
                Failure::of(Exit::NoAnswer, &error).with_hint(names)
            }
            ClientError::NoHistory { .. } => no_history(&error).with_hint(names),
            ClientError::Refused { error: told, .. } => match told.code_of::<Code>() {
                Some(Code::Malformed) => Failure::of(Exit::Input, &error),
                Some(Code::NotFound) => Failure::of(Exit::NotYet, &error)
                    .with_hint("toru history without options shows all that it has"),
                Some(Code::Away) => Failure::of(Exit::NotYet, &error)
                    .with_hint("it is told of levels by its node: ask again in a moment"),
                _ => Failure::of(Exit::NoAnswer, &error),
            },
        }
    }
}
