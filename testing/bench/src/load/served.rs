//! A sandbox in this process, on threads of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mockup::State;
use node::{Chain, Layer1, Options, Pages, Parts, Queue, SettlementParameters, listen, serve};
use pvm::{Config, Durable, EngineKind, NativeHost, NativeProgram, Pvm};
use store::Persistent;

use crate::engines;
use crate::wasm::ROLLUP;

/// What runs.
#[derive(Clone)]
pub(super) enum Kernel {
    /// A module, on an engine.
    Wasm(Vec<u8>, EngineKind),
    /// Ours, compiled into this binary.
    Native,
}

impl Kernel {
    fn start(&self, state: &Durable, pages: Pages) -> Result<Pvm, String> {
        let config = Config { preimages: Box::new(pages), ..Config::on_chain(ROLLUP.0, 0) };
        let mut pvm = match self {
            Self::Wasm(wasm, kind) => {
                let config = Config { engine: engines::config(*kind, true)?.engine, ..config };
                Pvm::originate_wasm(wasm, config).map_err(|error| error.to_string())?
            }
            Self::Native => {
                let run = |host: &NativeHost| tx_kernel::kernel_run(host);
                Pvm::originate(Box::new(NativeProgram::new(run)), config)
            }
        };
        pvm.durable_mut().graft("/toru", state).map_err(|error| error.to_string())?;
        Ok(pvm)
    }
}

/// A folder for what is measured, removed at the end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("toru-bench-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|error| error.to_string())?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If it cannot be removed, it is in the folder for what need not be kept.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A sandbox that runs; it ends when it is dropped.
pub(super) struct SandboxServer {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _folder: Folder,
}

impl SandboxServer {
    /// Starts one over a state, kept in a file.
    pub(super) fn start(
        kernel: Kernel,
        state: Durable,
        block_time: Option<Duration>,
    ) -> Result<Self, String> {
        let folder = Folder::new("load")?;
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = listen(local, false).map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let options = Options { block_time, dev: true, ..Options::default() };
        let stop = Arc::clone(&options.stop);
        let (ready, is_ready) = channel();
        let path = folder.0.clone();
        let thread = thread::spawn(move || match open(&kernel, &state, &path) {
            Ok(mut chain) => {
                tell(&ready, Ok(()));
                // What cannot be served is missed by the clients.
                let _ = serve(&mut chain, listener, &options, |_| ());
            }
            Err(error) => tell(&ready, Err(error)),
        });
        is_ready.recv().map_err(|error| error.to_string())??;
        Ok(Self { address, stop, thread: Some(thread), _folder: folder })
    }
}

/// Whoever started it waits for this.
fn tell(ready: &Sender<Result<(), String>>, outcome: Result<(), String>) {
    let _ = ready.send(outcome);
}

fn open(kernel: &Kernel, state: &Durable, folder: &std::path::Path) -> Result<Chain, String> {
    let pages = Pages::default();
    let pvm = kernel.start(state, Pages::default())?;
    let rollup = Persistent::create(&folder.join("rollup"), pvm).map_err(|e| e.to_string())?;
    // A rollup that is made up, and nothing beside it.
    let genesis = State::new(rollup.store().identity().rollup, None);
    let parts = Parts {
        rollup,
        simulator: kernel.start(state, pages.clone())?,
        pages,
        settlement: SettlementParameters::new(10, 20, 0).ok_or("invalid settlement parameters")?,
        layer1: Layer1::create(Some(&folder.join("layer1")), genesis, Vec::new())
            .map_err(|e| e.to_string())?,
        owing: None,
        queue: Queue::create(&folder.join("queue")).map_err(|e| e.to_string())?,
        describe: |_| None,
    };
    let mut chain = Chain::new(parts).map_err(|error| error.to_string())?;
    // The first level has what is only done once: the kernel is compiled.
    chain.bake().map_err(|error| error.to_string())?;
    Ok(chain)
}

impl Drop for SandboxServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended as well.
            let _ = thread.join();
        }
    }
}
