//! Why a batcher does not do what it was asked. The form of an error is that of all services.

use api_error::error_codes;

error_codes! {
    /// The batcher's own codes. All others are the kernel's result codes.
    Code {
        /// The request, or an item of it, does not have the form that is described.
        Malformed = "MALFORMED", 400;
        /// It is for another rollup.
        OtherRollup = "OTHER_ROLLUP", 409;
        /// A signature does not match its key and what is signed.
        WrongSignature = "WRONG_SIGNATURE", 422;
        /// A signature or a proof of possession is not a valid point.
        InvalidSignature = "INVALID_SIGNATURE", 422;
        /// A public key is not a valid point.
        InvalidPublicKey = "INVALID_PUBLIC_KEY", 422;
        /// The transaction names another account than that of the key.
        NotTheSigner = "NOT_THE_SIGNER", 422;
        /// An index is named that no level has that layer 1 cannot take back.
        IndexNotFinal = "INDEX_NOT_FINAL", 409;
        /// Another transaction of the account with the same counter is pending.
        CounterTaken = "COUNTER_TAKEN", 409;
        /// The counter is too far ahead of the account's next one.
        GapTooWide = "GAP_TOO_WIDE", 409;
        /// The account has too many transactions pending.
        TooManyPendingOfAccount = "TOO_MANY_PENDING_OF_ACCOUNT", 429;
        /// The transaction does not fit a message.
        TooLarge = "TOO_LARGE", 413;
        /// The transaction has no last level.
        NoExpiry = "NO_EXPIRY", 422;
        /// The transaction expires before it could be in an inbox.
        ExpiresTooSoon = "EXPIRES_TOO_SOON", 422;
        /// The transaction is valid for longer than the batcher keeps it.
        ExpiresTooLate = "EXPIRES_TOO_LATE", 422;
        /// The transaction pays less to the batcher than the quote says.
        FeeTooLow = "FEE_TOO_LOW", 402;
        /// A signer is not registered, and no proof of possession is given.
        NeedsProof = "NEEDS_PROOF", 422;
        /// No transaction of that hash is on record.
        UnknownTransaction = "UNKNOWN_TRANSACTION", 404;
        /// No batch of that id is on record.
        UnknownBatch = "UNKNOWN_BATCH", 404;
        /// The batch no longer takes signatures.
        OfferClosed = "OFFER_CLOSED", 409;
        /// The account signs nothing in the batch.
        NotASigner = "NOT_A_SIGNER", 422;
        /// The account is not asked for a while, since it was silent when it was asked.
        CoolingDown = "COOLING_DOWN", 429;
        /// The address asks too often.
        RateLimited = "RATE_LIMITED", 429;
        /// There is no room for more at the moment.
        Busy = "BUSY", 503;
        /// The rollup node does not answer.
        NodeAway = "NODE_AWAY", 503;
        /// A web page of another origin asks, or the batcher is called by a name that is not its own.
        Forbidden = "FORBIDDEN", 403;
        /// Nothing is served at the path.
        UnknownPath = "UNKNOWN_PATH", 404;
        /// The path takes another method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
        /// The request did not arrive in time.
        TooSlow = "TOO_SLOW", 408;
        /// A body comes without its length.
        LengthRequired = "LENGTH_REQUIRED", 411;
        /// The body has more bytes than it may have, or more items.
        RequestTooLarge = "REQUEST_TOO_LARGE", 413;
        /// The body is not JSON by its type.
        NotJson = "NOT_JSON", 415;
        /// The request line and headers have more bytes than they may have.
        HeadTooLarge = "HEAD_TOO_LARGE", 431;
        /// A fault of the batcher's own, or of its machine.
        Internal = "INTERNAL", 500;
    }
}
