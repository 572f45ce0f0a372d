//! Random pushes and takes against a model: a ring of owners, each with a list of messages.

use std::collections::{BTreeMap, VecDeque};

use encoding::{AccountIndex, Amount, Entrypoint, Kt1Address, TicketIndex};
use host::{Host, Subtree};
use outbox::{Call, Owner, Pending, Queue, Withdrawal};
use proptest::prelude::*;
use pvm::{Durable, NativeHost};

/// Who waits, in the order of their turns, and what for.
#[derive(Debug, Default)]
struct Model {
    ring: VecDeque<Owner>,
    queues: BTreeMap<Owner, VecDeque<Pending>>,
}

impl Model {
    fn push(&mut self, account: Owner, waiting: Pending) {
        if !self.ring.contains(&account) {
            self.ring.push_back(account);
        }
        self.queues.entry(account).or_default().push_back(waiting);
    }

    fn first(&self) -> Option<(Owner, &Pending)> {
        let account = self.ring.front()?;
        Some((*account, &self.queues[account][0]))
    }

    fn take(&mut self) {
        let Some(account) = self.ring.pop_front() else { return };
        let Some(queue) = self.queues.get_mut(&account) else { return };
        queue.pop_front();
        if !queue.is_empty() {
            self.ring.push_back(account);
        }
    }

    fn all(&self) -> Vec<Pending> {
        self.ring.iter().flat_map(|account| self.queues[account].iter().cloned()).collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push {
        account: Owner,
        /// How many, one after the other.
        count: usize,
        size: usize,
    },
    Take(usize),
    /// Forget the queue and open it again, as every commit does.
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Mostly a few who meet often, and some with the largest of indexes.
    let account = prop_oneof![8 => 0..6_u32, 1 => u32::MAX - 2..=u32::MAX]
        .prop_map(|index| Owner::Account(AccountIndex(index)));
    let depositor = (0..3_u8).prop_map(|number| Owner::Depositor([number; 20]));
    let account = prop_oneof![4 => account, 1 => depositor];
    // Of withdrawals: a record of several thousand bytes among short ones.
    let size = prop_oneof![6 => 1..4_usize, 1 => 60..120_usize];
    let step = prop_oneof![
        5 => (account, 1..4_usize, size)
            .prop_map(|(account, count, size)| Step::Push { account, count, size }),
        4 => (1..8_usize).prop_map(Step::Take),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..60)
}

/// A message that says `number`: withdrawals of an account, a held deposit of a depositor.
fn pending(owner: Owner, number: u32, size: usize) -> Pending {
    let entrypoint = Entrypoint::new(b"burn").unwrap();
    let call = Call { destination: Kt1Address([7; 20]), entrypoint, receiver: None };
    match owner {
        Owner::Depositor(_) => Pending::Held { number: number.into(), call },
        Owner::Account(_) => {
            let amount = Amount::new(u64::MAX);
            Pending::Withdrawals(vec![
                Withdrawal { ticket: TicketIndex(number), amount, call };
                size
            ])
        }
    }
}

fn open(host: &NativeHost) -> Queue<'_, NativeHost> {
    Queue::open(Subtree::new(host, "/work")).unwrap()
}

/// What the queue says of itself is what the model says.
fn compare(queue: &Queue<'_, NativeHost>, model: &Model) -> Result<(), TestCaseError> {
    let all = model.all();
    prop_assert_eq!(queue.pending(), u64::try_from(all.len()).unwrap());
    prop_assert_eq!(queue.all().unwrap(), all);
    let first = queue.next_message().unwrap().map(|departure| (departure.owner, departure.pending));
    prop_assert_eq!(first, model.first().map(|(account, waiting)| (account, waiting.clone())));
    Ok(())
}

/// Takes one out of each; `false` when nothing is left.
fn take(queue: &mut Queue<'_, NativeHost>, model: &mut Model) -> Result<bool, TestCaseError> {
    let Some(departure) = queue.next_message().unwrap() else {
        prop_assert_eq!(model.first(), None);
        return Ok(false);
    };
    let seen = (departure.owner, &departure.pending);
    prop_assert_eq!(Some(seen), model.first());
    queue.dequeue(&departure).unwrap();
    model.take();
    Ok(true)
}

fn apply_steps(steps: &[Step]) -> Result<(), TestCaseError> {
    let host = NativeHost::over(Durable::default());
    let mut queue = open(&host);
    let mut model = Model::default();
    let mut pushed = 0_u32;
    for step in steps {
        match *step {
            Step::Push { account, count, size } => {
                for _ in 0..count {
                    // No two messages are alike: their number is in them.
                    pushed += 1;
                    let waiting = pending(account, pushed, size);
                    queue.enqueue(account, &waiting).unwrap();
                    model.push(account, waiting);
                }
            }
            Step::Take(count) => {
                for _ in 0..count {
                    take(&mut queue, &mut model)?;
                }
            }
            Step::Reopen => queue = open(&host),
        }
        compare(&queue, &model)?;
    }
    compare(&open(&host), &model)?;

    while take(&mut queue, &mut model)? {}
    compare(&queue, &model)?;
    for folder in ["message", "next", "lane", "turn"] {
        let path = format!("/work/outbox/{folder}");
        prop_assert_eq!(host.has(&path), Ok(false), "{} is empty", folder);
    }
    Ok(())
}

fn owners() -> impl Iterator<Item = Owner> {
    (0..).map(|number: u8| match number % 2 {
        0 => Owner::Account(AccountIndex(number.into())),
        _ => Owner::Depositor([number; 20]),
    })
}

/// In every cycle of turns each waiting account is served once: with `n` accounts waiting, nobody
/// who waits is passed over by more than `n - 1` messages.
fn fair(floods: &[usize]) -> Result<(), TestCaseError> {
    let host = NativeHost::over(Durable::default());
    let mut queue = open(&host);
    for (account, count) in owners().zip(floods) {
        for _ in 0..*count {
            queue.enqueue(account, &pending(account, 1, 1)).unwrap();
        }
    }
    let mut left = floods.to_vec();
    for cycle in 0..floods.iter().copied().max().unwrap_or(0) {
        for (account, left) in owners().zip(&mut left) {
            if *left == 0 {
                continue;
            }
            *left -= 1;
            let departure = queue.next_message().unwrap().unwrap();
            prop_assert_eq!(departure.owner, account, "in cycle {}", cycle);
            queue.dequeue(&departure).unwrap();
        }
    }
    prop_assert_eq!(queue.pending(), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_queue_does_what_a_ring_of_lists_does(steps in steps()) {
        apply_steps(&steps)?;
    }

    #[test]
    fn every_account_is_served_once_a_cycle(floods in prop::collection::vec(1..12_usize, 1..9)) {
        fair(&floods)?;
    }
}
