//! Tickets whose contents claim the names of others: a stranger sends them to payers and payees, before a
//! payroll, in the middle of it and after it.

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use crate::common::user::User;
use encoding::{Kt1Address, Ticket, TicketContent, Tz4Address};
use serde_json::{Value, json};
use toru::dev::Account;

/// A ticket with facts, as token ticketers have them.
fn euro(ticketer: u8, symbol: &str, decimals: u8) -> Ticket {
    let facts = json!({"symbol": symbol, "name": "Euro", "decimals": decimals.to_string()});
    let content = TicketContent::NatBytes(0.into(), Some(facts.to_string().into_bytes()));
    Ticket { ticketer: Kt1Address([ticketer; 20]), content }
}

/// A ticket of a text.
fn gold(ticketer: u8, text: &str) -> Ticket {
    let content = TicketContent::String(text.as_bytes().to_vec());
    Ticket { ticketer: Kt1Address([ticketer; 20]), content }
}

const REAL: u8 = 0x11;
const FAKE: u8 = 0xee;

fn account(number: u32) -> Tz4Address {
    Account::new(number).unwrap().address
}

/// The stranger's tickets go to everybody with the next level.
fn attack(sandbox: &Sandbox, ticketer: u8) {
    for number in 0..4 {
        for fake in [
            euro(ticketer, "EURx", 6),
            euro(ticketer, "eurX", 2),
            gold(ticketer, "GOLD"),
            gold(ticketer, "gold"),
            gold(ticketer, "EURx"),
            gold(ticketer, "G0LD"),
        ] {
            sandbox.deposit(account(number), &fake, 77);
        }
    }
}

/// `dev0` and `dev2` have of the real ones.
fn fund(sandbox: &Sandbox) {
    for number in [0, 2] {
        sandbox.deposit(account(number), &euro(REAL, "EURx", 6), 1_000_000_000);
        sandbox.deposit(account(number), &gold(REAL, "GOLD"), 1_000);
    }
    sandbox.mine(1);
}

fn sheet(extra: u32) -> String {
    let rows = [1, 3, 4].map(|number: u32| {
        format!("{0},{number}.5,EURx\n{0},{number}{extra},GOLD\n", account(number))
    });
    format!("to,amount,ticket\n{}", rows.concat())
}

/// All rows were paid of the real tickets.
fn all_real(told: &Value) {
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6, "{told}");
    for row in rows {
        assert_eq!(row["ticketer"], Kt1Address([REAL; 20]).to_string(), "{row}");
        assert_eq!(row["paid"], true, "{row}");
    }
}

/// Nothing that is said of a stranger's ticket calls it by the bare name.
fn never_bare(text: &str) {
    let mut fakes = 0;
    for line in text.lines().filter(|line| line.contains(&Kt1Address([FAKE; 20]).to_string())) {
        fakes += 1;
        let line = ["EURx", "GOLD"].iter().fold(line.to_owned(), |line, pinned| {
            line.replace(&format!(", not the pinned {pinned}"), "")
        });
        for word in line.split([' ', ',', '(', ')']) {
            let is_bare = ["eurx", "gold", "g0ld"].contains(&word.to_lowercase().as_str());
            assert!(!is_bare, "{line}");
        }
    }
    assert!(fakes > 0, "{text}");
}

fn send<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["send", "--file", file, "--from", "dev0", "--yes"][..], more].concat()
}

