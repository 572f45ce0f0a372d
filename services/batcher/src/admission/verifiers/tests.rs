//! The queue before the verifiers: its bounds, who goes first, and what a failure does.

use tokio::sync::oneshot;

use super::*;

fn job(items: usize) -> Job {
    let (reply, _) = oneshot::channel();
    Job { items: vec![SubmittedTransaction::default(); items], reply }
}

fn read() -> Urgent {
    let (reply, _) = oneshot::channel();
    Urgent::Read(Hash32([0; 32]), Vec::new(), reply)
}

fn look() -> Urgent {
    Urgent::Look(Box::new(|| ()))
}

fn one_thread() -> Verifiers {
    Verifiers::new(1, Arc::default())
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
fn a_node_that_is_slow_holds_one_thread_at_most_and_no_round() {
    let verifiers = one_thread();
    assert!(verifiers.hurry(look()).is_ok());
    assert!(verifiers.hurry(look()).is_ok());
    assert!(verifiers.submit(vec![job(1)]).is_ok());
    assert!(matches!(verifiers.next(Share::All), Some(Work::Urgent(Urgent::Look(_)))));
    // The second one waits until the first is over.
    assert!(matches!(verifiers.next(Share::All), Some(Work::Jobs(_))));
    assert!(verifiers.hurry(read()).is_ok());
    assert!(matches!(verifiers.next(Share::Rounds), Some(Work::Urgent(Urgent::Read(..)))));
    verifiers.looked();
    assert!(matches!(verifiers.next(Share::All), Some(Work::Urgent(Urgent::Look(_)))));
}

#[test]
fn a_verifier_that_fails_ends_them_all() {
    let verifiers = Arc::new(Verifiers::new(2, Arc::default()));
    let threads = verifiers.start(|work| {
        assert!(!matches!(work, Work::Urgent(Urgent::Look(_))), "as if there were a fault");
    });
    assert!(verifiers.hurry(look()).is_ok());
    let ends: Vec<bool> = threads.unwrap().into_iter().map(|one| one.join().is_ok()).collect();
    assert_eq!(ends.iter().filter(|is_ok| !**is_ok).count(), 1);
    assert!(verifiers.is_ended());
}
