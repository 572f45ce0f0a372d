//! The state of an older kernel on its way to a newer layout: over many runs and levels, cut off
//! anywhere, with messages coming in; and a migration that cannot be done, which is undone.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::limits::{MIGRATION_ATTEMPTS, MIGRATION_STEPS_PER_RUN};
use encoding::{Amount, RollupAddress};
use kit::upgrading::{COUNCIL, NEXT, announce, page_messages};
use kit::{Person, Twin, deposit, ticket};
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::{ADMINISTRATOR, LAYOUT_VERSION, STATE, UPGRADE_DELAY};
use tx_kernel::view::View;

const US: RollupAddress = RollupAddress(pvm::DEBUGGER_ROLLUP);

/// Puts a ledger of this many accounts, each with 7 gold, into a state of today's layout.
fn fill(durable: &mut Durable, accounts: u32) {
    crowd::fill(durable, accounts, &ticket("gold"), Amount::new(7)).unwrap();
}

/// A next kernel natively, over the state of an old one.
fn native(accounts: u32) -> Pvm {
    let program = NativeProgram::new(|host: &NativeHost| next_kernel::run(host));
    let mut pvm = Pvm::originate(Box::new(program), Config::default());
    fill(pvm.durable_mut(), accounts);
    pvm
}

fn directory(durable: &Durable) -> usize {
    durable.subkeys(&format!("{STATE}/directory")).len()
}

fn gold(durable: &Durable, of: &Person) -> u64 {
    let host = NativeHost::over(durable.clone());
    let mut ledger = accounts::Ledger::open(host::Subtree::new(&host, STATE)).unwrap();
    let account = ledger.find_index(&of.address()).unwrap();
    account.map_or(0, |account| ledger.balance(account, encoding::TicketIndex(0)).unwrap().get())
}

#[test]
fn a_large_state_takes_runs_and_levels_and_messages_wait() {
    // More steps than the runs of a level have room for.
    let accounts = 1_001 * MIGRATION_STEPS_PER_RUN + 5_000;
    let mut pvm = native(accounts);
    let alice = Person::new(1);
    let report = pvm.run_level(&[deposit(&US, &alice, "gold", 5)]).unwrap();
    assert!(report.forced_yield && report.unread == 0, "{} runs", report.runs.len());
    assert_eq!((directory(pvm.durable()), gold(pvm.durable(), &alice)), (0, 0));

    let report = pvm.run_level(&[deposit(&US, &alice, "gold", 6)]).unwrap();
    assert!(!report.forced_yield, "{} runs", report.runs.len());
    assert_eq!(directory(pvm.durable()), usize::try_from(accounts).unwrap());
    assert_eq!(gold(pvm.durable(), &alice), 11);
    assert!(!pvm.durable().has("/toru/migration") && !pvm.durable().has("/toru/inbox/parked/0"));
}

#[test]
fn cut_off_at_any_host_call_it_comes_to_the_same() {
    let alice = Person::new(1);
    let accounts = 3;
    let scene = || {
        let mut wasm = Pvm::originate_wasm(NEXT, Config::default()).unwrap();
        fill(wasm.durable_mut(), accounts);
        Twin::of(native(accounts), wasm)
    };
    let mut twin = scene();
    twin.record_host_calls();
    let message = deposit(&US, &alice, "gold", 5);
    let calls = twin.run_level(std::slice::from_ref(&message)).native.host_calls.len();
    let whole = twin.durable().clone();
    assert_eq!((directory(&whole), gold(&whole, &alice)), (3, 5));
    let read = 12; // Up to there the inbox is being read, and a message can be lost: see traps.rs.
    for call in read..calls {
        let mut twin = scene();
        twin.trap_at(u64::try_from(call).unwrap());
        twin.run_level(std::slice::from_ref(&message));
        twin.run_level(&[]);
        assert_eq!(directory(twin.durable()), 3, "call {call}");
        let held = twin.view(|view| view.held()).unwrap().len();
        let credited = gold(twin.durable(), &alice);
        assert!(matches!((credited, held), (5, 0) | (0, 1)), "call {call}: {credited} {held}");
        // A run that is cut off right after the end leaves a record that nobody looks at any more.
        assert!(!twin.durable().has("/toru/migration/state"), "call {call}");
    }
}

#[test]
fn a_step_that_always_traps_brings_the_old_kernel_back_over_the_old_state() {
    let accounts = 600;
    let mut pvm = Pvm::originate_wasm(kernel_wasm::EMBEDDED, Config::default()).unwrap();
    fill(pvm.durable_mut(), accounts);
    pvm.durable_mut().set(ADMINISTRATOR, &COUNCIL.0).unwrap();
    pvm.durable_mut().set(UPGRADE_DELAY, &0_u32.to_be_bytes()).unwrap();
    pvm.durable_mut().set(next_kernel::TRAP, &500_u32.to_be_bytes()).unwrap();
    let alice = Person::new(1);

    pvm.run_level(&[announce(&US, NEXT)]).unwrap();
    let mut messages = page_messages(&US, NEXT);
    messages.push(deposit(&US, &alice, "gold", 5));
    let report = pvm.run_level(&messages).unwrap();
    let traps = report.runs.iter().filter(|run| run.trap.is_some()).count();
    // The run that came to that step, and the attempts at it alone.
    assert_eq!(traps, usize::try_from(MIGRATION_ATTEMPTS + 1).unwrap());
    assert_eq!(pvm.durable().get("/kernel/boot.wasm").as_deref(), Some(kernel_wasm::EMBEDDED));
    assert_eq!((directory(pvm.durable()), gold(pvm.durable(), &alice)), (0, 5));

    let report = pvm.run_level(&[deposit(&US, &alice, "gold", 6)]).unwrap();
    assert!(!report.stuck && report.unread == 0);
    assert_eq!(gold(pvm.durable(), &alice), 11);
    let host = NativeHost::over(pvm.durable().clone());
    assert!(View::new(&host).is_readable());
}

#[test]
fn a_state_from_which_no_way_leads_is_left_alone() {
    let mut pvm = native(2);
    for version in [0, LAYOUT_VERSION + 2, u32::MAX] {
        let path = format!("{STATE}/version");
        pvm.durable_mut().set(&path, &version.to_be_bytes()).unwrap();
        let before: Vec<_> = pvm.durable().values_under(STATE).collect();
        let report = pvm.run_level(&[deposit(&US, &Person::new(1), "gold", 5)]).unwrap();
        assert_eq!((report.runs.len(), report.unread), (1, 0), "{version}");
        let after: Vec<_> = pvm.durable().values_under(STATE).collect();
        assert_eq!(before, after, "{version}");
    }
}
