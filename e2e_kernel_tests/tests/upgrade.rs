//! A running rollup gets another kernel: ordered by the administrator alone, brought by anyone, after a
//! delay in which everybody can leave; and nothing is lost if it is none.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::limits::{KERNEL_BYTES, UPGRADE_DELAY_LEVELS};
use encoding::{Hash32, Kt1Address, Level};
use inbox::upgrade::{Page, UpgradeCommand, hash_of_page};
use kit::upgrading::{COUNCIL, DELAY, NEXT, announce, is_upgraded, order, page_messages, rollup};
use kit::{LevelOutcome, Person, Twin, batch, deposit, pay, tx, withdraw};
use pvm::{Config, Pvm, Status};
use tx_kernel::layout::{ADMINISTRATOR, UPGRADE_DELAY};
use tx_kernel::results::ResultCode;

const INSTALLED: &str = "/kernel/boot.wasm";

fn codes(twin: &Twin, level: &LevelOutcome, messages: usize) -> Vec<ResultCode> {
    (0..).take(messages).map(|number| twin.message_code(level.level, number)).collect()
}

/// Announces the next kernel, sends its pages, and returns when it is due.
fn send_next(twin: &mut Twin) -> Level {
    let rollup = twin.rollup();
    let level = twin.run_level(&[announce(&rollup, NEXT)]);
    assert_eq!(codes(twin, &level, 1), [ResultCode::UpgradeAnnounced]);
    let messages = page_messages(&rollup, NEXT);
    let level = twin.run_level(&messages);
    assert_eq!(codes(twin, &level, messages.len()), vec![ResultCode::PageKept; messages.len()]);
    let plan = twin.view(|view| view.upgrade()).unwrap().unwrap();
    assert_eq!((plan.next, plan.due), (None, Level(level.level.0 + DELAY)));
    assert_eq!(usize::try_from(plan.bytes), Ok(NEXT.len()));
    plan.due
}

#[test]
fn a_kernel_is_installed_after_the_delay_and_goes_on_where_the_old_one_stopped() {
    let mut twin = rollup();
    let rollup = twin.rollup();
    let (alice, bob) = (Person::new(1), Person::new(2));
    twin.run_level(&[deposit(&rollup, &alice, "gold", 100)]);
    let due = send_next(&mut twin);

    // While it is to come, everybody can leave.
    let leave = tx(vec![alice.does(0, vec![withdraw("gold", 40)])]);
    let level = twin.run_level(&[batch(vec![(leave, vec![&alice])])]);
    assert_eq!(level.outbox.len(), 1);
    assert!(level.level < due && !is_upgraded(twin.durable()));
    twin.run_level(&[]);
    assert!(!is_upgraded(twin.durable()));
    let stay = tx(vec![alice.does_by_address(1, vec![pay(&bob, "gold", 10)])]);
    let level = twin.run_level(&[batch(vec![(stay, vec![&alice])])]);
    assert_eq!(level.level, due);
    assert!(is_upgraded(twin.durable()));
    assert_eq!(twin.view(|view| view.upgrade()), Ok(None));
    let wasm = level.wasm.unwrap();
    assert_eq!((wasm.status, wasm.stuck), (Status::Running, false));

    // The same level has seen the new one run: the directory of its layout is there.
    let directory = twin.durable().subkeys("/toru/state/directory");
    assert_eq!(directory, ["0", "1"]);
    let back = tx(vec![bob.does(0, vec![pay(&alice, "gold", 3)])]);
    twin.run_level(&[batch(vec![(back, vec![&bob])]), deposit(&rollup, &bob, "gold", 5)]);
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&bob, "gold")), (53, 12));
}

