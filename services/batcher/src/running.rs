//! Starting a batcher, and its threads.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle, available_parallelism};
use std::time::Instant;

use batcher_api::{AcceptanceKey, ApiError, CoSignature, Code};
use bls::Signature;
use encoding::Tz4Address;
use layer1::address::{Address, Role};
use wallet::rpc::Node;

use crate::admission::{
    Admitting, Checks, EndsWith, Job, KeyCache, Rates, Urgent, Verifiers, Work,
};
use crate::chain::{Follower, Known, Lookups, Resumable, Resumed, Watch};
use crate::engine::{Command, Engine, Parts};
use crate::error::StartError;
use crate::handle::{Handle, Shared};
use crate::journal::{Journal, acceptance_key};
use crate::limits::{ENGINE_QUEUE, LOOK_UP_TIME, SIGNATURES_PER_TRANSACTION};
use crate::metrics::Counters;
use crate::moment::Clock;
use crate::options::Options;

/// The journal's file in the batcher's folder.
pub const JOURNAL_FILE: &str = "journal.redb";
/// The acceptance key's file in the batcher's folder.
pub const KEY_FILE: &str = "acceptance.key";

/// A batcher that runs.
#[derive(Debug)]
pub struct Running {
    handle: Handle,
    engine: JoinHandle<Result<(), StartError>>,
    others: Vec<JoinHandle<()>>,
}

impl Running {
    /// What asks it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Whether it has ended, told to or not.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.handle.shared.ended.load(SeqCst)
    }

    /// Tells it to end: what is accepted stays on the disk. It does not wait for that.
    pub fn stop(&self) {
        let _ = self.handle.shared.commands.send(Command::Stop);
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Why it ended, if nobody told it to.
    pub fn join(self) -> Result<(), StartError> {
        let panicked = || StartError::Thread("it has panicked".to_owned());
        let ended = self.engine.join().unwrap_or_else(|_| Err(panicked()));
        let others = self.others.into_iter().map(JoinHandle::join);
        let all = others.fold(true, |all, one| all & one.is_ok());
        ended.and_then(|()| all.then_some(()).ok_or_else(panicked))
    }
}

/// Starts a batcher over a node, which need not be there yet.
///
/// # Errors
/// When the options mean nothing, or its files cannot be read or written.
pub fn start(options: Options, node: Node) -> Result<Running, StartError> {
    options.check()?;
    let folder = &options.data;
    files::own_folder(folder).map_err(|source| StartError::Io {
        action: "make the folder",
        path: folder.clone(),
        source,
    })?;
    let key = acceptance_key(&folder.join(KEY_FILE))?;
    let journal = Journal::open(&folder.join(JOURNAL_FILE))?;
    let (known, watch, counters) =
        (Arc::<Known>::default(), Arc::<Watch>::default(), Arc::<Counters>::default());
    let clock = Clock::start();
    let threads = match options.verifiers {
        0 => available_parallelism().map_or(1, usize::from),
        some => some,
    };
    let lookups = Arc::<Lookups>::default();
    let verifiers = Arc::new(Verifiers::new(threads, Arc::clone(&lookups), Arc::clone(&counters)));
    let (commands, queue) = sync_channel(ENGINE_QUEUE);
    let (orders, told) = channel();
    let rate = options.transactions_per_second;
    let checks = Arc::new(Checks {
        known: Arc::clone(&known),
        fees: options.fees.clone(),
        promised_levels: options.promised_levels,
        key: key.clone(),
        keys: KeyCache::default(),
        counters: Arc::clone(&counters),
        clock,
    });
    let engine = Engine::new(Parts {
        options,
        journal,
        key: AcceptanceKey::of(&key),
        known: Arc::clone(&known),
        watch: Arc::clone(&watch),
        verifiers: Arc::clone(&verifiers),
        orders,
        counters: Arc::clone(&counters),
        clock,
    })?;
    let ended = Arc::new(AtomicBool::new(false));
    let shared = Shared {
        commands: commands.clone(),
        verifiers: Arc::clone(&verifiers),
        checks: Arc::clone(&checks),
        submissions: Rates::new(rate),
        signatures: Rates::new(rate.saturating_mul(SIGNATURES_PER_TRANSACTION)),
        counters: Arc::clone(&counters),
        ended: Arc::clone(&ended),
    };
    let thread = |error: std::io::Error| StartError::Thread(error.to_string());
    let follower = Follower::new(node, known, Arc::clone(&lookups), watch, counters, clock);
    let to_engine = commands.clone();
    let serve = {
        let (commands, lookups) = (commands.clone(), Arc::clone(&lookups));
        move |work| serve(work, &checks, &lookups, &commands)
    };
    let engine = Builder::new()
        .name("batcher".to_owned())
        .spawn(move || run(engine, queue, &ended, verifiers))
        .map_err(thread)?;
    let handle = Handle { shared: Arc::new(shared) };
    let ends = EndsWith(Arc::clone(&handle.shared.verifiers));
    let mut others = handle.shared.verifiers.start(serve).map_err(thread)?;
    let verifiers = Arc::clone(&handle.shared.verifiers);
    let resume = {
        let verifiers = Arc::clone(&verifiers);
        move |resumed| verifiers.resume(resumed)
    };
    let asking = lookups.start(resume, || EndsWith(Arc::clone(&verifiers)));
    others.extend(asking.map_err(thread)?);
    let follower = Builder::new()
        .name("batcher-node".to_owned())
        .spawn(move || {
            // Without it the batcher would wait for heads for ever.
            let _ends = ends;
            follower.run(&told, |report| to_engine.send(Command::Report(report)).is_ok())
        })
        .map_err(thread)?;
    others.push(follower);
    Ok(Running { handle, engine, others })
}

