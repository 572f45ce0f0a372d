//! Memory that many share: each takes its share or is refused, and gives it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What there is, in bytes.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

/// A share, given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    of: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    /// Takes a share, if there is as much.
    pub(crate) fn take(budget: &Arc<Self>, bytes: usize) -> Option<Share> {
        let less = |left: usize| left.checked_sub(bytes);
        budget.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).ok()?;
        Some(Share { of: Arc::clone(budget), bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.left.fetch_add(self.bytes, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let budget = Arc::new(Budget::new(10));
        let take = |bytes| Budget::take(&budget, bytes);
        let seven = take(7).unwrap();
        assert!(take(4).is_none());
        let three = take(3).unwrap();
        assert!(take(1).is_none());
        drop(seven);
        assert!(take(7).is_some());
        drop(three);
        assert!(take(11).is_none());
        assert!(take(10).is_some());
    }
}
