//! `toru operator` before what answers as a rollup node on a real layer 1 does, with a script in place of
//! octez-client: whatever that does, no message is executed twice, and none is forgotten.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::Folder;
use crate::common::http::call;
use crate::common::operator::{Operator, calls, fake_client};
use crate::common::real::Real;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::common::wait::PATIENCE;

/// Who is paid: nobody's address.
const NOBODY: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";

/// A sandbox behind a real node, so many withdrawals that can be executed, and the command.
struct Stage {
    sandbox: Sandbox,
    endpoint: String,
    client: String,
}

fn stage(folder: &Folder, withdrawals: usize) -> Stage {
    let sandbox = Sandbox::start(folder, &[]);
    let user = sandbox.user(folder);
    for number in 0..withdrawals {
        let from = format!("dev{number}");
        user.done(&["withdraw", "5", "demo", "--from", &from, "--to", NOBODY, "--yes"]);
    }
    sandbox.mine(5);
    let real = Real::default();
    real.lists_all();
    let endpoint = real.before(&sandbox);
    let client = fake_client(folder, &sandbox.endpoint);
    Stage { sandbox, endpoint, client }
}

impl Stage {
    fn user<'f>(&self, folder: &'f Folder) -> User<'f> {
        User { folder, endpoint: self.endpoint.clone() }
    }

    fn operator(&self, folder: &Folder, options: &[&str]) -> Operator {
        let base = ["--command", &self.client, "--from", "me", "--settle", "2"];
        Operator::start(&self.user(folder), &[&base[..], options].concat())
    }

    /// What layer 1 has executed: of how many messages of level 2.
    fn executed(&self) -> usize {
        let all = self.sandbox.get("/dev/outbox/2");
        all.as_array().unwrap().iter().filter(|one| one["executed_at"].is_i64()).count()
    }
}

#[test]
fn a_command_executes_and_is_believed_nothing() {
    let folder = Folder::new("operator-command");
    let stage = stage(&folder, 4);
    folder.file("mode", "ok");
    // The first is refused for now; the second says that it failed, and did not; the third says that it was
    // sent, and was not.
    folder.file("mode.2.0", "refuse").file("mode.2.1", "lie").file("mode.2.2", "nothing");
    let options = ["--retry-after", "1", "--fee-cap", "0.05", "--burn-cap", "0.02"];
    let operator = stage.operator(&folder, &options);
    operator.wait("executed", 2);
    let lines = fs::read_to_string(folder.0.join("calls.all")).unwrap();
    let expected = "execute outbox message of smart rollup sr163Lv22CdE8QagCwf48PWDTquk6isQwv57 from \
                    me for commitment hash src1commitment and output proof 0x0000000200000003 \
                    --fee-cap 0.05 --burn-cap 0.02";
    assert!(lines.lines().any(|line| line == expected), "{lines}");
    let failed = operator.wait("failed", 1);
    assert_eq!(failed["message_index"], 0, "{failed}");
    let why = failed["why"].as_str().unwrap();
    assert_eq!(why, "the command ends with 1: Error: the contract says no");

    // What was sent is asked for, and no level means no answer; what was refused is tried again and again.
    operator.wait("failed", 3);
    let tried = |index: &str| calls(&folder).iter().filter(|call| **call == index).count();
    assert_eq!((tried("2 1"), tried("2 2"), tried("2 3")), (1, 1, 1), "{:?}", calls(&folder));
    assert!(tried("2 0") >= 3, "{:?}", calls(&folder));
    let shown = operator.get("/v1/withdrawals").body;
    let step = |at: usize| shown["withdrawals"][at]["step"].clone();
    assert_eq!(step(1), "in flight", "{shown}");
    folder.file("mode.2.0", "ok").file("mode.2.2", "ok");
    stage.sandbox.mine(3);
    operator.wait("executed", 4);
    assert_eq!((tried("2 1"), tried("2 2"), tried("2 3")), (1, 2, 1), "{:?}", calls(&folder));
    assert_eq!(stage.executed(), 4);
    let failures: Vec<Value> =
        operator.events().into_iter().filter(|event| event["event"] == "failed").collect();
    assert!(failures.iter().all(|event| event["message_index"] == 0), "{failures:#?}");
}

#[test]
fn a_command_that_hangs_is_ended_and_holds_up_the_others_for_that_long() {
    let folder = Folder::new("operator-hang");
    let stage = stage(&folder, 2);
    folder.file("mode", "ok").file("mode.2.0", "hang");
    let operator = stage.operator(&folder, &["--command-time", "10", "--retry-after", "1"]);
    let failed = operator.wait("failed", 1);
    assert_eq!(failed["why"], "the command has not ended in 10 seconds");
    let again = failed["again"].as_str().unwrap();
    assert!(again.starts_with("whether it was executed is asked for another"), "{again}");
    operator.wait("executed", 1);
    assert_eq!(calls(&folder), ["2 0", "2 1"]);
    // Nobody knows whether it was sent: it is asked for until levels have passed.
    thread::sleep(Duration::from_secs(4));
    assert_eq!(calls(&folder), ["2 0", "2 1"]);
    folder.file("mode.2.0", "ok");
    stage.sandbox.mine(2);
    operator.wait("executed", 2);
    assert_eq!(calls(&folder), ["2 0", "2 1", "2 0"]);
}

