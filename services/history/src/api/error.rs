//! Why a history does not answer. The form of an error is that of all services.

use api_error::error_codes;

error_codes! {
    /// The codes of errors.
    Code {
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
}