#[test]
fn a_payroll_by_pinned_names_goes_on_whoever_deposits_what() {
    let folder = Folder::new("fake-names");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    // Before: the fakes are there first, and have the lower indexes.
    attack(&sandbox, FAKE);
    fund(&sandbox);
    let ticketer = Kt1Address([REAL; 20]).to_string();
    let said = user.done(&["ticket", "add", "EURx", &format!("{ticketer}/EURx")]);
    assert!(said.contains("other tickets claim this name as well"), "{said}");
    user.done(&["ticket", "add", "GOLD", &format!("{ticketer}/GOLD")]);

    folder.file("one.csv", sheet(0)).file("two.csv", sheet(1)).file("three.csv", sheet(2));
    let plan = user.done(&send("one.csv", &["--dry-run"]));
    assert!(!plan.contains("ticketer's word") && !plan.contains("not the pinned"), "{plan}");
    let mined = |args: &[&str]| -> Value {
        let output = sandbox.mining(user.command(&[args, &["--json"]].concat()));
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    all_real(&mined(&send("one.csv", &["--wait"])));

    // During: more of them are in the level before the payroll's, and in the same level.
    attack(&sandbox, FAKE);
    let sent = user.json(&send("two.csv", &[]));
    attack(&sandbox, FAKE - 1);
    sandbox.mine(3);
    let resumed = user.json(&["send", "--file", "two.csv", "--resume", "--yes"]);
    all_real(&resumed);
    let hash = sent["hashes"][0].as_str().unwrap();
    let told = user.json(&["tx", "show", hash]);
    for paid in told["payments"].as_array().unwrap() {
        assert_eq!((&paid["ticketer"], &paid["pinned"]), (&json!(ticketer), &json!(true)));
    }

    // After: payees have more fakes than the real ones, and the next payroll is as the first.
    all_real(&mined(&send("three.csv", &["--wait"])));
    for (holder, paid) in [("dev1", ["4.5", "33"]), ("dev3", ["10.5", "93"])] {
        for (name, paid) in ["EURx", "GOLD"].into_iter().zip(paid) {
            let holds = user.done(&["balance", holder, name]);
            assert_eq!(holds, format!("{paid}\n"), "{holder} {name}");
        }
    }
    shown_apart(&user);
}

/// Wherever tickets are shown, the stranger's are told from the pinned ones.
fn shown_apart(user: &User<'_>) {
    let tickets = user.json(&["tickets"]);
    let all = tickets["tickets"].as_array().unwrap();
    let fake = |one: &&Value| one["ticketer"] == Kt1Address([FAKE; 20]).to_string();
    let fakes: Vec<&Value> = all.iter().filter(fake).collect();
    assert_eq!(fakes.len(), 6, "{tickets}");
    for one in &fakes {
        let index = one["ticket_index"].as_u64().unwrap();
        assert_eq!(one["ticket"], format!("#{index}"), "{one}");
        assert_eq!((&one["standing"], &one["pinned"]), (&json!("unknown"), &json!(false)));
        assert!(one["claims"].is_string());
    }
    let words = user.done(&["tickets"]);
    never_bare(&words);
    let groups: Vec<&str> =
        words.lines().filter_map(|line| line.split_once(": ").map(|(group, _)| group)).collect();
    assert_eq!(groups[0], "pinned", "{words}");
    assert!(groups.contains(&"unknown"), "{words}");
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
    for command in [&["balance", "dev1"][..], &["tickets", "dev1"]] {
        let words = user.done(command);
        never_bare(&words);
        assert!(words.contains("is called \"EURx\", and is not the pinned EURx"), "{words}");
        let mut rows = words.lines().filter(|line| line.starts_with(' '));
        assert!(rows.all(|line| line.chars().count() <= 80), "{words}");
    }

    // Plans, history and withdrawals of one of them.
    let number = fakes[0]["ticket_index"].as_u64().unwrap();
    let which = format!("#{number}");
    let pay = ["send", "0.00001", &which, "dev1", "dev3"];
    let plan = user.done(&[&pay[..], &["--dry-run"]].concat());
    never_bare(&plan);
    assert!(plan.contains(&format!("\"EURx\" #{number}, not the pinned EURx")), "{plan}");
    let sent = user.json(&[&pay[..], &["--yes"]].concat());
    let withdraw = [
        "withdraw",
        "0.00001",
        &which,
        "--from",
        "dev3",
        "--to",
        "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx",
        "--exit",
        "withdraw",
        "--yes",
    ];
    let said = user.done(&withdraw);
    never_bare(&said);
    let sandbox = &user.endpoint;
    crate::common::http::call(sandbox, "POST", "/dev/mine", Some(&json!({"levels": 2}))).unwrap();
    never_bare(&user.done(&["tx", "show", sent["hashes"][0].as_str().unwrap()]));
    let withdrawals = user.done(&["withdrawals"]);
    assert!(
        withdrawals.contains(&format!("\"EURx\" #{number}, not the pinned EURx")),
        "{withdrawals}"
    );
    let withdrawals = user.json(&["withdrawals"]);
    assert_eq!(withdrawals["withdrawals"][0]["ticket"], which, "{withdrawals}");

    // What only looks like the name means nothing.
    for name in ["eurX", "EURX", "gold", "G0LD"] {
        let refused = user.refused(2, &["send", "1", name, "dev0", "dev1", "--yes"]);
        assert!(refused.contains(&format!("no ticket is pinned as \"{name}\"")), "{refused}");
    }
}

#[test]
fn without_a_pin_the_ticket_that_was_paid_before_is_meant_and_nothing_is_guessed() {
    let folder = Folder::new("fake-names-unpinned");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    fund(&sandbox);
    // Payees have the fakes, the payer does not: what the payer holds is meant.
    for fake in [euro(FAKE, "EURx", 6), gold(FAKE, "GOLD")] {
        sandbox.deposit(account(1), &fake, 77);
    }
    sandbox.mine(1);
    folder.file("one.csv", sheet(0)).file("two.csv", sheet(1)).file("three.csv", sheet(2));
    let plan = user.done(&send("one.csv", &["--dry-run"]));
    let notes: Vec<&str> =
        plan.lines().filter(|line| line.contains("is its ticketer's word")).collect();
    assert_eq!(notes.len(), 2, "{plan}");
    assert!(notes[0].starts_with("  EURx is its ticketer's word: toru ticket add EURx '#"));
    user.json(&send("one.csv", &[]));
    sandbox.mine(3);
    all_real(&user.json(&["send", "--file", "one.csv", "--resume", "--yes"]));

    // The payer is sent the fakes as well: what was paid before is meant.
    attack(&sandbox, FAKE);
    sandbox.mine(1);
    user.json(&send("two.csv", &[]));
    attack(&sandbox, FAKE);
    sandbox.mine(3);
    all_real(&user.json(&["send", "--file", "two.csv", "--resume", "--yes"]));
    let tickets = user.json(&["tickets"]);
    let of = |ticketer: u8| {
        let all = tickets["tickets"].as_array().unwrap();
        let mut all = all.iter();
        all.find(|one| one["ticketer"] == Kt1Address([ticketer; 20]).to_string()).unwrap()["standing"]
            .clone()
    };
    assert_eq!((of(REAL), of(FAKE)), (json!("known"), json!("unknown")));

    // Somebody who has paid nothing yet is not guessed for. A pin settles it, for them and for all.
    let pay = ["send", "2.5", "EURx", "dev2", "dev3", "--yes"];
    let refused = user.refused(2, &pay);
    assert!(refused.contains("several tickets are \"EURx\""), "{refused}");
    assert!(refused.contains("toru ticket add NAME KT1…"), "{refused}");
    user.done(&["ticket", "add", "EURx", &format!("{}/EURx", Kt1Address([REAL; 20]))]);
    user.done(&pay);
    let offer = [
        "swap", "offer", "1", "EURx", "for", "1", "GOLD", "--with", "dev2", "--from", "dev0",
        "--out", "o.json", "--yes",
    ];
    // What dev0 takes is what it has paid before, not what others hold.
    let offered = user.done(&offer);
    assert!(!offered.contains(&Kt1Address([FAKE; 20]).to_string()), "{offered}");
}
