//! A trial: a workload played to a rollup and to the model, and compared.

use std::cell::RefCell;

use encoding::Level;
use tx_kernel::layout::ACCEPT_V1;

use crate::calls::{EXIT, exit_path, outbox};
use crate::compare::{compare, same};
use crate::script::{SOMEBODY, Script};
use crate::workload::*;
use kit::Twin;

/// On which engines a trial runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Natively.
    Native,
    /// Natively and in WASM, compared with each other too.
    Both,
}

/// A rollup and its model.
pub struct Trial {
    twin: Twin,
    script: Script,
}

/// Plays a workload and says where the rollup and the model first differ.
pub fn check(workload: &Workload, engine: Engine) -> Result<(), String> {
    let mut trial = Trial::new(engine);
    if workload.start == Start::Crowded {
        trial.crowd()?;
    }
    trial.configure(workload);
    for messages in &workload.levels {
        trial.run_level(messages)?;
    }
    // What is left in the queue leaves, and nothing else happens.
    trial.run_level(&[])
}

impl Trial {
    /// A new rollup.
    pub fn new(engine: Engine) -> Self {
        let twin = if engine == Engine::Both { Twin::new() } else { Twin::native_only() };
        Trial { twin, script: Script::new() }
    }

    /// Sets what a workload says of the configuration.
    fn configure(&mut self, workload: &Workload) {
        self.twin.set(ACCEPT_V1, &[u8::from(workload.accept_v1)]);
        self.script.model.accept_v1 = workload.accept_v1;
        if workload.exits {
            self.twin.set(&exit_path(Contract::Mint), EXIT.as_bytes());
            self.script.model.exits = true;
        }
    }

    /// The rollup.
    pub fn twin(&mut self) -> &mut Twin {
        &mut self.twin
    }

    /// Every message that was sent so far.
    pub fn sent(&self) -> Vec<Vec<u8>> {
        self.script.sent.iter().map(|sent| sent.bytes.clone()).collect()
    }

    /// Plays [`Start::Crowded`]. It is the same every time, so it is compared once per thread, and
    /// taken from there after that where only the native rollup is played.
    fn crowd(&mut self) -> Result<(), String> {
        thread_local! {
            static CROWD: RefCell<Option<(pvm::Snapshot, Script)>> = const { RefCell::new(None) };
        }
        if let Some((snapshot, script)) = CROWD.with_borrow(Clone::clone)
            && self.twin.restore_native(&snapshot)
        {
            self.script = script;
            return Ok(());
        }
        for level in crowd() {
            self.run_level(&level)?;
        }
        if let Some(snapshot) = self.twin.snapshot_native() {
            CROWD.set(Some((snapshot, self.script.clone())));
        }
        Ok(())
    }

    /// Plays a level to both and compares all there is to compare.
    pub fn run_level(&mut self, messages: &[Message]) -> Result<(), String> {
        let level = Level(self.script.level);
        let played = self.script.run_level(messages);
        let bytes: Vec<Vec<u8>> = played.sent.iter().map(|sent| sent.bytes.clone()).collect();
        let outcome = self.twin.run_level(&bytes);
        same("level", &outcome.level, &level)?;
        same("first trap", &outcome.native.first_trap(), &None)?;
        let predicted: Vec<Vec<u8>> = played.outbox.iter().map(|calls| outbox(calls)).collect();
        same("outbox", &outcome.outbox, &predicted)?;
        compare(&self.twin, &self.script.model)
    }
}

/// The levels of [`Start::Crowded`].
pub fn crowd() -> [Vec<Message>; 2] {
    let deposit = |number| Message::Deposit {
        to: Receiver::Account(number),
        ticket: Kind::Gold,
        amount: 1_000,
        form: Form::Branch,
        by: SOMEBODY,
    };
    // Five withdrawals of each a batch, so that their messages interleave in the inbox.
    let batches = (0..33u64).map(|number| {
        let signer = u8::try_from(number % 3).unwrap_or(0);
        let transactions = (0..5).map(|amount| Transaction {
            operations: vec![Operation {
                signer,
                named: Named::ByKey,
                counter_off_by: 0,
                contents: vec![Content::Withdraw(Kind::Gold, amount + 1)],
            }],
            signing: Signing::All,
        });
        Message::Batch {
            frame: Frame::Framed,
            damage: Damage::Sound,
            seal: Seal::Sum,
            transactions: transactions.collect(),
        }
    });
    [(0..3).map(deposit).collect(), batches.collect()]
}
