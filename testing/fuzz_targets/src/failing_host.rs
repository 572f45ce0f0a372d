//! A host that fails: from one call on, or at one call alone, it answers with an error code and
//! does nothing.

use std::cell::Cell;

use host::code::{BAD_OFFSET, NO_VALUE, OTHER};
use host::{Call, CallHandler, RawRollupCore};

/// How a host fails.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The first call that fails, counted from 0 in the level.
    pub from: u64,
    /// How many fail.
    pub count: u64,
    /// The code that they answer with.
    pub code: i32,
}

/// A host in front of another one.
pub struct FailingHost<'h, H> {
    /// The one that does the work.
    pub inner: &'h H,
    /// How it fails.
    pub failure: Failure,
    /// How many calls there were, over all runs of the level.
    pub calls: &'h Cell<u64>,
    /// Whether the call before was a `write_output` that was executed.
    pub has_output: &'h Cell<bool>,
    /// Whether a call failed just after one: what is written cannot be unwritten, so the move that
    /// follows is the one call that must not fail, and no PVM fails it.
    pub fence_failed: &'h Cell<bool>,
}

impl<H> FailingHost<'_, H> {
    /// A call that reads a value. A missing or shorter value is an answer and not a failure, and no kernel
    /// can detect a wrong answer. So a failure here is another code.
    fn or_fail_reading(&self, call: impl FnOnce() -> i32) -> i32 {
        let mut answer = None;
        let code = self.or_fail(|| *answer.insert(call()));
        if answer.is_none() && matches!(code, NO_VALUE | BAD_OFFSET) { OTHER } else { code }
    }

    fn or_fail(&self, call: impl FnOnce() -> i32) -> i32 {
        let number = self.calls.get();
        self.calls.set(number + 1);
        let Failure { from, count, code } = self.failure;
        let fails = number >= from && number - from < count;
        self.fence_failed.set(self.fence_failed.get() || fails && self.has_output.get());
        self.has_output.set(false);
        if fails { code } else { call() }
    }
}

impl<H: RawRollupCore> CallHandler for FailingHost<'_, H> {
    fn handle(&self, call: Call<'_>) -> i32 {
        match call {
            Call::WriteDebug { .. } => call.forward(self.inner),
            Call::StoreValueSize { .. } | Call::StoreRead { .. } => {
                self.or_fail_reading(|| call.forward(self.inner))
            }
            Call::WriteOutput { .. } => {
                let mut written = false;
                let code = self.or_fail(|| {
                    let code = call.forward(self.inner);
                    written = code == 0;
                    code
                });
                self.has_output.set(written);
                code
            }
            _ => self.or_fail(|| call.forward(self.inner)),
        }
    }
}