#[test]
fn what_a_day_may_cost_is_capped() {
    let folder = Folder::new("operator-cap");
    let stage = stage(&folder, 3);
    folder.file("mode", "ok").file("mode.2.0", "refuse");
    // Each may cost 0.2 tez. What was refused has cost nothing.
    let operator = stage.operator(&folder, &["--daily-cap", "0.39"]);
    operator.wait("executed", 1);
    let waits = operator.wait("over_cap", 1);
    let why = waits["why"].as_str().unwrap();
    assert_eq!(why, "an execution may cost 0.2 tez, and 0.2 of the 0.39 tez of a day may be spent");
    operator.kill();
    // The cap outlives the process, and somebody can raise it.
    let operator = stage.operator(&folder, &["--daily-cap", "0.39"]);
    operator.wait("over_cap", 1);
    assert_eq!(calls(&folder), ["2 0", "2 1"]);
    operator.kill();
    let operator = stage.operator(&folder, &["--daily-cap", "0.4"]);
    operator.wait("executed", 1);
    assert_eq!(calls(&folder), ["2 0", "2 1", "2 2"]);
}

#[test]
fn what_layer_1_is_known_to_refuse_is_not_paid_for() {
    let folder = Folder::new("operator-misfit");
    let stage = stage(&folder, 0);
    let user = stage.sandbox.user(&folder);
    let vault = "KT1Hkg5qeNhfwpKW4fXvq7HGZB9z2EnmCCA9";
    user.done(&["withdraw", "5", "demo", "--from", "dev0", "--to", vault, "--bare", "--yes"]);
    let contract = |parameter: &str| {
        let script = format!("parameter {parameter}; storage unit; code {{ FAIL }}");
        folder.file("vault.tz", script);
        user.done(&["dev", "contract", vault, "vault.tz"]);
    };
    contract("nat");
    stage.sandbox.mine(6);
    folder.file("mode", "ok");
    // The sandbox is the node of layer 1.
    let options = ["--layer1", &stage.sandbox.endpoint, "--retry-after", "1"];
    let operator = stage.operator(&folder, &options);
    let failed = operator.wait("failed", 2);
    let why = failed["why"].as_str().unwrap();
    assert!(why.starts_with("layer 1 does not take call 1 of 1: ") && why.contains("nat"), "{why}");
    assert!(calls(&folder).is_empty());
    // It tells how long a level takes as well.
    let shown = operator.get("/v1/withdrawals").body;
    assert_eq!(shown["seconds_a_level"], 6, "{shown}");
    assert!(shown["withdrawals"][0]["expires_at"].is_string(), "{shown}");
    contract("(ticket string)");
    operator.wait("executed", 1);
    assert_eq!(calls(&folder).len(), 1);
}

#[test]
fn where_the_node_tells_of_no_execution_each_is_sent_once() {
    let folder = Folder::new("operator-unlisted");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    for from in ["dev0", "dev1"] {
        user.done(&["withdraw", "5", "demo", "--from", from, "--to", NOBODY, "--yes"]);
    }
    sandbox.mine(5);
    let real = Real::default();
    real.proves_all();
    let endpoint = real.before(&sandbox);
    let client = fake_client(&folder, &sandbox.endpoint);
    let stage = Stage { sandbox, endpoint, client };
    folder.file("mode", "ok").file("mode.2.0", "refuse");
    let options = ["--for", "all", "--retry-after", "1"];
    let operator = stage.operator(&folder, &options);
    operator.wait("sent", 1);
    operator.wait("failed", 2);
    let tried = |index: &str| calls(&folder).iter().filter(|call| **call == index).count();
    assert!(tried("2 0") >= 2 && tried("2 1") == 1, "{:?}", calls(&folder));
    operator.kill();
    // Nor is it sent again by another run.
    folder.file("mode.2.0", "ok");
    stage.sandbox.mine(5);
    let operator = stage.operator(&folder, &options);
    operator.wait("sent", 1);
    thread::sleep(Duration::from_secs(4));
    assert_eq!(tried("2 1"), 1, "{:?}", calls(&folder));
    assert_eq!(stage.executed(), 2);
}

/// Sets a flag when it goes.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn killed_at_any_moment_it_executes_each_exactly_once() {
    let folder = Folder::new("operator-kills");
    let stage = stage(&folder, 6);
    folder.file("mode", "slow");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let levels = json!({"levels": 1});
                let _ = call(&stage.sandbox.endpoint, "POST", "/dev/mine", Some(&levels));
                thread::sleep(Duration::from_millis(300));
            }
        });
        // Whatever comes of this, the levels end.
        let _end = SetOnDrop(&stop);
        let begin = Instant::now();
        let mut seed = u64::from(std::process::id());
        let mut kills = 0;
        let options = ["--command-time", "30", "--retry-after", "1"];
        while stage.executed() < 6 {
            assert!(begin.elapsed() < PATIENCE, "{:?}", calls(&folder));
            // Numbers that nobody chose (splitmix).
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let operator = stage.operator(&folder, &options);
            thread::sleep(Duration::from_millis(100 + (seed >> 33) % 4_000));
            operator.kill();
            kills += 1;
        }
        assert!(kills > 1);
        // Nothing is left, and it is known that nothing is.
        let base = ["operator", "--withdrawals", "--once", "--json"];
        let command = ["--command", &stage.client, "--from", "me"];
        let output = stage.user(&folder).run(&[&base[..], &command].concat());
        assert!(output.status.success(), "{output:?}");
    });
    let mut all = calls(&folder);
    all.sort();
    assert_eq!(all, ["2 0", "2 1", "2 2", "2 3", "2 4", "2 5"]);
}
