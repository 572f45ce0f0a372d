//! Which history is asked, and what is wrong if it does not tell.

use history::api::{Code, StatusAnswer};
use history::client::{Client, ClientError};
use layer1::plain::one_line;

use super::super::session::Session;
use crate::cli::groups::HistoryArgs;
use crate::error::Failure;
use crate::exit::Exit;

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
        Ok(History { client, status })
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
            ClientError::Refused { error: told, .. } => match told.known_code() {
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