fn run(
    engine: Engine,
    commands: Receiver<Command>,
    ended: &AtomicBool,
    verifiers: Arc<Verifiers>,
) -> Result<(), StartError> {
    // However it ends, even by a fault of its own, nobody waits for it.
    let _verifiers = EndsWith(verifiers);
    let _ended = SetAtEnd(ended);
    let result = engine.run(&commands);
    // Whoever still waits for room in the queue is let go.
    drop(commands);
    result
}

/// Says at its end that the batcher has ended.
struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// What a verifier does.
fn serve(work: Work, checks: &Arc<Checks>, lookups: &Lookups, commands: &SyncSender<Command>) {
    match work {
        Work::Jobs(jobs) => {
            let counts: Vec<usize> = jobs.iter().map(|job| job.items.len()).collect();
            let (items, places): (Vec<_>, Vec<_>) =
                jobs.into_iter().map(|Job { items, turn, reply }| (items, (turn, reply))).unzip();
            let mut read = checks.read(items.into_iter().flatten().collect()).into_iter();
            for ((turn, reply), count) in places.into_iter().zip(counts) {
                let commands = commands.clone();
                let done = move |checked| {
                    let _ = commands.send(Command::Admit(checked, reply));
                };
                let some = read.by_ref().take(count).collect();
                begin(Box::new(Admitting::new(checks, some, turn, Box::new(done))), lookups);
            }
        }
        Work::Resumed(resumed) => resumed.go_on(lookups),
        Work::Urgent(Urgent::Seal(job)) => {
            let _ = commands.send(Command::Sealed(Box::new(job.run())));
        }
        Work::Urgent(Urgent::Prove(job)) => {
            let _ = commands.send(Command::Proven(job.run()));
        }
        Work::Urgent(Urgent::Read(id, signatures, from, reply)) => {
            let read = signatures.into_iter().map(|one| {
                let read = read(&one);
                (one.account, read)
            });
            let _ = commands.send(Command::Sign(id, read.collect(), from, reply));
        }
        Work::Urgent(Urgent::Look(look)) => begin(look, lookups),
    }
}

/// Does what can be done of new work.
fn begin(work: Box<dyn Resumable>, lookups: &Lookups) {
    let until = Instant::now() + LOOK_UP_TIME;
    Resumed { work, until, failure: None }.go_on(lookups);
}

fn read(one: &CoSignature) -> Result<(Tz4Address, Signature), ApiError> {
    let field = |name: &str, expected: &str| {
        ApiError::new(Code::Malformed, format!("{name} is malformed: expected {expected}"))
    };
    let account = Address::parse_as(Role::Account, &one.account);
    let account = Tz4Address(account.map_err(|_| field("account", "tz4…"))?.hash);
    let bytes = hex::decode(&one.signature).ok();
    let bytes = bytes.and_then(|bytes| <[u8; 96]>::try_from(bytes).ok());
    let bytes = bytes.ok_or_else(|| field("signature", "96 bytes in hex"))?;
    let signature = Signature::from_compressed(&bytes)
        .map_err(|_| ApiError::new(Code::InvalidSignature, "the signature is not a valid point"))?;
    Ok((account, signature))
}
