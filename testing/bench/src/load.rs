//! The sandbox under load, over loopback: messages accepted a second and the time from sending to
//! inclusion, at different numbers of clients; transfers a second through all of it; and where the
//! time of a message goes. And a batcher over a sandbox, with a crowd that pays and co-signs through it.

pub mod batcher;
mod clients;
mod row;
mod served;
pub mod transfers;

use std::time::{Duration, Instant};

use node::Queue;
use pvm::{Config, EngineKind, Pvm};
use store::Persistent;

use crate::engines::config;
use crate::report::Row;
use crate::wasm::ROLLUP;
use crate::{Modules, Options};
use clients::{Client, Load};
use row::{percentile, row};
use served::{Folder, Kernel, SandboxServer};

/// How often a level is baked under load.
const BLOCK_TIME: Duration = Duration::from_millis(500);
/// Bytes of a message under load: nonsense, which the kernel only counts.
const MESSAGE_BYTES: usize = 100;
/// Messages of which the times are taken one by one.
const MESSAGES: usize = 200;

/// The rows of the report.
pub(crate) fn rows(modules: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let (counts, time): (&[usize], _) = if options.quick {
        (&[1, 10], Duration::from_millis(600))
    } else {
        (&[1, 100, 1_000], Duration::from_secs(3))
    };
    let mut rows = Vec::new();
    for clients in counts {
        let state = pvm::Durable::default();
        let served = SandboxServer::start(
            Kernel::Wasm(modules.kernel.clone(), EngineKind::Wasmi),
            state,
            Some(BLOCK_TIME),
        )?;
        rows.extend(of_clients(&served, *clients, time)?);
    }
    rows.extend(transfers::rows(modules, options)?);
    rows.extend(where_it_goes(modules)?);
    rows.extend(batcher::rows(options)?);
    Ok(rows)
}

fn of_clients(served: &SandboxServer, clients: usize, time: Duration) -> Result<Vec<Row>, String> {
    let Load { seconds, answers, inclusions, refused } =
        clients::load(served.address, clients, time, MESSAGE_BYTES)?;
    let a_second = |count: usize| count as f64 / seconds;
    let block = BLOCK_TIME.as_secs_f64() * 1e3;
    let inclusion = |phase: &str, percent| {
        let value = percentile(&inclusions, percent);
        row("load_inclusion_ms", phase, clients, value, "ms").against("block time", block)
    };
    Ok(vec![
        row("load_messages", "accepted", clients, a_second(answers.len()), "1/s"),
        row("load_messages", "refused, as too many wait", clients, a_second(refused), "1/s"),
        row("load_answer_ms", "p50", clients, percentile(&answers, 50), "ms"),
        row("load_answer_ms", "p99", clients, percentile(&answers, 99), "ms"),
        inclusion("p50", 50),
        inclusion("p99", 99),
    ])
}

/// What each part of the way of a message takes, measured by itself: over HTTP without anything to
/// do, into the queue, to the disk, through the kernel, into the store.
fn where_it_goes(modules: &Modules) -> Result<Vec<Row>, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let folder = Folder::new("parts")?;
    let message = vec![b'x'; MESSAGE_BYTES];
    let each = |begun: Instant| begun.elapsed().as_secs_f64() * 1e3 / MESSAGES as f64;

    let state = pvm::Durable::default();
    let served =
        SandboxServer::start(Kernel::Wasm(modules.kernel.clone(), EngineKind::Wasmi), state, None)?;
    let mut client = Client::connect(served.address)?;
    client.ask("GET", "/ping", "")?;
    let begun = Instant::now();
    for _ in 0..MESSAGES {
        client.ask("GET", "/ping", "")?;
    }
    let accept = each(begun);
    drop(served);

    let send = |queue: &mut Queue, at_once: bool| -> Result<f64, String> {
        let begun = Instant::now();
        for _ in 0..MESSAGES {
            queue.inject(std::slice::from_ref(&message), None, false).map_err(|e| text(&e))?;
            if !at_once {
                queue.sync().map_err(|e| text(&e))?;
            }
        }
        queue.sync().map_err(|e| text(&e))?;
        Ok(each(begun))
    };
    let in_memory = send(&mut Queue::in_memory(), false)?;
    let create = || Queue::create(&folder.0.join("queue")).map_err(|e| text(&e));
    let alone = send(&mut create()?, false)?;
    let together = send(&mut create()?, true)?;

    let inbox: Vec<Vec<u8>> = vec![[&[1], message.as_slice()].concat(); MESSAGES];
    let start = || {
        let engine = config(EngineKind::Wasmi, true)?.engine;
        let config = Config { engine, ..Config::on_chain(ROLLUP.0, 0) };
        Pvm::originate_wasm(&modules.kernel, config).map_err(|e| text(&e))
    };
    let mut pvm = start()?;
    pvm.run_level(&[]).map_err(|e| text(&e))?;
    let begun = Instant::now();
    pvm.run_level(&inbox).map_err(|e| text(&e))?;
    let run_level = each(begun);
    let mut kept = Persistent::create(&folder.0.join("rollup"), start()?).map_err(|e| text(&e))?;
    kept.run_level(&[]).map_err(|e| text(&e))?;
    let begun = Instant::now();
    kept.run_level(&inbox).map_err(|e| text(&e))?;
    let played_and_kept = each(begun);

    let part = |phase: &str, value: f64| row("load_part_ms", phase, 1, value, "ms");
    Ok(vec![
        part("HTTP alone", accept),
        part("queue, in memory", in_memory),
        part("queue, to the disk one by one", alone),
        part("queue, to the disk together", together).against("one by one", alone),
        part("played, in a level of 200", run_level),
        part("played and kept", played_and_kept),
    ])
}
