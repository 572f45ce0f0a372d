//! What transactions would do: what the kernel reads for it is looked up first, so that the engine does not wait for the
//! node.

use std::sync::mpsc::SyncSender;

use batcher_api::{ApiError, SimulationAnswer};
use encoding::Hash32;
use inbox::v2::Transaction;
use tx_kernel::simulation::InTurn;

use crate::admission::Checks;
use crate::chain::{Notes, Question, Resumable, TipStates};
use crate::engine::{Command, Reply};
use crate::error::Refused;
use crate::mempool::away;
use crate::pool::Away;

/// Transactions that were read, or why they could not be.
pub(crate) type ReadTransactions = Vec<Result<(Hash32, Transaction), ApiError>>;

/// Somebody asks what transactions would do.
pub(crate) struct SimulationLook {
    commands: SyncSender<Command>,
    tip: Result<TipStates, ApiError>,
    transactions: Vec<Transaction>,
    asked: Option<(ReadTransactions, Reply<SimulationAnswer>)>,
}

impl SimulationLook {
    /// What they read at the head is looked up. What is pending is the engine's.
    pub(crate) fn new(
        checks: &Checks,
        commands: SyncSender<Command>,
        read: ReadTransactions,
        reply: Reply<SimulationAnswer>,
    ) -> Self {
        let transactions = read.iter().flatten().map(|(_, one)| one.clone()).collect();
        SimulationLook { commands, tip: checks.tip(), transactions, asked: Some((read, reply)) }
    }

    fn refuse(&mut self, refused: Refused) {
        if let Some((_, reply)) = self.asked.take() {
            let _ = reply.send(Err(refused));
        }
    }
}

impl Resumable for SimulationLook {
    fn go_on(&mut self) -> Vec<Question> {
        let tip = match &self.tip {
            Ok(tip) => tip,
            Err(error) => {
                let refused = Refused::from(error.clone()).after(1);
                self.refuse(refused);
                return Vec::new();
            }
        };
        let notes = Notes::default();
        let head = tip.head.noting(&notes);
        // What comes of it is the engine's to say, after everything that is pending.
        let _ =
            head.read(|host| InTurn::open(host, head.next_level())?.try_all(&self.transactions));
        let missing = notes.take();
        if missing.is_empty()
            && let Some((read, reply)) = self.asked.take()
        {
            // The engine has ended otherwise.
            let _ = self.commands.send(Command::Simulate(read, reply));
        }
        missing
    }

    fn give_up(&mut self, error: &Away) {
        self.refuse(away(error));
    }

    /// None that is submitted: whoever only asks keeps nobody's transaction out.
    fn transactions(&self) -> usize {
        0
    }
}
