//! Targets that play whole levels: arbitrary messages, a host that fails, traps.
//!
//! The input is a list of pieces, each a length of two bytes and that many bytes; a piece is a
//! message. Its first eight bytes say, where it matters, when and how the host fails.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use encoding::{Kt1Address, RollupAddress, Tz4Address};
use inbox::deposit::Payload;
use inbox::{Envelope, envelope};
use num_bigint::BigInt;
use pvm::{Config, DEBUGGER_ROLLUP, Durable, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::{ACCEPT_V1, ADMINISTRATOR, UPGRADE_DELAY, exit_path};
use tx_kernel::view::View;

use crate::failing_host::{FailingHost, Failure};
use kit::{Person, deposit};

pub(super) const US: RollupAddress = RollupAddress(DEBUGGER_ROLLUP);
/// The contract that deposits, and in these levels orders upgrades too.
pub(super) const HELPER: Kt1Address = Kt1Address([0xbb; 20]);
/// Messages of one input: the least units that a level spends are enough for them.
const MOST_MESSAGES: usize = 12;
/// Bytes before the pieces.
pub(super) const HEADER: usize = 8;

fn view<T>(durable: &Durable, read: impl FnOnce(View<'_, NativeHost>) -> T) -> T {
    let host = NativeHost::over(durable.clone());
    read(View::new(&host))
}

/// The header and the messages of an input.
fn pieces(data: &[u8]) -> ([u8; HEADER], Vec<Vec<u8>>) {
    let Some((header, mut rest)) = data.split_first_chunk::<HEADER>() else {
        return ([0; HEADER], Vec::new());
    };
    let mut messages = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len()).min(4_096);
        let (message, next) = after.split_at(length);
        messages.push(message.to_vec());
        rest = next;
    }
    // An empty message ends an inbox, and layer 1 makes none. Nobody but layer 1 makes a migration, and one that is
    // malformed ends the PVM, whatever the kernel is.
    messages.retain(|message| !message.is_empty() && !message.starts_with(&MIGRATION));
    messages.truncate(MOST_MESSAGES);
    (*header, messages)
}

/// What the message begins with that tells of a migration.
const MIGRATION: [u8; 2] = [0, 4];

/// Whether the gold's ticketer has an exit.
fn has_exit(header: &[u8; HEADER]) -> bool {
    header[4] % 2 == 1
}

/// The rollup's total of a ticket over accounts, the queue and what has left, as its supply says.
fn conserved(durable: &Durable) {
    let readable = view(durable, |view| view.is_readable());
    if readable {
        let unbalanced = view(durable, |view| view.unbalanced());
        assert_eq!(unbalanced.as_deref(), Ok(&[][..]), "tickets made or lost");
    }
}

/// What a state's last messages came to: the set of their codes.
fn codes(durable: &Durable) -> String {
    let mut codes = BTreeSet::new();
    for (path, value) in durable.values_under(tx_kernel::layout::RESULTS) {
        let at = if path.contains("/message/") { 2..4 } else { 0..2 };
        codes.insert(value.get(at).map(<[u8]>::to_vec).unwrap_or_default());
    }
    let codes: Vec<String> = codes
        .iter()
        .map(|code| code.iter().fold(0u16, |sum, byte| sum << 8 | u16::from(*byte)).to_string())
        .collect();
    codes.join(",")
}

/// A rollup on which Alice has 1,000 gold, whose host may be made to fail.
struct Rollup {
    pvm: Pvm,
    failure: Rc<RefCell<Option<Failure>>>,
    calls: Rc<Cell<u64>>,
    fence_failed: Rc<Cell<bool>>,
    /// What the outbox has had so far.
    outbox: Vec<Vec<u8>>,
}

