//! Payments are made once: a file that was sent before is refused, and what was begun is gone on with.

use std::fs;
use std::process::{Command, Stdio};

use crate::common::Folder;
use crate::common::payroll::{
    RESUME, ROWS, SEND, all_are_paid, file, json_of, queue_length, receiver, start, with,
};
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use crate::common::wait::until;
use serde_json::{Value, json};
use toru::dev::Account;

#[test]
fn a_file_is_paid_once_however_often_it_is_sent() {
    let (folder, sandbox) = start("payroll-once");
    let user = sandbox.user(&folder);
    let (sent, _) = json_of(&user, 0, &SEND);
    let totals = &sent["plan"]["totals"];
    assert_eq!((&totals["rows"], &totals["receivers"]), (&json!(ROWS), &json!(ROWS)));
    let count = sent["messages"].as_array().unwrap().len();
    assert!((2..=5).contains(&count), "{count}");
    let record = folder.0.join(sent["record"].as_str().unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&record).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let kept: Value = serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
    assert_eq!(kept["rows"].as_array().unwrap().len(), 400);
    assert_eq!(kept["messages"].as_array().unwrap().len(), count);

    // In no level yet, under another name, with other bytes, in another order, in part.
    let open = user.refused(5, &SEND);
    assert!(open.contains("pay.csv was sent before: 0 of 400 payments made"), "{open}");
    assert!(open.contains("toru send --file pay.csv --resume goes on with it"), "{open}");
    let text = fs::read_to_string(folder.0.join("pay.csv")).unwrap();
    folder.file("renamed.csv", &text);
    folder.file("spaced.csv", text.replace(',', ", "));
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    folder.file("reversed.csv", lines.join("\r\n"));
    folder.file("part.csv", lines[..2].join("\n"));
    for name in ["renamed.csv", "spaced.csv", "reversed.csv", "part.csv"] {
        let refused = user.refused(5, &["send", "--file", name, "--from", "dev0", "--yes"]);
        assert!(refused.contains("was sent before"), "{name}: {refused}");
    }
    // Nothing is sent twice by going on with it.
    let before = queue_length(&sandbox);
    let (again, _) = json_of(&user, 0, &RESUME);
    assert_eq!((queue_length(&sandbox), &again["hashes"]), (before, &sent["hashes"]));
    sandbox.mine(1);
    all_are_paid(&sandbox);

    let paid = user.refused(2, &SEND);
    assert!(paid.contains("400 of 400 payments made") && paid.contains("--again"), "{paid}");
    let (done, _) = json_of(&user, 0, &RESUME);
    assert_eq!((&done["sent"], &done["rows"][399]["result"]), (&json!(false), &json!("applied")));
    assert_eq!(done["rows"][0]["line"], 2);
    // Other files with one of its rows are new payments by now.
    user.done(&["send", "--file", "part.csv", "--from", "dev0", "--yes"]);
    sandbox.mine(1);
    user.done(&with(&SEND, &["--again"]));
    sandbox.mine(1);
    assert_eq!(sandbox.balance(receiver(400)), 400 * 3);
    let nothing = user.refused(2, &["send", "--file", "spaced.csv", "--resume"]);
    assert!(nothing.contains("no record of spaced.csv here"), "{nothing}");
}

