//! Why a history does not answer.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The values that explain an error, by their names. Numbers are in decimal.
pub type Values = BTreeMap<String, String>;

/// The body of an answer whose status is not one of success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ApiError,
}

/// An error: a code for programs, a sentence for people, and what explains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, ToSchema)]
#[error("{message}")]
pub struct ApiError {
    /// The code's name.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// The values.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub values: Values,
}

impl ApiError {
    /// An error with this code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError { code: code.name().to_owned(), message: message.into(), values: Values::new() }
    }

    /// The same with a value more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }

    /// The code, if this version knows it.
    #[must_use]
    pub fn known_code(&self) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.name() == self.code)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal;)*) => {
        /// The codes of errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All of them.
            pub const ALL: [Code; [$($name),*].len()] = [$(Code::$variant),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// The status of HTTP.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }
        }
    };
}

codes! {
    /// The request does not have the form that is described.
    Malformed = "MALFORMED", 400;
    /// The index knows nothing of the kind. It may not be that far.
    NotFound = "NOT_FOUND", 404;
    /// The index has no level yet: its node does not answer, or it has just begun.
    Away = "AWAY", 503;
    /// Too many ask at the moment.
    Busy = "BUSY", 503;
    /// The address asks too often.
    RateLimited = "RATE_LIMITED", 429;
    /// A web page of another origin asks, or the history is called by a name that is not its own.
    Forbidden = "FORBIDDEN", 403;
    /// Nothing is served at the path.
    UnknownPath = "UNKNOWN_PATH", 404;
    /// The path takes other methods.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// The request did not arrive in time.
    TooSlow = "TOO_SLOW", 408;
    /// The request is too large.
    RequestTooLarge = "REQUEST_TOO_LARGE", 413;
    /// The request line and headers are too large.
    HeadTooLarge = "HEAD_TOO_LARGE", 431;
    /// The index cannot be read.
    Internal = "INTERNAL", 500;
}