impl Rollup {
    fn new() -> Self {
        let failure = Rc::new(RefCell::new(None));
        let calls = Rc::new(Cell::new(0));
        let fence_failed = Rc::new(Cell::new(false));
        let (failure_inside, calls_inside) = (failure.clone(), calls.clone());
        let fence_inside = fence_failed.clone();
        let program = NativeProgram::new(move |host: &NativeHost| match *failure_inside.borrow() {
            None => tx_kernel::kernel_run(host),
            Some(failure) => {
                let (calls, fence_failed) = (&*calls_inside, &*fence_inside);
                let has_output = &Cell::new(false);
                let inner = host;
                let host = FailingHost { inner, failure, calls, has_output, fence_failed };
                tx_kernel::kernel_run(&host);
            }
        });
        let mut pvm = Pvm::originate(Box::new(program), Config::default());
        let at_once = 0_u32.to_be_bytes();
        for (path, value) in
            [(ACCEPT_V1, &[1][..]), (ADMINISTRATOR, &HELPER.0), (UPGRADE_DELAY, &at_once)]
        {
            pvm.durable_mut().set(path, value).unwrap();
        }
        let mut rollup = Rollup { pvm, failure, calls, fence_failed, outbox: Vec::new() };
        rollup.run_level(&[deposit(&US, &Person::new(1), "gold", 1_000)]);
        rollup
    }

    fn run_level(&mut self, messages: &[Vec<u8>]) -> pvm::LevelReport {
        let report = self.pvm.run_level(messages).unwrap();
        conserved(self.pvm.durable());
        self.outbox.extend(report.outbox.iter().cloned());
        report
    }

    /// The kernel still runs, and credits what comes.
    fn is_alive(&mut self) {
        let carol = Person::new(3);
        let before = self.balance(&carol.address());
        // Whatever an earlier run left, one quiet level finishes.
        self.run_level(&[]);
        let report = self.run_level(&[deposit(&US, &carol, "lead", 3)]);
        assert!(!report.stuck && report.first_trap().is_none(), "{report:?}");
        assert_eq!(self.balance(&carol.address()), before + 3, "the kernel has stopped");
    }

    /// What the outbox has had is what the ledger says has left, and what was held and has been
    /// paid back: nothing was sent twice.
    fn sent_once(&self) {
        if view(self.pvm.durable(), |view| view.pending_messages()) != Ok(0) {
            return;
        }
        let tickets = view(self.pvm.durable(), |view| view.tickets()).unwrap();
        let left: u128 = tickets.iter().map(|(_, supply)| supply.withdrawn).sum();
        let paid_back = self.paid_back();
        let expected = paid_back.iter().fold(BigInt::from(left), |sum, (_, amount)| sum + amount);
        let mut sent = BigInt::ZERO;
        for message in &self.outbox {
            // A refund, or a message of an amount that no balance has, does not come from the ledger.
            let held = || {
                let of = |(ticket, _): &&(Vec<u8>, BigInt)| {
                    message.windows(ticket.len()).any(|window| window == &ticket[..])
                };
                paid_back.iter().find(of).map(|(_, amount)| amount.clone())
            };
            sent += match outbox::decode(message) {
                Ok(payouts) => payouts.iter().map(|one| BigInt::from(one.amount.get())).sum(),
                Err(_) => held().unwrap(),
            };
        }
        assert_eq!(sent, expected, "sent, and left or paid back according to the rollup");
    }

    /// The ticket of each held deposit that has been paid back, with its amount.
    fn paid_back(&self) -> Vec<(Vec<u8>, BigInt)> {
        let held = view(self.pvm.durable(), |view| view.held()).unwrap();
        let bytes = held.into_iter().filter(|one| one.paid_back).filter_map(|one| one.bytes);
        let ticket = |bytes: Vec<u8>| {
            let Envelope::Transfer(call) = envelope(&bytes, &US, false) else { return None };
            match inbox::deposit::decode(call.payload) {
                Ok(Payload::Deposit(one)) => {
                    Some((one.ticket.to_micheline_of(&one.amount), one.amount))
                }
                _ => None,
            }
        };
        bytes.filter_map(ticket).collect()
    }

    fn balance(&self, of: &Tz4Address) -> u64 {
        let balances = view(self.pvm.durable(), |view| view.balances()).unwrap();
        let theirs = |balance: &&tx_kernel::view::Balance| {
            balance.account == *of && balance.ticket == kit::ticket("lead")
        };
        balances.iter().find(theirs).map_or(0, |balance| balance.amount.get())
    }
}

