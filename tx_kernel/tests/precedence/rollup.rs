//! A rollup that runs natively, and people with keys.

use bls::{SecretKey, Suite};
use encoding::{Hash32, Kt1Address, Level, MessageId, RollupAddress, Source, Ticket, Tz4Address};
use inbox::envelope::{framed_v2, transfer_message};
use inbox::v1::text_ticket;
use inbox::v2::Batch;
use pvm::{Config, DEBUGGER_ROLLUP, NativeHost, NativeProgram, Pvm, Snapshot};
use tx_kernel::layout::{ACCEPT_V1, ADMINISTRATOR};
use tx_kernel::results::{MessageResult, ResultCode};
use tx_kernel::view::View;

/// The rollup's address.
pub const ROLLUP: RollupAddress = RollupAddress(DEBUGGER_ROLLUP);
/// The contract that may order upgrades.
pub const COUNCIL: Kt1Address = Kt1Address([0xad; 20]);
/// The contract that calls the rollup.
pub const HELPER: Kt1Address = Kt1Address([0xbb; 20]);
/// No point of either group.
pub const NO_KEY: [u8; 48] = [0xff; 48];
/// No point of either group.
pub const NO_SIGNATURE: [u8; 96] = [0x5a; 96];
/// Messages that the protocol puts before those of a test.
const MESSAGES_BEFORE: u32 = 2;

pub struct Rollup {
    pvm: Pvm,
    fresh: Snapshot,
}

impl Rollup {
    /// A rollup that accepts v1 batches and has an administrator.
    pub fn new() -> Self {
        let program = NativeProgram::new(|host: &NativeHost| tx_kernel::kernel_run(host));
        let mut pvm = Pvm::originate(Box::new(program), Config::default());
        pvm.durable_mut().set(ACCEPT_V1, &[1]).unwrap();
        pvm.durable_mut().set(ADMINISTRATOR, &COUNCIL.0).unwrap();
        let fresh = pvm.snapshot();
        Rollup { pvm, fresh }
    }

    /// The state to which [`Rollup::again`] goes back is this one from now on.
    pub fn keep(&mut self) {
        self.fresh = self.pvm.snapshot();
    }

    pub fn again(&mut self) {
        self.pvm.restore(&self.fresh);
    }

    pub fn set(&mut self, path: &str, value: &[u8]) {
        self.pvm.durable_mut().set(path, value).unwrap();
    }

    /// Runs a level, and returns the results of its messages.
    pub fn level(&mut self, messages: &[Vec<u8>]) -> Vec<Option<MessageResult>> {
        let level = Level(self.pvm.run_level(messages).unwrap().level);
        let ids = (MESSAGES_BEFORE..).take(messages.len()).map(|index| MessageId { level, index });
        self.view(|view| ids.map(|id| view.message(id).unwrap()).collect())
    }

    /// The code of the only message of a level.
    pub fn code(&mut self, message: Vec<u8>) -> ResultCode {
        self.level(&[message])[0].unwrap().outcome().code
    }

    pub fn view<T>(&self, read: impl FnOnce(&View<'_, NativeHost>) -> T) -> T {
        let host = NativeHost::over(self.pvm.durable().clone());
        read(&View::new(&host))
    }

    /// The code of the first operation of a v2 batch.
    pub fn operation_v2(&self, digest: &Hash32) -> ResultCode {
        self.view(|view| view.batch(digest).unwrap()).unwrap().outcome(0, 0).code
    }
}

/// Somebody with a key; the same number is the same person.
pub fn person(number: u8) -> SecretKey {
    SecretKey::derive(&[number; 32]).unwrap()
}

pub fn key(person: &SecretKey) -> [u8; 48] {
    person.public_key().to_compressed()
}

pub fn address(person: &SecretKey) -> Tz4Address {
    person.public_key().address()
}

pub fn source(person: &SecretKey) -> Source {
    Source { curve: 3, hash: address(person).0 }
}

pub fn ticket(text: &str) -> Ticket {
    text_ticket(Kt1Address([0xaa; 20]), text)
}

/// A deposit that `source` signed for, in the branch of the rollup's type.
pub fn deposit_by(source: &Source, receiver: &str, ticket: &Ticket, amount: i128) -> Vec<u8> {
    let payload = inbox::deposit::encode(receiver, ticket, &amount.into());
    transfer_message(&payload, &HELPER, source, &ROLLUP)
}

pub fn deposit(to: &SecretKey, text: &str, amount: u64) -> Vec<u8> {
    let receiver = address(to).to_string();
    deposit_by(&source(&person(0)), &receiver, &ticket(text), amount.into())
}

/// Somebody's signature of a v2 batch.
pub fn sign_batch(person: &SecretKey, batch: &Batch) -> [u8; 96] {
    client::sign(person, &batch.signing_payload(&ROLLUP)).to_compressed()
}

/// The message of a v2 batch.
pub fn framed(batch: &Batch) -> Vec<u8> {
    framed_v2(&ROLLUP, &batch.encode())
}

/// A signature that is a point, and nobody's of anything that is sent.
pub fn other_signature() -> [u8; 96] {
    person(99).sign(Suite::Pop, b"something else").to_compressed()
}
