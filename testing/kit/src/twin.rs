//! Two rollups that are played the same levels, one native and one as real WASM.

use encoding::{Level, MessageId, RollupAddress};
use inbox::v1::Operation;
use pvm::{Config, DEBUGGER_ROLLUP, Durable, LevelReport, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::ACCEPT_V1;
use tx_kernel::results::{MessageResult, OperationResult, ResultCode};
use tx_kernel::view::View;

use crate::{Person, ticket};

/// Messages that the protocol puts before those of a test: start of level and info.
const MESSAGES_BEFORE: u32 = 2;

/// The native and the WASM rollup.
pub struct Twin {
    native: Pvm,
    wasm: Option<Pvm>,
    rollup: [u8; 20],
}

/// What came of a level, the same on both.
#[derive(Debug)]
pub struct LevelOutcome {
    /// The level.
    pub level: Level,
    /// How often the kernel ran.
    pub runs: usize,
    /// What the level's outbox holds.
    pub outbox: Vec<Vec<u8>>,
    /// The native report.
    pub native: LevelReport,
    /// The report of the WASM, if it was played.
    pub wasm: Option<LevelReport>,
}

fn native(rollup: [u8; 20]) -> Pvm {
    let program = NativeProgram::new(|host: &NativeHost| tx_kernel::kernel_run(host));
    Pvm::originate(Box::new(program), Config { rollup, ..Config::default() })
}

impl Twin {
    /// Two new rollups that accept v1 batches.
    pub fn new() -> Self {
        Twin::at(DEBUGGER_ROLLUP)
    }

    /// The same at another address.
    pub fn at(rollup: [u8; 20]) -> Self {
        let config = Config { rollup, ..Config::default() };
        let wasm = Pvm::originate_wasm(kernel_wasm::EMBEDDED, config).unwrap();
        let mut twin = Twin { native: native(rollup), wasm: Some(wasm), rollup };
        twin.set(ACCEPT_V1, &[1]);
        twin
    }

    /// Two rollups that somebody else has set up. They are made to accept v1 batches.
    pub fn of(native: Pvm, wasm: Pvm) -> Self {
        let mut twin = Twin { native, wasm: Some(wasm), rollup: DEBUGGER_ROLLUP };
        twin.set(ACCEPT_V1, &[1]);
        twin
    }

    /// The native one alone, for tests of more levels than WASM has time for.
    pub fn native_only() -> Self {
        let rollup = DEBUGGER_ROLLUP;
        let mut twin = Twin { native: native(rollup), wasm: None, rollup };
        twin.set(ACCEPT_V1, &[1]);
        twin
    }

    /// The native rollup as it is, if there is no WASM beside it.
    pub fn snapshot_native(&self) -> Option<pvm::Snapshot> {
        self.wasm.is_none().then(|| self.native.snapshot())
    }

    /// Goes back to a state of the native rollup. Returns whether it did: beside a WASM one, it
    /// does not.
    pub fn restore_native(&mut self, snapshot: &pvm::Snapshot) -> bool {
        if self.wasm.is_none() {
            self.native.restore(snapshot);
        }
        self.wasm.is_none()
    }

    /// Sets a value on both.
    pub fn set(&mut self, path: &str, value: &[u8]) {
        for pvm in self.each() {
            pvm.durable_mut().set(path, value).unwrap();
        }
    }

    /// The rollup's address.
    pub fn rollup(&self) -> RollupAddress {
        RollupAddress(self.rollup)
    }

    fn each(&mut self) -> impl Iterator<Item = &mut Pvm> {
        std::iter::once(&mut self.native).chain(&mut self.wasm)
    }

    /// Cuts the next level off at its host call of this number, on both.
    pub fn trap_at(&mut self, call: u64) {
        self.each().for_each(|pvm| pvm.trap_at_host_call(Some(call)));
    }

    /// Keeps a record of every host call from the next level on.
    pub fn record_host_calls(&mut self) {
        self.each().for_each(|pvm| pvm.record_host_calls(true));
    }

    /// Plays a level on both, compares all that came of it, and checks that no ticket was made or
    /// lost.
    pub fn run_level(&mut self, messages: &[Vec<u8>]) -> LevelOutcome {
        let report = self.native.run_level(messages).unwrap();
        let wasm = self.wasm.as_mut().map(|wasm| {
            let other = wasm.run_level(messages).unwrap();
            assert_eq!(report.outbox, other.outbox, "outbox, native and WASM");
            assert_eq!(report.runs.len(), other.runs.len(), "runs: {report:?} {other:?}");
            assert_eq!(report.stuck, other.stuck, "stuck: {:?}", other.first_trap());
            same_state(self.native.durable(), wasm.durable());
            other
        });
        let unbalanced = self.view(|view| view.unbalanced().unwrap());
        assert!(unbalanced.is_empty(), "tickets made or lost: {unbalanced:?}");
        LevelOutcome {
            level: Level(report.level),
            runs: report.runs.len(),
            outbox: report.outbox.clone(),
            native: report,
            wasm,
        }
    }

    /// The durable state, which is the same on both.
    pub fn durable(&self) -> &Durable {
        self.native.durable()
    }

    /// Reads the state.
    pub fn view<T>(&self, read: impl FnOnce(View<'_, NativeHost>) -> T) -> T {
        let host = NativeHost::over(self.native.durable().clone());
        read(View::new(&host))
    }

    /// What someone has of a text ticket.
    pub fn balance(&self, of: &Person, text: &str) -> u64 {
        let balances = self.view(|view| view.balances().unwrap());
        let wanted =
            |b: &&tx_kernel::view::Balance| b.account == of.address() && b.ticket == ticket(text);
        balances.iter().find(wanted).map_or(0, |balance| balance.amount.get())
    }

    /// The counter that someone's next operation carries.
    pub fn counter(&self, of: &Person) -> u64 {
        let accounts = self.view(|view| view.accounts().unwrap());
        let found = accounts.iter().find(|(address, _)| *address == of.address());
        found.map_or(0, |(_, counter)| counter.get())
    }

    /// What became of the message at this place among those a test gave for a level.
    pub fn message(&self, level: Level, number: u32) -> Option<MessageResult> {
        let message = MessageId { level, index: number + MESSAGES_BEFORE };
        self.view(|view| view.message(message).unwrap())
    }

    /// The code of what became of a message.
    pub fn message_code(&self, level: Level, number: u32) -> ResultCode {
        match self.message(level, number) {
            Some(result) => result.outcome().code,
            None => panic!("no result for message {number} of level {level}"),
        }
    }

    /// What became of an operation.
    pub fn operation(&self, operation: &Operation) -> Option<OperationResult> {
        self.view(|view| view.operation(&operation.hash()).unwrap())
    }

    /// The code of what became of an operation.
    pub fn operation_code(&self, operation: &Operation) -> ResultCode {
        match self.operation(operation) {
            Some(result) => result.outcome.code,
            None => panic!("no result for {operation:?}"),
        }
    }
}

impl Default for Twin {
    fn default() -> Self {
        Twin::new()
    }
}

/// Bytes of a half-finished verification that are the same on both: which batch, and how far.
const VERIFICATION_HEAD_BYTES: usize = 32 + 4;

/// Fails at the first path at which two states differ. The kernels' own code is no state. Nor is the
/// product of a half-finished verification, which only a level leaves behind whose runs ran out:
/// each backend's is the other's up to a factor that the final exponentiation takes away. The tests
/// of `bls` hand products from one to the other.
fn same_state(native: &Durable, wasm: &Durable) {
    let of = |durable: &Durable| -> Vec<(String, Vec<u8>)> {
        let code = |path: &str| path.ends_with("/kernel/boot.wasm");
        let values = durable.iter_values().filter(|(path, _)| !code(path));
        let head = |(path, mut value): (String, Vec<u8>)| {
            if path == "/toru/verification" {
                value.truncate(VERIFICATION_HEAD_BYTES);
            }
            (path, value)
        };
        values.map(head).collect()
    };
    let (native, wasm) = (of(native), of(wasm));
    for (ours, theirs) in native.iter().zip(&wasm) {
        assert_eq!(ours, theirs, "durable state, native and WASM");
    }
    assert_eq!(native.len(), wasm.len(), "durable state, native and WASM: number of values");
}
