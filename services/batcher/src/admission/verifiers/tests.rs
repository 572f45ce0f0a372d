//! The queue before the verifiers: its bounds, who goes first, and what a failure does.

use encoding::Level;
use tokio::sync::oneshot;
use wallet::rpc::{Block, Node};
use wallet::state::BlockValues;

use super::*;
use crate::chain::{BlockState, Notes, Question};
use crate::pool::Away;

fn job(items: usize) -> Job {
    let (reply, _) = oneshot::channel();
    let turn = Turn::each(1).next().unwrap();
    Job { items: vec![SubmittedTransaction::default(); items], turn, reply }
}

fn read() -> Urgent {
    let (reply, _) = oneshot::channel();
    let from = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    Urgent::Read(Hash32([0; 32]), Vec::new(), from, reply)
}

/// Work that misses something of a node that is never heard, so that it waits.
struct Silent(usize);

impl Resumable for Silent {
    fn go_on(&mut self) -> Vec<Question> {
        let block = Block { hash: "BL".to_owned(), level: Level(0) };
        let state = BlockState::new(Node::new("127.0.0.1:9").unwrap(), block);
        let notes = Notes::default();
        assert!(state.noting(&notes).value(b"/a", |_| ()).is_none());
        notes.take()
    }

    fn give_up(&mut self, _: &Away) {}

    fn transactions(&self) -> usize {
        self.0
    }
}

fn look() -> Urgent {
    Urgent::Look(Box::new(Silent(0)))
}

fn one_thread() -> Verifiers {
    Verifiers::new(1, Arc::default(), Arc::default())
}

/// Work that waits for the node until then.
fn waits(verifiers: &Verifiers, transactions: usize, until: Instant) {
    let work = Box::new(Silent(transactions));
    Resumed { work, until, failure: None }.go_on(&verifiers.lookups);
}

#[test]
fn the_queue_has_an_end_and_says_so() {
    let verifiers = one_thread();
    let mut taken = 0;
    while verifiers.submit(vec![job(1_000)]).is_ok() {
        taken += 1_000;
    }
    assert_eq!(taken, VERIFIER_TRANSACTIONS);
    let small = one_thread();
    for _ in 0..VERIFIER_QUEUE {
        assert!(small.submit(vec![job(1)]).is_ok());
        assert!(small.hurry(read()).is_ok());
        assert!(small.hurry(look()).is_ok());
    }
    assert!(small.submit(vec![job(1)]).is_err());
    assert!(small.hurry(read()).is_err());
    assert!(small.hurry(look()).is_err());
    small.end();
    assert!(small.is_ended());
    assert!(small.next(Share::All).is_none());
    assert!(small.next(Share::Rounds).is_none());
    assert!(small.hurry(read()).is_err());
}

#[test]
fn what_closes_a_round_goes_before_transactions_and_small_jobs_go_together() {
    let verifiers = one_thread();
    for _ in 0..3 {
        assert!(verifiers.submit(vec![job(VERIFIED_AT_ONCE / 2)]).is_ok());
    }
    assert!(verifiers.hurry(read()).is_ok());
    assert!(matches!(verifiers.next(Share::All), Some(Work::Urgent(_))));
    assert!(matches!(verifiers.next(Share::All), Some(Work::Jobs(jobs)) if jobs.len() == 2));
    assert!(matches!(verifiers.next(Share::All), Some(Work::Jobs(jobs)) if jobs.len() == 1));
}

#[test]
fn what_would_wait_too_long_is_refused_whole_and_taken_once_others_are_done() {
    let verifiers = one_thread();
    // 5 ms each: as many as are verified together already take longer than a client should wait.
    let count = u32::try_from(VERIFIED_AT_ONCE).unwrap();
    for _ in 0..40 {
        verifiers.verified(VERIFIED_AT_ONCE, Duration::from_millis(5) * count);
    }
    // What comes when nothing waits is taken, however much it is.
    assert!(verifiers.submit((0..8).map(|_| job(VERIFIED_AT_ONCE)).collect()).is_ok());
    let refused = verifiers.submit(vec![job(1), job(1)]).unwrap_err();
    assert_eq!(refused.len(), 2);
    for _ in 0..8 {
        assert!(matches!(verifiers.next(Share::All), Some(Work::Jobs(jobs)) if jobs.len() == 1));
    }
    assert!(verifiers.submit(vec![job(1), job(1)]).is_ok());
    assert!(matches!(verifiers.next(Share::All), Some(Work::Jobs(jobs)) if jobs.len() == 2));
}

#[test]
fn a_node_that_says_nothing_holds_no_thread_and_what_waits_for_it_ends() {
    let verifiers = one_thread();
    let now = Instant::now();
    waits(&verifiers, 1, now + Duration::from_secs(3_600));
    assert!(verifiers.hurry(look()).is_ok());
    assert!(verifiers.submit(vec![job(1)]).is_ok());
    assert!(verifiers.hurry(read()).is_ok());
    assert!(matches!(verifiers.next(Share::Rounds), Some(Work::Urgent(Urgent::Read(..)))));
    // What was looked up goes before what is new.
    waits(&verifiers, 1, now);
    assert!(matches!(
        verifiers.next(Share::All),
        Some(Work::Resumed(Resumed { failure: Some(_), .. }))
    ));
    assert!(matches!(verifiers.next(Share::All), Some(Work::Urgent(Urgent::Look(_)))));
    assert!(matches!(verifiers.next(Share::All), Some(Work::Jobs(_))));
    // One is still waited for. When it ends, a thread that has nothing to do hears of it.
    waits(&verifiers, 1, Instant::now() + Duration::from_millis(1));
    assert!(matches!(verifiers.next(Share::All), Some(Work::Resumed(_))));
    assert_eq!(verifiers.lookups.waiting(), (1, 1));
    verifiers.end();
    assert_eq!(verifiers.lookups.waiting(), (0, 0));
}

#[test]
fn nothing_is_taken_in_while_too_much_waits_for_the_node() {
    let verifiers = one_thread();
    let until = Instant::now() + Duration::from_secs(3_600);
    waits(&verifiers, LOOKED_UP_TRANSACTIONS, until);
    assert!(verifiers.submit(vec![job(1)]).is_ok());
    waits(&verifiers, 1, until);
    assert!(verifiers.submit(vec![job(1)]).is_err());
    (2..VERIFIER_QUEUE).for_each(|_| waits(&verifiers, 0, until));
    assert!(verifiers.hurry(look()).is_err());
    assert!(verifiers.hurry(read()).is_ok());
}

#[test]
fn a_verifier_that_fails_ends_them_all() {
    let verifiers = Arc::new(Verifiers::new(2, Arc::default(), Arc::default()));
    let threads = verifiers.start(|work| {
        assert!(!matches!(work, Work::Urgent(Urgent::Look(_))), "as if there were a fault");
    });
    assert!(verifiers.hurry(look()).is_ok());
    let ends: Vec<bool> = threads.unwrap().into_iter().map(|one| one.join().is_ok()).collect();
    assert_eq!(ends.iter().filter(|is_ok| !**is_ok).count(), 1);
    assert!(verifiers.is_ended());
}
