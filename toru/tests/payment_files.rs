//! Files of payments as people have them: what is wrong is told with its line, all of it at once, and what a
//! plan comes to stands on a screen.

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use encoding::{Kt1Address, Ticket, TicketContent};
use serde_json::json;
use toru::dev::{Account, demo_ticket};

const FROM: [&str; 3] = ["--from", "dev0", "--yes"];

fn start(name: &str) -> (Folder, Sandbox) {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &[]);
    (folder, sandbox)
}

/// What the refusal of a file says, below its first line.
fn mistakes(folder: &Folder, sandbox: &Sandbox, file: &str) -> Vec<String> {
    let user = sandbox.user(folder);
    folder.file("bad.csv", file);
    let output = user.run(&[&["send", "--file", "bad.csv"][..], &FROM].concat());
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_with_their_lines() {
    let (folder, sandbox) = start("files-mistakes");
    let file = "to,amount,ticket,memo\r\n\
                dev1,1,demo,\"two\r\nlines\"\r\n\
                \r\n\
                nobody,1.0,gold,\r\n\
                dev2,\"1,000\",demo,\r\n\
                dev3,1.000,demo,\r\n\
                dev0,0,demo,\r\n\
                dev4,1\r\n\
                dev5,1,demo,0123456789012345678901234567890123456789012345678901234567890123456789\r\n\
                dev6,1,demo,fine\r\n";
    let told = mistakes(&folder, &sandbox, file);
    let expected = [
        "error: bad.csv: 9 mistakes",
        "  line 5: \"nobody\" is no account",
        "  line 5: the rollup has no ticket \"gold\"",
        "  line 6: \"1,000\" has separators in it: write 1000",
        "  line 7: 1.000 has decimals, and this ticket has none",
        "  line 8: the amount is zero",
        "  line 8: the payer pays themselves",
        "  line 9: 2 fields under 4 titles",
        "  line 10: a memo has 1 to 64 bytes",
    ];
    let count = told.iter().filter(|line| line.starts_with("  line")).count();
    assert_eq!(told[0], format!("error: bad.csv: {count} mistakes"), "{told:?}");
    for line in &expected[1..] {
        assert!(told.iter().any(|said| said.starts_with(line)), "{line}: {told:?}");
    }
    assert_eq!(count, expected.len() - 1, "{told:?}");

    // Twenty of them, and how many more there are.
    let rows: String = (0..30).map(|n| format!("nobody{n},1,demo\n")).collect();
    let told =
        mistakes(&folder, &sandbox, &format!("to;amount;ticket\n{}", rows.replace(',', ";")));
    assert_eq!(told[0], "error: bad.csv: 30 mistakes");
    assert!(told[20].starts_with("  line 21: ") && told[21] == "  and 10 more", "{told:?}");
    assert!(told[22].starts_with("hint: ") && told.len() == 23, "{told:?}");

    for (file, said) in [
        (
            "to,amount,amount,ticket\ndev1,3,900000,demo\n",
            "line 1: the title amount is there 2 times",
        ),
        ("to,amount,ticket,note\ndev1,3,demo,x\n", "line 1: the column \"note\" is not known"),
    ] {
        let told = mistakes(&folder, &sandbox, file);
        assert!(told.len() == 2 && told[0].contains(said), "{told:?}");
    }
}

#[test]
fn there_is_not_enough_for_a_row_that_is_named() {
    let (folder, sandbox) = start("files-balance");
    let user = sandbox.user(&folder);
    folder.file(
        "pay.csv",
        "to,amount,ticket\n\ndev1,600000,demo\ndev2,300000,demo\ndev3,200000,demo\ndev4,1,demo\n",
    );
    let refused = user.refused(3, &[&["send", "--file", "pay.csv"][..], &FROM].concat());
    let said = "pay.csv, line 5: balance too low: 1,000,000 demo available, 1,100,000 requested by the rows \
                up to it and 1,100,001 by all rows";
    assert!(refused.contains(said), "{refused}");
}

#[test]
fn remarks_are_kept_by_row_and_what_is_no_column_is_passed_over_when_that_is_said() {
    let (folder, sandbox) = start("files-memo");
    let user = sandbox.user(&folder);
    let file =
        "Memo;To;Amount;Ticket;Dept\nrent;dev1;1;demo;a\n;dev2;2;demo;b\nrent;dev3;3;demo;c\n";
    folder.file("pay.csv", format!("\u{feff}{file}"));
    let send = ["send", "--file", "pay.csv", "--ignore-columns", "dept,Note", "--memo", "wages"];
    let sent = user.json(&[&send[..], &FROM].concat());
    sandbox.mine(1);
    let memos: Vec<String> = sent["hashes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hash| user.json(&["tx", "show", hash.as_str().unwrap()]))
        .map(|shown| shown["operations"][0]["memo"].as_str().unwrap().to_owned())
        .collect();
    // Rows of one remark are paid together, wherever they stand.
    assert_eq!(memos, ["rent", "wages"]);
    assert_eq!(sent["messages"].as_array().unwrap().len(), 1);
    let totals = &sent["plan"]["totals"];
    assert_eq!((&totals["transactions"], &totals["messages"]), (&json!(2), &json!(1)));
    assert_eq!(user.done(&["balance", "dev3", "demo"]).trim(), "1000003");
}

#[test]
fn a_plan_comes_to_control_totals_on_one_screen() {
    let (folder, sandbox) = start("files-plan");
    let user = sandbox.user(&folder);
    // Every row of the first hundred is there twice.
    let row = |n: u64| format!("dev{},{},demo\r\n", 1 + n % 9, 1 + n % 700);
    let rows: String = (0..800).map(row).collect();
    folder.file("pay.csv", format!("to,amount,ticket\r\n{rows}"));
    let send = [&["send", "--file", "pay.csv"][..], &FROM, &["--dry-run"]].concat();
    let text = user.done(&send);
    let screen: usize = text.lines().map(|line| line.chars().count().div_ceil(80).max(1)).sum();
    assert!(screen <= 24, "{screen}: {text}");
    let json = user.json(&send);
    let totals = &json["plan"]["totals"];
    assert_eq!((&totals["rows"], &totals["receivers"]), (&json!(800), &json!(9)));
    let paid: u64 = (0..800).map(|n| 1 + n % 700).sum();
    assert_eq!(totals["sums"][0]["amount"], paid.to_string());
    assert_eq!(totals["sums"][0]["ticketer"], demo_ticket().ticketer.to_string());
    for said in [
        "800 payments in ".to_owned(),
        "to 9 receivers".to_owned(),
        format!("in all {} demo (#0 of KT1", grouped(paid)),
        "dev0 (tz4".to_owned(),
        "--verbose shows all of it".to_owned(),
        "before".to_owned(),
    ] {
        assert!(text.contains(&said), "{said}: {text}");
    }
    let verbose = user.done(&[&send[..], &["--verbose"]].concat());
    assert!(verbose.contains("line 801: pays 100 demo (#0 of KT1"), "{verbose}");
    let first = &json["plan"]["transactions"][0]["operations"][0]["actions"][0];
    assert_eq!(
        (&first["line"], &first["ticket_index"], &first["decimals"]),
        (&json!(2), &json!(0), &json!(0))
    );
    assert!(first["content"].as_str().unwrap().starts_with("01"), "{first}");

    folder.file("twice.csv", "to,amount,ticket\ndev1,1,demo\ndev2,1,demo\n\ndev1,1,demo\n");
    let twice = [&["send", "--file", "twice.csv"][..], &FROM, &["--dry-run"]].concat();
    let text = user.done(&twice);
    assert!(text.contains("the same row more than once: lines 2, 5\n"), "{text}");
    assert_eq!(user.json(&twice)["plan"]["totals"]["duplicates"], json!([[2, 5]]));
}

fn grouped(number: u64) -> String {
    explain::text::grouped(&number.to_string())
}

#[test]
fn tickets_that_read_alike_are_told_apart_and_never_guessed() {
    let (folder, sandbox) = start("files-alike");
    let user = sandbox.user(&folder);
    let [dev0, dev1] = [0, 1].map(|number| Account::new(number).unwrap().address);
    // Nobody pins it; the sandbox pins its own "demo".
    let facts = br#"{"symbol":"coin","decimals":"2"}"#;
    let with = |id: u8| Ticket {
        ticketer: Kt1Address([0xdd; 20]),
        content: TicketContent::NatBytes(id.into(), Some(facts.to_vec())),
    };
    sandbox.deposit(dev0, &with(1), 500);
    sandbox.deposit(dev1, &with(2), 500);
    sandbox.mine(1);
    let text = user.done(&["send", "5", "#1", "dev0", "dev1", "--dry-run"]);
    let detail = format!("(#1 of {}, id 1, bytes ", Kt1Address([0xdd; 20]));
    assert!(text.contains(&detail), "{text}");
    let is_row = |line: &str| line.contains("coin") && line.contains("#1") && line.contains("dev0");
    assert!(text.lines().any(is_row), "{text}");
    let json = user.json(&["send", "5", "#1", "dev0", "dev1", "--dry-run"]);
    let pays = &json["plan"]["transactions"][0]["operations"][0]["actions"][0];
    assert_eq!(
        (&pays["ticket_index"], &pays["decimals"], &pays["units"]),
        (&json!(1), &json!(2), &json!("500"))
    );
    assert_eq!(pays["content"], hex::encode(with(1).content.to_micheline()));

    // What is taken is not what the other one happens to hold.
    let offer = |take: &'static str| {
        [
            "swap", "offer", "5", "#0", "for", "1", take, "--with", "dev1", "--from", "dev0",
            "--out", "o.json", "--yes",
        ]
    };
    let refused = user.refused(2, &offer("coin"));
    assert!(refused.contains("several tickets are \"coin\": #1, #2"), "{refused}");
    let made = user.done(&offer("#2"));
    assert!(
        made.contains("coin") && made.contains("(#2 of KT1") && made.contains("id 2"),
        "{made}"
    );
    // Whoever signs without a network sees which ticket it is, and no place that nobody knows.
    let shown = user.done(&["tx", "show", "o.json", "--endpoint=127.0.0.1:9"]);
    assert!(shown.contains("(of KT1") && shown.contains(", id 2, bytes 0x7b22"), "{shown}");
    assert!(!shown.contains("4294967295"), "{shown}");
}
