//! Why a request is not done, as it is answered: `{"error": {"code", "message", "values"}}`.

use axum::response::{IntoResponse, Response};
use layer1::plain::one_line;
use web::{Refusal, Site, coded_error};

use super::limits::{AWAY_SECONDS, BUSY_SECONDS, WEB};
use crate::api::{ApiError, Code};
use crate::error::HistoryError;

/// The history where it is served by itself.
pub const SITE: Site = Site { name: "history", limits: WEB, form: Refusal::coded_form };

/// A request that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    error: ApiError,
    /// When to come back, if that is not the usual time of its code.
    seconds: Option<u64>,
}

impl Failure {
    /// A request that does not say what it should.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        ApiError::new(Code::Malformed, message).into()
    }

    /// Something that the index does not have.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        ApiError::new(Code::NotFound, message).into()
    }

    /// The same after so many seconds.
    pub(super) fn after(self, seconds: u64) -> Self {
        Self { seconds: Some(seconds), ..self }
    }

    /// The same with a value more.
    pub(super) fn with(self, name: &str, value: impl std::fmt::Display) -> Self {
        Self { error: self.error.with(name, value), ..self }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { error, seconds: None }
    }
}

impl From<HistoryError> for Failure {
    /// Where the file is, is nobody's business who asks.
    fn from(error: HistoryError) -> Self {
        let words = match error {
            HistoryError::Sql(error) | HistoryError::File { source: error, .. } => {
                error.to_string()
            }
            HistoryError::Io { source, .. } => source.to_string(),
            HistoryError::Value { column, .. } => {
                format!("{column} has a value that it cannot have")
            }
            HistoryError::Version { .. } => "it is of another version".to_owned(),
            HistoryError::OtherRollup { .. } => "it is of another rollup".to_owned(),
            HistoryError::NotAnIndex(_) => "it is something else".to_owned(),
            HistoryError::Thread(_) | HistoryError::Panicked => "nobody keeps it".to_owned(),
        };
        let message = format!("the index cannot be read: {}", one_line(&words));
        ApiError::new(Code::Internal, message).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { error, seconds } = self;
        let code = error.code_of::<Code>().unwrap_or(Code::Internal);
        let seconds = seconds.or(match code {
            Code::Busy | Code::RateLimited => Some(BUSY_SECONDS),
            Code::Away => Some(AWAY_SECONDS),
            _ => None,
        });
        coded_error(code.status(), error, seconds)
    }
}

#[cfg(test)]
mod tests {
    use api_error::ErrorBody;
    use axum::http::StatusCode;
    use axum::http::header::RETRY_AFTER;

    use super::*;

    #[test]
    fn every_code_has_its_status_and_a_time_to_come_back_if_it_is_temporary() {
        for code in Code::ALL {
            let response = Failure::from(ApiError::new(code, "why")).into_response();
            assert_eq!(response.status().as_u16(), code.status(), "{code:?}");
            let is_temporary = [Code::Busy, Code::RateLimited, Code::Away].contains(&code);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), is_temporary, "{code:?}");
        }
        let later = Failure::from(ApiError::new(Code::RateLimited, "why")).after(7);
        assert_eq!(later.into_response().headers()[RETRY_AFTER], "7");
    }

    #[test]
    fn a_refusal_of_the_server_has_the_code_of_its_status() {
        for status in [400, 403, 404, 405, 408, 413, 431, 500, 503] {
            let refusal = Refusal::new(StatusCode::from_u16(status).unwrap(), "word", "why");
            let body: ErrorBody = serde_json::from_str(&refusal.coded_form("history")).unwrap();
            assert_eq!(body.error.code_of().map(Code::status), Some(status));
            assert_eq!(body.error.message, "why");
        }
    }

    #[test]
    fn an_error_of_the_file_does_not_say_where_it_is() {
        let source = rusqlite::Error::InvalidQuery;
        let error = HistoryError::File { path: "/home/me/index.sqlite".into(), source };
        let failure = Failure::from(error);
        assert!(!failure.error.message.contains("/home"), "{failure:?}");
        assert_eq!(failure.error.code_of::<Code>(), Some(Code::Internal));
    }
}
