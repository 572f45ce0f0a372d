//! Why a request is not done, as it is answered: `{"error": {"code", "message", "values"}}`.

use axum::response::{IntoResponse, Response};
use batcher_api::{ApiError, Code};
use layer1::plain::grouped;
use web::{Refusal, Site, coded_error};

use super::limits::{BUSY_SECONDS, NODE_AWAY_SECONDS, WEB};
use crate::Refused;

/// The batcher where it is served by itself.
pub const SITE: Site = Site { name: "batcher", limits: WEB, form: Refusal::coded_form };

/// A request that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// For a reason of ours, perhaps for so many seconds only.
    Error(ApiError, Option<u64>),
    /// For a reason of the server that we stand on, which is told in our form later.
    Refusal(Refusal),
}

impl Failure {
    /// A request that does not say what it should.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        ApiError::new(Code::Malformed, message).into()
    }

    /// A fault of ours.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        ApiError::new(Code::Internal, message).into()
    }

    /// Too many of something in a request.
    pub(super) fn too_many(what: &str, found: usize, limit: usize) -> Self {
        let (found_words, limit_words) = (grouped(found), grouped(limit));
        let message = format!("{found_words} {what}, and a request may have {limit_words}");
        let error = ApiError::new(Code::RequestTooLarge, message);
        error.with("found", found).with("limit", limit).into()
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let seconds = match error.code_of::<Code>() {
            Some(Code::Busy | Code::RateLimited) => Some(BUSY_SECONDS),
            Some(Code::NodeAway) => Some(NODE_AWAY_SECONDS),
            _ => None,
        };
        Self::Error(error, seconds)
    }
}

impl From<Refused> for Failure {
    fn from(Refused { error, retry_after }: Refused) -> Self {
        match retry_after {
            Some(seconds) => Self::Error(error, Some(seconds.max(1))),
            None => error.into(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (error, seconds) = match self {
            Self::Error(error, seconds) => (error, seconds),
            Self::Refusal(refusal) => return refusal.into_response(),
        };
        // A code of the kernel's says why it would refuse.
        let status = error.code_of().map_or(422, Code::status);
        coded_error(status, error, seconds)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::http::header::RETRY_AFTER;
    use batcher_api::ErrorBody;

    use super::*;

    #[test]
    fn every_code_has_its_status_and_the_times_that_are_known() {
        for code in Code::ALL {
            let response = Failure::from(ApiError::new(code, "why")).into_response();
            assert_eq!(response.status().as_u16(), code.status(), "{code:?}");
            let is_temporary = [Code::Busy, Code::RateLimited, Code::NodeAway].contains(&code);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), is_temporary, "{code:?}");
        }
        let later = Refused::new(Code::CoolingDown, "why").after(60);
        let later = Failure::from(later).into_response();
        assert_eq!(
            (later.status().as_u16(), &later.headers()[RETRY_AFTER]),
            (429, &"60".parse().unwrap())
        );
        let kernel =
            ApiError { code: "BALANCE_TOO_LOW".to_owned(), ..ApiError::new(Code::Busy, "") };
        assert_eq!(Failure::from(kernel).into_response().status().as_u16(), 422);
    }

    #[test]
    fn a_refusal_of_the_server_has_the_code_of_its_status() {
        for status in [400, 403, 404, 405, 408, 411, 413, 415, 431, 500, 503] {
            let refusal = Refusal::new(StatusCode::from_u16(status).unwrap(), "word", "why");
            let body: ErrorBody = serde_json::from_str(&refusal.coded_form("batcher")).unwrap();
            assert_eq!(body.error.code_of::<Code>().map(Code::status), Some(status));
            assert_eq!(body.error.message, "why");
        }
    }
}
