//! A place for what was computed of something, which clones of that something share.
//!
//! What is kept holds a clone of what it was computed of. While there is one, a change copies what it
//! changes: so what was computed holds for as long as both are one and the same in memory.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

/// What was computed last, if anything was.
#[derive(Debug)]
pub(super) struct Kept<T>(Mutex<Option<Arc<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.get()))
    }
}

impl<T> Kept<T> {
    /// What was computed last.
    pub(super) fn get(&self) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps something else.
    pub(super) fn set(&self, computed: T) {
        let computed = Some(Arc::new(computed));
        // Dropped when the lock is free again: what lies below has locks of its own.
        let _old =
            mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), computed);
    }

    /// Takes it out, if nobody shares it.
    pub(super) fn take(&mut self) -> Option<T> {
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.take().and_then(Arc::into_inner)
    }
}