#[test]
fn only_the_administrator_orders_and_only_the_announced_pages_are_kept() {
    let mut twin = rollup();
    let rollup = twin.rollup();
    let first = Page { next: None, data: b"\0asm\x01\0\0\0 and more" }.encode();
    let announced = UpgradeCommand::Announce(hash_of_page(&first));
    let page = |body: &[u8]| inbox::envelope::framed_page(&rollup, body);

    let stranger = Kt1Address([0xae; 20]);
    let messages = [
        order(&rollup, &stranger, announced),
        order(&rollup, &stranger, UpgradeCommand::Cancel),
        order(&rollup, &COUNCIL, UpgradeCommand::Cancel),
        page(&first),
    ];
    let level = twin.run_level(&messages);
    let refused = [
        ResultCode::NotTheAdministrator,
        ResultCode::NotTheAdministrator,
        ResultCode::NoUpgrade,
        ResultCode::PageNotExpected,
    ];
    assert_eq!(codes(&twin, &level, messages.len()), refused);

    let mut other = first.clone();
    *other.last_mut().unwrap() ^= 1;
    let level = twin.run_level(&[
        order(&rollup, &COUNCIL, announced),
        page(&other),
        page(&first),
        page(&first),
    ]);
    let expected = [
        ResultCode::UpgradeAnnounced,
        ResultCode::PageNotExpected,
        ResultCode::PageKept,
        ResultCode::PageNotExpected,
    ];
    assert_eq!(codes(&twin, &level, 4), expected);

    let level = twin.run_level(&[order(&rollup, &COUNCIL, UpgradeCommand::Cancel)]);
    assert_eq!(codes(&twin, &level, 1), [ResultCode::UpgradeCancelled]);
    for _ in 0..=DELAY {
        twin.run_level(&[]);
    }
    assert!(!is_upgraded(twin.durable()));
    assert!(!twin.durable().has("/toru/state/upgrade"));
}

#[test]
fn another_announcement_takes_the_place_of_the_first() {
    let mut twin = rollup();
    let rollup = twin.rollup();
    let other = [NEXT, b"\0\x02\x01x"].concat();
    let start = page_messages(&rollup, &other).into_iter().take(2);
    let messages: Vec<_> = [announce(&rollup, &other)].into_iter().chain(start).collect();
    twin.run_level(&messages);
    send_next(&mut twin);
    for _ in 0..DELAY {
        twin.run_level(&[]);
    }
    assert!(is_upgraded(twin.durable()));
    assert_eq!(twin.durable().get(INSTALLED).as_deref(), Some(NEXT));
}

#[test]
fn what_is_no_module_or_too_large_is_refused() {
    let mut twin = Twin::native_only();
    twin.set(ADMINISTRATOR, &COUNCIL.0);
    let rollup = twin.rollup();
    let no_module = b"\0asm\x02\0\0\0".to_vec();
    let large = [&b"\0asm\x01\0\0\0"[..], &vec![7; KERNEL_BYTES]].concat();
    for kernel in [no_module, large] {
        let messages = page_messages(&rollup, &kernel);
        twin.run_level(&[announce(&rollup, &kernel)]);
        let level = twin.run_level(&messages);
        let codes = codes(&twin, &level, messages.len());
        let (last, before) = codes.split_last().unwrap();
        assert_eq!(*last, ResultCode::NotAKernel);
        assert!(before.iter().all(|code| *code == ResultCode::PageKept));
    }
    let empty = [0; 32];
    twin.run_level(&[order(&rollup, &COUNCIL, UpgradeCommand::Announce(hash_of_page(&empty)))]);
    let level = twin.run_level(&[inbox::envelope::framed_page(&rollup, &empty)]);
    assert_eq!(codes(&twin, &level, 1), [ResultCode::Malformed]);
}

