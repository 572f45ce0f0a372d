//! A payroll is killed again and again, at moments that nobody chose, and gone on with each time: everybody
//! is paid exactly once. It is sent in one go, and as a plan that is made, signed and run.
//!
//! `TORU_PAYROLL_ROWS` says how many are paid, 400 unless it does; `TORU_PAYROLL_KILLS` how often it is
//! killed, 3 times. A payroll that is over before its kill is followed by another one.

mod common;

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::Folder;
use common::http::call;
use common::sandbox::Sandbox;
use common::user::User;
use encoding::{Tz4Address, blake2b_256};
use serde_json::json;
use toru::dev::{Account, FUNDS};

/// Between two levels.
const BLOCK: Duration = Duration::from_millis(300);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn receiver(payroll: u64, row: u64) -> Tz4Address {
    let digest = blake2b_256(&[b"payroll", &payroll.to_be_bytes(), &row.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

/// What a row pays.
fn amount(row: u64) -> u64 {
    1 + row % 3
}

/// How a run of `toru send` has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Killed,
    /// With this exit code, and whether it said that the file was sent before.
    With(i32, bool),
}

/// Runs it, for so long at most.
fn run(user: &User<'_>, args: &[&str], life: Option<Duration>) -> Ended {
    let path = |name: &str| user.folder.0.join(name);
    let mut child = Command::new(env!("CARGO_BIN_EXE_toru"))
        .args(args)
        .current_dir(&user.folder.0)
        .env("TORU_ENDPOINT", &user.endpoint)
        .env("TORU_WITHDRAWALS", "w")
        .env("XDG_DATA_HOME", path("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(life) = life {
        let end = Instant::now() + life;
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        // SIGKILL: nothing can be put in order before it.
        let _ = child.kill();
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        None => Ended::Killed,
        Some(code) => Ended::With(code, said.contains("was sent before")),
    }
}

/// Sends a payroll, or goes on with it, as its user would: who does not know whether it was begun is told.
fn send(user: &User<'_>, file: &str, life: Option<Duration>) -> Ended {
    let plain = ["send", "--file", file, "--from", "dev0", "--yes", "--wait"];
    match run(user, &plain, life) {
        Ended::With(_, true) => {
            run(user, &["send", "--file", file, "--resume", "--yes", "--wait"], life)
        }
        ended => ended,
    }
}

/// Plans a payroll, signs it and runs it, each unless it was done, as a script would that is started again.
fn payout(user: &User<'_>, file: &str, life: Option<Duration>) -> Ended {
    let plan = file.replace(".csv", ".plan.json");
    let path = user.folder.0.join(&plan);
    if !path.exists() {
        let planned = run(user, &["payout", "plan", file, "--from", "dev0"], life);
        if planned != Ended::With(0, false) {
            return planned;
        }
    }
    let signed = run(user, &["payout", "sign", &plan, "--key", "dev0", "--yes"], life);
    if signed != Ended::With(0, false) {
        return signed;
    }
    run(user, &["payout", "run", &plan, "--yes", "--wait"], life)
}

#[test]
fn everybody_is_paid_exactly_once_wherever_the_kills_fall() {
    paid_exactly_once("payroll-kills", send);
}

#[test]
fn a_plan_is_carried_out_exactly_once_wherever_the_kills_fall() {
    paid_exactly_once("payout-kills", payout);
}

fn paid_exactly_once(name: &str, pay: impl Fn(&User<'_>, &str, Option<Duration>) -> Ended) {
    let kills = number("TORU_PAYROLL_KILLS", 3);
    let rows = number("TORU_PAYROLL_ROWS", 400);
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let stop = AtomicBool::new(false);
    let begin = Instant::now();
    let mut payrolls = 0;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let _ = call(&sandbox.endpoint, "POST", "/dev/mine", Some(&json!({"levels": 1})));
                thread::sleep(BLOCK);
            }
        });
        let file = |payroll: u64| {
            let name = format!("payroll{payroll}.csv");
            let lines =
                (0..rows).map(|row| format!("{},{},demo\n", receiver(payroll, row), amount(row)));
            folder.file(&name, format!("to,amount,ticket\n{}", lines.collect::<String>()));
            name
        };
        // How long one takes that nobody disturbs; it registers the key as well.
        let first = file(0);
        let clock = Instant::now();
        assert_eq!(pay(&user, &first, None), Ended::With(0, false));
        let whole = clock.elapsed();
        let mut killed = 0;
        let mut seed = u64::from(std::process::id());
        while killed < kills {
            payrolls += 1;
            let name = file(payrolls);
            loop {
                // Numbers in no order that means anything; the system's own timing does the rest.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let part = u32::try_from((seed >> 33) % 1_000).unwrap();
                let life = (killed < kills).then(|| whole * part / 1_000);
                match pay(&user, &name, life) {
                    Ended::Killed => killed += 1,
                    Ended::With(0, _) => break,
                    // What was cut off while it was sent is told as what it is, and gone on with.
                    Ended::With(code, _) => assert!([3, 5].contains(&code), "{code}"),
                }
            }
        }
        stop.store(true, Ordering::SeqCst);
        eprintln!(
            "{killed} kills of {payrolls} payrolls of {rows} rows in {} s; one takes {} ms",
            begin.elapsed().as_secs(),
            whole.as_millis()
        );
    });
    sandbox.mine(3);
    let balances = sandbox.balances();
    let mut paid = 0;
    for payroll in 0..=payrolls {
        for row in 0..rows {
            let has = balances.get(&receiver(payroll, row)).copied();
            assert_eq!(has, Some(amount(row)), "payroll {payroll}, row {row}");
            paid += amount(row);
        }
    }
    assert_eq!(balances[&Account::new(0).unwrap().address], FUNDS - paid);
}