#[test]
fn a_single_payment_is_not_made_twice_while_the_first_can_still_come() {
    let (folder, sandbox) = start("payroll-single");
    let user = sandbox.user(&folder);
    let pay = ["send", "5", "demo", "--from", "dev0", "--to", "dev1", "--yes"];
    user.done(&pay);
    let twice = user.refused(5, &pay);
    assert!(twice.contains("the same payment was sent before"), "{twice}");
    assert!(twice.contains("toru send 5 demo --from dev0 --to dev1 --resume"), "{twice}");
    assert!(
        user.refused(5, &["send", "6", "demo", "dev0", "dev1", "--yes"]).contains("still waits")
    );
    let (again, _) = json_of(&user, 0, &["send", "5", "demo", "dev0", "dev1", "--resume"]);
    assert_eq!(again["hashes"].as_array().unwrap().len(), 1);
    sandbox.mine(1);
    assert_eq!(sandbox.balance(Account::new(1).unwrap().address), 1_000_005);
    // It is over: the same once more is another one.
    user.done(&pay);
    sandbox.mine(1);
    assert_eq!(sandbox.balance(Account::new(1).unwrap().address), 1_000_010);
    let nothing = user.refused(2, &["send", "9", "demo", "dev0", "dev1", "--resume"]);
    assert!(nothing.contains("no record of the payment here"), "{nothing}");
    for (args, said) in [
        (&["send", "5", "demo", "--to", "dev1"][..], "--from FROM"),
        (&["send", "5", "demo", "dev0"], "--to TO"),
        (&["send", "5", "demo", "dev0", "dev1", "--from", "dev2"], "cannot be used with"),
    ] {
        let usage = user.refused(2, args);
        assert!(usage.contains(said), "{args:?}: {usage}");
    }
}

/// The command that a hint says goes on with a payment, as a shell runs it.
fn run_hint(folder: &Folder, refusal: &str, more: &str) -> std::process::Output {
    let hint = refusal.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap();
    let (command, _) = hint.split_once(" goes on with ").unwrap();
    let command = command.strip_prefix("toru ").unwrap();
    Command::new("sh")
        .args(["-c", &format!("{} {command} {more}", env!("CARGO_BIN_EXE_toru"))])
        .current_dir(&folder.0)
        .env("XDG_DATA_HOME", folder.0.join("data"))
        .env("TORU_KEYS", folder.0.join("keys"))
        .env("TORU_WITHDRAWALS", "w")
        .env("TORU_ENDPOINT", "127.0.0.1:1")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
#[cfg(unix)]
fn what_a_hint_says_goes_on_with_the_payment_that_was_meant() {
    let folder = Folder::new("payroll-hints");
    let sandbox = Sandbox::start(&folder, &[]);
    let endpoint = sandbox.endpoint.clone();
    let where_ = ["--endpoint", &endpoint, "--payments", "my records"];
    let waits = ["--yes", "--wait", "--timeout", "0"];
    // With a remark, from a node and in a folder that the command line alone names.
    let one = ["send", "7", "#0", "dev1", "dev2", "--memo", "it's June"];
    let refused = |args: &[&str]| {
        let elsewhere = User { folder: &folder, endpoint: "127.0.0.1:1".to_owned() };
        let output = elsewhere.run(args);
        assert_eq!(output.status.code(), Some(5), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let late = refused(&with(&with(&one, &where_), &waits));
    folder.file("my pay.csv", file(1..=3));
    let many = ["send", "--file", "my pay.csv", "--from", "dev0"];
    let late_file = refused(&with(&with(&many, &where_), &waits));
    // The batcher gives the node its message once the round is over.
    until("both wait for a level", || {
        let queue = crate::common::http::call(&endpoint, "GET", "/local/batcher/queue", None);
        queue.unwrap().body.as_array().is_some_and(|queue| queue.len() == 2)
    });
    sandbox.mine(1);
    // By now all is paid. That is said, and nobody is told to pay it once more.
    for (late, said) in [(&late, "1 of 1 payment made"), (&late_file, "3 of 3 payments made")] {
        for more in ["", "--yes --wait"] {
            let output = run_hint(&folder, late, more);
            let text = String::from_utf8(output.stdout.clone()).unwrap();
            assert!(output.status.success() && text.contains(said), "{late}: {output:?}");
        }
    }
    sandbox.mine(2);
    assert_eq!(sandbox.balance(receiver(3)), 3);
    let two = Account::new(2).unwrap();
    assert_eq!(sandbox.balance(two.address), 1_000_007);
}