#[test]
fn without_configuration_there_is_no_administrator_and_a_week_of_delay() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let level = twin.run_level(&[announce(&rollup, NEXT)]);
    assert_eq!(codes(&twin, &level, 1), [ResultCode::NotTheAdministrator]);
    // Neither what is too short nor what is too long is an address.
    for length in [0, 19, 21] {
        twin.set(ADMINISTRATOR, &vec![COUNCIL.0[0]; length]);
        let level = twin.run_level(&[announce(&rollup, NEXT)]);
        assert_eq!(codes(&twin, &level, 1), [ResultCode::NotTheAdministrator], "{length}");
    }
    twin.set(ADMINISTRATOR, &COUNCIL.0);
    for (delay, expected) in [
        (&[][..], UPGRADE_DELAY_LEVELS),
        (&[0, 0, 9], UPGRADE_DELAY_LEVELS),
        (&[0, 0, 0, 9, 0], UPGRADE_DELAY_LEVELS),
        (&[0xff; 4], UPGRADE_DELAY_LEVELS),
        (&[0, 0, 0, 9], 9),
    ] {
        twin.set(UPGRADE_DELAY, delay);
        twin.run_level(&[announce(&rollup, NEXT)]);
        let level = twin.run_level(&page_messages(&rollup, NEXT));
        let plan = twin.view(|view| view.upgrade()).unwrap().unwrap();
        assert_eq!(plan.due.0 - level.level.0, expected, "{delay:?}");
    }
}

#[test]
fn a_broken_kernel_is_put_back_and_the_levels_lose_nothing() {
    let broken = b"\0asm\x01\0\0\0 and then no module".to_vec();
    let mut pvm = Pvm::originate_wasm(kernel_wasm::EMBEDDED, Config::default()).unwrap();
    pvm.durable_mut().set(ADMINISTRATOR, &COUNCIL.0).unwrap();
    pvm.durable_mut().set(UPGRADE_DELAY, &0_u32.to_be_bytes()).unwrap();
    let rollup = encoding::RollupAddress(pvm::DEBUGGER_ROLLUP);
    let alice = Person::new(1);

    pvm.run_level(&[announce(&rollup, &broken)]).unwrap();
    let mut messages = page_messages(&rollup, &broken);
    messages.push(deposit(&rollup, &alice, "gold", 1));
    let report = pvm.run_level(&messages).unwrap();
    assert_eq!((&report.status, report.unread), (&Status::Running, 0));
    assert!(report.runs.iter().any(|run| run.upgrade_error.is_some()), "{report:?}");
    assert!(pvm.durable().has("/readonly/kernel/env/upgrade_error"));
    assert_eq!(pvm.durable().get(INSTALLED).as_deref(), Some(kernel_wasm::EMBEDDED));

    let report = pvm.run_level(&[deposit(&rollup, &alice, "gold", 2)]).unwrap();
    assert_eq!((report.unread, report.stuck), (0, false));
    let host = pvm::NativeHost::over(pvm.durable().clone());
    let balances = tx_kernel::view::View::new(&host).balances().unwrap();
    assert_eq!(balances.iter().map(|balance| balance.amount.get()).sum::<u64>(), 3);
    assert!(!pvm.durable().has("/toru/state/upgrade"));
}

#[test]
fn an_installation_cut_off_at_any_host_call_comes_about_all_the_same() {
    let alice = Person::new(1);
    let ready = || {
        let mut twin = rollup();
        let message = deposit(&twin.rollup(), &alice, "gold", 100);
        twin.run_level(&[message]);
        send_next(&mut twin);
        (1..DELAY).for_each(|_| drop(twin.run_level(&[])));
        twin
    };
    let mut twin = ready();
    twin.record_host_calls();
    let calls = u64::try_from(twin.run_level(&[]).native.host_calls.len()).unwrap();
    assert!(is_upgraded(twin.durable()) && calls > 20, "{calls} calls");
    // The first call asks for the reboot: without it the PVM ends the level.
    for call in 1..calls {
        let mut twin = ready();
        twin.trap_at(call);
        twin.run_level(&[]);
        twin.run_level(&[]);
        assert!(is_upgraded(twin.durable()), "call {call}");
        assert_eq!(twin.durable().subkeys("/toru/state/directory"), ["0"], "call {call}");
        assert_eq!(twin.balance(&alice, "gold"), 100, "call {call}");
        assert!(!twin.durable().has("/toru/migration/state"), "call {call}");
    }
    // An announcement of nothing is no reason to stop either.
    let mut twin = ready();
    let nothing = order(&twin.rollup(), &COUNCIL, UpgradeCommand::Announce(Hash32([0; 32])));
    twin.run_level(&[nothing]);
    assert!(!is_upgraded(twin.durable()));
}
