//! What a service of ours answers where it does not do what it was asked: `{"error": {"code", "message", "values"}}`.
//! Each service has its own list of codes, made by [`error_codes`].

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The values that explain an error, by their names. Numbers are in decimal.
pub type Values = BTreeMap<String, String>;

/// The body of an answer whose status is not one of success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The error.
    pub error: ApiError,
}

/// An error: a code for programs, a sentence for people, and what explains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// The code's name: one of the service's own, or with a batcher one of the kernel's result codes.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// The values.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = BTreeMap<String, String>))]
    pub values: Values,
}

/// A list of codes.
pub trait ErrorCode: Copy + Sized + 'static {
    /// All of them.
    const LIST: &'static [Self];

    /// Its name.
    fn text(self) -> &'static str;
}

impl ApiError {
    /// An error with this code.
    pub fn new(code: impl ErrorCode, message: impl Into<String>) -> Self {
        Self::named(code.text(), message)
    }

    /// An error whose code has this name.
    pub fn named(code: &str, message: impl Into<String>) -> Self {
        ApiError { code: code.to_owned(), message: message.into(), values: Values::new() }
    }

    /// The same with a value more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }

    /// The code, if it is one of this list.
    #[must_use]
    pub fn code_of<C: ErrorCode>(&self) -> Option<C> {
        C::LIST.iter().copied().find(|code| code.text() == self.code)
    }

    /// The body of an answer: a line of JSON.
    #[must_use]
    pub fn into_line(self) -> String {
        let text = serde_json::to_string(&ErrorBody { error: self });
        // Texts are always JSON.
        text.unwrap_or_default() + "\n"
    }
}

/// Makes a list of codes, each with its name and the status of HTTP where it is the answer to a whole request.
#[macro_export]
macro_rules! error_codes {
    ($(#[$about:meta])* $list:ident { $($(#[$doc:meta])* $variant:ident = $name:literal, $status:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list { $($(#[$doc])* $variant,)* }

        impl $list {
            /// All of them.
            pub const ALL: [$list; [$($name),*].len()] = [$($list::$variant),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($list::$variant => $name,)* }
            }

            /// The status of HTTP, where it is the answer to a whole request.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $($list::$variant => $status,)* }
            }
        }

        impl $crate::ErrorCode for $list {
            const LIST: &'static [Self] = &Self::ALL;

            fn text(self) -> &'static str {
                self.name()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    error_codes! {
        /// Codes of a service.
        Code {
            /// One.
            Lost = "LOST", 404;
            /// Another.
            Busy = "BUSY", 503;
        }
    }

    #[test]
    fn an_error_goes_there_and_back() {
        let error = ApiError::new(Code::Lost, "it is lost").with("number", 7);
        let line = error.clone().into_line();
        let expected =
            r#"{"error":{"code":"LOST","message":"it is lost","values":{"number":"7"}}}"#;
        assert_eq!(line, format!("{expected}\n"));
        let back: ErrorBody = serde_json::from_str(&line).unwrap();
        assert_eq!((back.error.code_of(), Code::Lost.status()), (Some(Code::Lost), 404));
        assert_eq!(back.error, error);
        assert_eq!(ApiError::named("ELSE", "why").code_of::<Code>(), None);
        assert_eq!(Code::ALL.map(Code::name), ["LOST", "BUSY"]);
    }
}
