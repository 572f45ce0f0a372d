//! Why there is no page, and with which status that is told.

use axum::http::StatusCode;
use history::HistoryError;
use layer1::plain::one_line;

/// Why there is no page.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The status of HTTP.
    pub status: StatusCode,
    /// In a sentence.
    pub message: String,
    /// What helps.
    pub hint: &'static str,
}

impl Failure {
    fn new(status: StatusCode, message: impl Into<String>, hint: &'static str) -> Self {
        Failure { status, message: one_line(&message.into()), hint }
    }

    /// A request that does not say what it should.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, "")
    }

    /// A request whose path does not name anything, as what it names is malformed.
    pub(crate) fn misnamed(message: impl Into<String>) -> Self {
        let hint = "The search finds what you have only a part of.";
        Self::new(StatusCode::BAD_REQUEST, message, hint)
    }

    /// Something that is not there.
    pub(crate) fn missing(message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message, hint)
    }

    /// Something that is not done for whoever asks so.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message, "Open the page again, and send its form.")
    }

    /// A path where nothing is.
    pub(crate) fn no_page() -> Self {
        Self::missing("There is no such page.", "The ways above lead to those that there are.")
    }

    /// More requests than can be answered.
    pub(crate) fn busy() -> Self {
        let message = "Too much is asked for at once.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message, "Come back in a moment.")
    }

    /// A fault of ours.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message, "The log of the explorer says more.")
    }

    /// Something that the server refuses before a page is asked.
    pub(crate) fn refused(status: StatusCode, message: &str) -> Self {
        Self::new(status, message, "")
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        Self::internal(format!("The index cannot be read: {error}"))
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::internal(format!("The page cannot be written: {error}"))
    }
}