/// Plays an input to this thread's rollup, put back to its beginning, with or without an exit for
/// what cannot be credited.
fn on_rollup<T>(with_exit: bool, run_level: impl FnOnce(&mut Rollup) -> T) -> T {
    thread_local! {
        static ROLLUP: RefCell<Option<(Rollup, pvm::Snapshot)>> = const { RefCell::new(None) };
    }
    ROLLUP.with_borrow_mut(|rollup| {
        let (rollup, start) = rollup.get_or_insert_with(|| {
            let rollup = Rollup::new();
            let start = rollup.pvm.snapshot();
            (rollup, start)
        });
        rollup.pvm.restore(start);
        *rollup.failure.borrow_mut() = None;
        rollup.calls.set(0);
        rollup.fence_failed.set(false);
        rollup.outbox.clear();
        if with_exit {
            let path = exit_path(&kit::ticket("gold").ticketer);
            rollup.pvm.durable_mut().set(&path, b"exit").unwrap();
        }
        run_level(rollup)
    })
}

/// Arbitrary messages: nothing traps, nothing is made or lost, the kernel goes on.
pub fn level(data: &[u8]) -> String {
    let (header, messages) = pieces(data);
    on_rollup(has_exit(&header), |rollup| {
        let report = rollup.run_level(&messages);
        assert!(!report.stuck, "{report:?}");
        assert_eq!(report.first_trap(), None);
        assert!(!report.forced_yield && report.unread == 0, "{report:?}");
        let class = codes(rollup.pvm.durable());
        rollup.is_alive();
        rollup.sent_once();
        class
    })
}

/// The codes of a host that fails. "No value" and "bad offset" are not among them: to a read they are
/// answers, and a host that gives them for a value that is there does not fail but lies.
const CODES: [i32; 9] = [-1, -2, -5, -6, -7, -8, -9, -10, -11];

/// The same with a host that answers some calls with an error code instead of doing them.
pub fn failing(data: &[u8]) -> String {
    let (header, messages) = pieces(data);
    let [from_high, from_low, count, code, ..] = header;
    let failure = Failure {
        from: u64::from(u16::from_be_bytes([from_high, from_low])) % 600,
        // One call, some, or the rest of a run.
        count: [1, 2, 5, 1_000][usize::from(count % 4)],
        code: CODES[usize::from(code) % CODES.len()],
    };
    on_rollup(has_exit(&header), |rollup| {
        *rollup.failure.borrow_mut() = Some(failure);
        let report = rollup.run_level(&messages);
        assert_eq!(report.first_trap(), None, "an error code is a value: {failure:?}");
        *rollup.failure.borrow_mut() = None;
        let hit = rollup.calls.get() > failure.from;
        rollup.is_alive();
        if !rollup.fence_failed.get() {
            rollup.sent_once();
        }
        format!("{} {}", if hit { failure.code } else { 0 }, codes(rollup.pvm.durable()))
    })
}

/// The same with a trap at some call.
pub fn trapping(data: &[u8]) -> String {
    let (header, messages) = pieces(data);
    let [high, low, ..] = header;
    let at = u64::from(u16::from_be_bytes([high, low])) % 600;
    on_rollup(has_exit(&header), |rollup| {
        rollup.pvm.record_host_calls(true);
        rollup.pvm.trap_at_host_call(Some(at));
        let report = rollup.run_level(&messages);
        rollup.pvm.record_host_calls(false);
        let trapped = report.first_trap().is_some();
        rollup.is_alive();
        let last = usize::try_from(at).ok().and_then(|at| at.checked_sub(1));
        let last = last.and_then(|last| report.host_calls.get(last));
        // What is written cannot be unwritten: the move that follows is the one fenced call.
        if !(trapped && last.is_some_and(|call| call.function == pvm::HostFn::WriteOutput)) {
            rollup.sent_once();
        }
        format!("{trapped} {}", codes(rollup.pvm.durable()))
    })
}
