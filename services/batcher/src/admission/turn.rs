//! The parts of a request go on in their order, in whatever order they are ready: the transactions of one sender keep
//! the order in which they were sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

type Step = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Request {
    /// The part whose turn it is.
    next: usize,
    /// Parts that are ready, and wait for those before them.
    ready: BTreeMap<usize, Step>,
}

/// The turn of one part of a request.
pub(crate) struct Turn {
    request: Arc<Mutex<Request>>,
    number: usize,
}

impl Turn {
    /// The turns of a request's parts, in their order.
    pub(crate) fn each(parts: usize) -> impl Iterator<Item = Turn> {
        let request = Arc::<Mutex<Request>>::default();
        (0..parts).map(move |number| Turn { request: Arc::clone(&request), number })
    }

    /// The part is ready. Its step is taken now, or as soon as the steps of all parts before it have been.
    pub(crate) fn take(self, step: impl FnOnce() + Send + 'static) {
        let mut request = self.request.lock().unwrap_or_else(PoisonError::into_inner);
        request.ready.insert(self.number, Box::new(step));
        // Steps are taken under the lock, so that those of two threads do not overtake each other.
        while let Some(step) = {
            let next = request.next;
            request.ready.remove(&next)
        } {
            step();
            request.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn parts_go_on_in_their_order_whichever_is_ready_first() {
        let (sender, steps) = channel();
        let mut turns: Vec<Option<Turn>> = Turn::each(4).map(Some).collect();
        let mut ready = |number: usize| {
            let sender = sender.clone();
            turns[number].take().unwrap().take(move || sender.send(number).unwrap());
            steps.try_iter().collect::<Vec<_>>()
        };
        assert_eq!(ready(2), Vec::<usize>::new());
        assert_eq!(ready(0), [0]);
        assert_eq!(ready(1), [1, 2]);
        assert_eq!(ready(3), [3]);
        // Another request waits for nothing of this one.
        let (sender, steps) = channel();
        Turn::each(1).for_each(|turn| {
            let sender = sender.clone();
            turn.take(move || sender.send(()).unwrap());
        });
        assert_eq!(steps.try_iter().count(), 1);
    }
}
