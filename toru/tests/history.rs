//! The history of a sandbox: it follows what the sandbox does, is there after a kill, and goes with it.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use encoding::Level;
use history::{HistoryError, Page, Reader, Readers, WithdrawalWord};
use serde_json::json;
use toru::dev::{Account, FUNDS, demo_ticket};

use crate::common::Folder;
use crate::common::http::call;
use crate::common::sandbox::{Sandbox, served_at};
use crate::dev::batch;

/// How long the index is waited for. It ends a test that hangs.
const LONG: Duration = Duration::from_secs(300);

/// Waits until the index of a sandbox has a block and says something.
fn once<T>(
    folder: &Folder,
    sandbox: &Sandbox,
    ask: impl Fn(&Reader<'_>) -> Result<Option<T>, HistoryError>,
) -> T {
    let head = sandbox.get("/global/block/head/hash");
    let begin = Instant::now();
    loop {
        let readers = Readers::open(&folder.0.join("s.history.sqlite"));
        let found = readers.and_then(|readers| {
            readers.read(|reader| {
                let last = reader.status()?.last.map(|level| level.block);
                if last.as_deref() == head.as_str() { ask(reader) } else { Ok(None) }
            })
        });
        if let Ok(Some(found)) = found {
            return found;
        }
        assert!(begin.elapsed() < LONG, "it takes too long");
        sleep(Duration::from_millis(10));
    }
}

/// The withdrawal, once it is in this stage, with the level of its execution.
fn at(folder: &Folder, sandbox: &Sandbox, stage: WithdrawalWord) -> Option<Level> {
    once(folder, sandbox, |reader| {
        let all = reader.withdrawals(false, Page::first(9))?.rows;
        let one = all.first().filter(|one| one.stage == stage && all.len() == 1);
        Ok(one.map(|one| one.executed))
    })
}

fn balance(reader: &Reader<'_>, account: &Account) -> Result<u64, HistoryError> {
    let found = reader.account(&account.address)?.expect("the account");
    let balances = reader.balances(found.row, Page::first(0))?.rows;
    let demo = balances.iter().find(|one| one.ticket.ticket == demo_ticket());
    Ok(demo.map_or(0, |one| one.amount.get()))
}

#[test]
fn it_follows_a_sandbox_back_and_over_a_kill() {
    let folder = Folder::new("history-story");
    let accounts = Account::all();
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    // Those that are funded are there, whether anybody names them or not.
    let count = once(&folder, &sandbox, |reader| Ok(Some(reader.count_accounts()?.count)));
    assert_eq!(count, 10);
    assert_eq!(sandbox.post("/local/batcher/injection", &json!([batch(&accounts)])).0, 200);
    sandbox.mine(1);
    assert_eq!(at(&folder, &sandbox, WithdrawalWord::Outbox), None);
    let (paid, received, times) = once(&folder, &sandbox, |reader| {
        let times = reader.levels(Page::first(9))?.rows.iter().all(|one| one.time.is_some());
        Ok(Some((balance(reader, &accounts[0])?, balance(reader, &accounts[1])?, times)))
    });
    assert_eq!((paid, received, times), (FUNDS - 35, FUNDS + 30, true));
    sandbox.mine(6);
    at(&folder, &sandbox, WithdrawalWord::Executable);
    let execute = json!({"outbox_level": 2, "message_index": 0});
    assert_eq!(sandbox.post("/dev/execute", &execute).0, 200);
    sandbox.mine(1);
    let executed = at(&folder, &sandbox, WithdrawalWord::Executed);
    assert!(executed.is_some());
    // What was executed is not, when the chain has gone back.
    assert_eq!(sandbox.post("/dev/revert", &json!({"to": "3"})).0, 200);
    assert_eq!(at(&folder, &sandbox, WithdrawalWord::Outbox), None);
    assert_eq!(sandbox.post("/dev/revert", &json!({"to": "1"})).0, 200);
    let open = once(&folder, &sandbox, |reader| {
        let all = reader.withdrawals(false, Page::first(9))?.rows.len();
        Ok(Some((all, balance(reader, &accounts[0])?, reader.status()?.alarms)))
    });
    assert_eq!(open, (0, FUNDS, 0));
    drop(sandbox);

    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    sandbox.mine(1);
    once(&folder, &sandbox, |reader| reader.level(Level(2)));
    assert_eq!(sandbox.post("/dev/stop", &json!({})).0, 200);
    let mut sandbox = sandbox;
    assert!(sandbox.child.wait().unwrap().success());
    assert!(!folder.0.join("s.history.sqlite-wal").exists(), "one file has it all");

    // A sandbox that begins anew has a history that does.
    fs::remove_file(folder.0.join("s")).unwrap();
    let sandbox = Sandbox::start(&folder, &["--state", "s"]);
    once(&folder, &sandbox, |reader| Ok(reader.level(Level(2))?.is_none().then_some(())));
}

#[test]
fn without_a_state_file_nothing_stays() {
    let folder = Folder::new("history-scratch");
    let scratch = folder.0.join("tmp");
    fs::create_dir(&scratch).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(["dev", "--rpc", "127.0.0.1:0", "--block-time", "0"])
        .current_dir(&folder.0)
        .env("TMPDIR", &scratch)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let endpoint = served_at(&mut child);
    let files = || fs::read_dir(&scratch).unwrap().count();
    // However it ends.
    assert_eq!(files(), 0);
    assert_eq!(call(&endpoint, "POST", "/dev/stop", Some(&json!({}))).unwrap().status, 200);
    assert!(child.wait().unwrap().success());
    assert_eq!(files(), 0);
}
