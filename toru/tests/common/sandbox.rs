//! A sandbox in a process of its own, over real sockets.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use encoding::{Ticket, Tz4Address};
use pvm::{Durable, NativeHost};
use serde_json::{Value, json};
use tx_kernel::view::View;

use super::Folder;
use super::http::call;
use super::user::User;

/// A sandbox that runs; killed at the end.
pub struct Sandbox {
    pub child: Child,
    pub endpoint: String,
}

impl Sandbox {
    pub fn start(folder: &Folder, options: &[&str]) -> Self {
        let mut child = Self::spawn(folder, options);
        let endpoint = served_at(&mut child);
        Self { child, endpoint }
    }

    /// Starts one that is killed soon, whether it serves by then or not.
    pub fn start_and_kill(folder: &Folder, options: &[&str], after: Duration) {
        let mut child = Self::spawn(folder, options);
        sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn spawn(folder: &Folder, options: &[&str]) -> Child {
        let on_demand: &[&str] =
            if options.contains(&"--block-time") { &[] } else { &["--block-time", "0"] };
        let anywhere: &[&str] =
            if options.contains(&"--rpc") { &[] } else { &["--rpc", "127.0.0.1:0"] };
        Command::new(env!("CARGO_BIN_EXE_toru"))
            .arg("dev")
            .args(anywhere)
            .args(["--commitment-period", "2", "--challenge-window", "3"])
            .args(on_demand)
            .args(options)
            .current_dir(&folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// A user of it, whose things are in a folder.
    pub fn user<'f>(&self, folder: &'f Folder) -> User<'f> {
        User { folder, endpoint: self.endpoint.clone() }
    }

    pub fn mine(&self, levels: u32) {
        let (status, answer) = self.post("/dev/mine", &json!({"levels": levels}));
        assert_eq!(status, 200, "{answer}");
    }

    /// Runs a command while a level comes now and then.
    pub fn mining(&self, mut command: Command) -> Output {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| child.wait_with_output().unwrap());
            while !waiting.is_finished() {
                sleep(Duration::from_millis(300));
                self.mine(1);
            }
            waiting.join().unwrap()
        })
    }

    /// Deposits a ticket in the next level.
    pub fn deposit(&self, to: Tz4Address, ticket: &Ticket, amount: u64) {
        let payload = inbox::deposit::encode(&to.to_string(), ticket, &amount.into());
        let body = json!({
            "payload": hex::encode(payload),
            "sender": ticket.ticketer.to_string(),
            "source": "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU",
        });
        let (status, answer) = self.post("/dev/deposit", &body);
        assert_eq!(status, 200, "{answer}");
    }

    pub fn get(&self, path: &str) -> Value {
        let answer = call(&self.endpoint, "GET", path, None).unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = call(&self.endpoint, "POST", path, Some(body)).unwrap();
        (answer.status, answer.body)
    }

    /// What every account has of the demo ticket, read through the interface.
    pub fn balances(&self) -> HashMap<Tz4Address, u64> {
        let mut durable = Durable::default();
        self.read_below("/toru/state", &mut durable);
        let host = NativeHost::over(durable);
        let balances = View::new(&host).balances().unwrap();
        balances.iter().map(|one| (one.account, one.amount.get())).collect()
    }

    /// Reads all values at and below a path: part by part where they are too many for one answer.
    fn read_below(&self, path: &str, durable: &mut Durable) {
        let below = |what: &str| format!("/global/block/head/durable/wasm_2_0_0/{what}?key={path}");
        let answer = call(&self.endpoint, "GET", &below("values"), None).unwrap();
        match answer.status {
            200 => {
                for value in answer.body.as_array().unwrap() {
                    let bytes = hex::decode(value["value"].as_str().unwrap()).unwrap();
                    durable.set(value["key"].as_str().unwrap(), &bytes).unwrap();
                }
            }
            413 => {
                if let Some(value) = self.get(&below("value")).as_str() {
                    durable.set(path, &hex::decode(value).unwrap()).unwrap();
                }
                for name in self.get(&below("subkeys")).as_array().unwrap() {
                    self.read_below(&format!("{path}/{}", name.as_str().unwrap()), durable);
                }
            }
            status => panic!("{path}: {status}: {answer:?}"),
        }
    }

    /// What an account has of it.
    pub fn balance(&self, account: Tz4Address) -> u64 {
        self.balances().get(&account).copied().unwrap_or(0)
    }
}

/// Where a process says that it serves.
pub fn served_at(child: &mut Child) -> String {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let served = |line: String| {
        let (_, rest) = line.split_once("http://")?;
        rest.split(' ').next().map(str::to_owned)
    };
    lines.map_while(Result::ok).find_map(served).unwrap()
}

impl Sandbox {
    /// That what layer 1 has locked is what the rollup owes, and was so after every level.
    pub fn assert_solvent(&self) {
        let told = self.get("/dev/solvency");
        let closed = told["closed"] == true && told["since"].is_null();
        assert!(closed && !told["tickets"].as_array().unwrap().is_empty(), "{told:#}");
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // One that was ended has nothing to say.
        let serves = matches!(self.child.try_wait(), Ok(None));
        if serves && !std::thread::panicking() && call(&self.endpoint, "GET", "/ping", None).is_ok()
        {
            self.assert_solvent();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
