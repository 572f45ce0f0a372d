//! Who is told what, and who is cut off.

use std::net::Ipv4Addr;

use super::*;

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn account(number: u8) -> Tz4Address {
    Tz4Address([number; 20])
}

fn subscribers(per_address: u32) -> Subscribers {
    Subscribers::new(Moment(5), per_address, Arc::default())
}

fn follow(accounts: &[u8], cosign: bool, since: Option<u64>) -> Subscription {
    let accounts = accounts.iter().map(|number| account(*number)).collect();
    Subscription { accounts, cosign, since }
}

/// What is told: the accounts that it is about.
fn say(what: &Happening, about: &[Tz4Address]) -> Option<Arc<str>> {
    Some(format!("{} {}", what.kind().word(), about.len()).into())
}

fn told(receiver: &mut Receiver<Arc<Event>>) -> Vec<(u64, String)> {
    let mut told = Vec::new();
    while let Ok(event) = receiver.try_recv() {
        told.push((event.id, event.data.to_string()));
    }
    told
}

fn transaction(accounts: &[u8]) -> Happening {
    let accounts = accounts.iter().map(|number| account(*number)).collect();
    Happening::Transaction(Hash32([1; 32]), accounts)
}

fn offer(accounts: &[u8]) -> Happening {
    let accounts = accounts.iter().map(|number| account(*number)).collect();
    Happening::Offer(0, Arc::new(accounts))
}

#[test]
fn each_is_told_of_its_own_accounts_and_only_those_who_sign_of_offers() {
    let mut all = subscribers(10);
    let mut signs = all.subscribe(follow(&[1, 2], true, None), FROM, &mut say).unwrap();
    let mut looks = all.subscribe(follow(&[2], false, None), FROM, &mut say).unwrap();
    let mut nobody = all.subscribe(follow(&[], false, None), FROM, &mut say).unwrap();
    all.tell(transaction(&[2, 3]), &mut say);
    all.tell(offer(&[1, 2, 3, 4]), &mut say);
    all.tell(Happening::Level("level".into()), &mut say);
    assert!(told(&mut signs).is_empty(), "all at once");
    assert!(all.send().is_empty());
    let words = |told: Vec<(u64, String)>| -> Vec<String> {
        told.into_iter().map(|(_, words)| words).collect()
    };
    assert_eq!(words(told(&mut signs)), ["transaction 1", "offer 2", "level 0"]);
    assert_eq!(words(told(&mut looks)), ["transaction 1", "level 0"]);
    assert_eq!(words(told(&mut nobody)), ["level 0"]);
}

#[test]
fn one_who_comes_back_is_told_what_it_has_missed() {
    let mut all = subscribers(10);
    let mut first = all.subscribe(follow(&[1], true, None), FROM, &mut say).unwrap();
    all.tell(transaction(&[1]), &mut say);
    all.send();
    let seen = told(&mut first)[0].0;
    drop(first);
    all.tell(transaction(&[2]), &mut say);
    all.tell(offer(&[1]), &mut say);
    let mut again = all.subscribe(follow(&[1], true, Some(seen)), FROM, &mut say).unwrap();
    assert_eq!(told(&mut again), [(seen + 2, "offer 1".to_owned())]);
    // An id of a batcher before this one, and one that nobody gave out.
    for since in [17, u64::MAX] {
        let mut other = all.subscribe(follow(&[1], true, Some(since)), FROM, &mut say).unwrap();
        let event = other.try_recv().unwrap();
        assert_eq!(event.kind, EventKind::Missed, "{since}");
    }
}

#[test]
fn one_who_is_too_slow_is_cut_off_and_is_no_longer_waited_for() {
    let mut all = subscribers(10);
    let mut slow = all.subscribe(follow(&[1], true, None), FROM, &mut say).unwrap();
    let mut gone = Vec::new();
    for _ in 0..=SUBSCRIBER_QUEUE {
        all.tell(transaction(&[1]), &mut say);
        gone.extend(all.send());
    }
    assert_eq!(gone, [Gone { accounts: [account(1)].into() }]);
    assert_eq!(told(&mut slow).len(), SUBSCRIBER_QUEUE);
    assert!(slow.is_closed());
    let closed = all.subscribe(follow(&[2], true, None), FROM, &mut say).unwrap();
    drop(closed);
    assert_eq!(all.sweep(), [Gone { accounts: [account(2)].into() }]);
}

#[test]
fn an_address_has_so_many_streams_and_no_more() {
    let mut all = subscribers(2);
    let one = all.subscribe(follow(&[1], false, None), FROM, &mut say).unwrap();
    let _other = all.subscribe(follow(&[1], false, None), FROM, &mut say).unwrap();
    let refused = all.subscribe(follow(&[1], false, None), FROM, &mut say).unwrap_err();
    assert_eq!(refused.error.code, "RATE_LIMITED");
    drop(one);
    assert!(all.is_full(&FROM));
    all.sweep();
    assert!(all.subscribe(follow(&[1], false, None), FROM, &mut say).is_ok());
}

#[test]
fn no_more_events_are_kept_than_there_is_room_for() {
    let mut all = subscribers(2);
    for _ in 0..KEPT_EVENTS + 3 {
        all.tell(transaction(&[1]), &mut say);
    }
    assert_eq!(all.kept.len(), KEPT_EVENTS);
}
