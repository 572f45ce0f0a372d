//! Memory that many share: each takes its share or is refused, and gives it back.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What there is, in bytes.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

/// A share, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    of: &'a Budget,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    /// Takes a share, if there is as much.
    pub(crate) fn take(&self, bytes: usize) -> Option<Share<'_>> {
        let less = |left: usize| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).ok()?;
        Some(Share { of: self, bytes })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.of.left.fetch_add(self.bytes, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let budget = Budget::new(10);
        let seven = budget.take(7).unwrap();
        assert!(budget.take(4).is_none());
        let three = budget.take(3).unwrap();
        assert!(budget.take(1).is_none());
        drop(seven);
        assert!(budget.take(7).is_some());
        drop(three);
        assert!(budget.take(11).is_none());
        assert!(budget.take(10).is_some());
    }
}
