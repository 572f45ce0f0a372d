//! The table of result codes in `docs/protocol.md` is the one that the kernel has.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use tx_kernel::results::{ResultCode, Subject};

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// The cells of the rows below a table's head.
fn rows(head: &str) -> Vec<Vec<String>> {
    let (_, table) = DOCUMENT.split_once(head).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let row = row.trim_matches('|');
        row.split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_table_of_codes_is_complete_and_right() {
    let expected = ResultCode::ALL.iter().map(|code| {
        let subjects: Vec<_> = code.subjects().iter().map(|subject| subject.name()).collect();
        let value = |at: usize| code.values().get(at).map_or("", |name| *name).to_owned();
        let of_operation = code.subjects().contains(&Subject::Operation);
        let is_final = match (of_operation, code.is_final()) {
            (false, _) => "",
            (true, true) => "yes",
            (true, false) => "no",
        };
        vec![
            code.number().to_string(),
            code.name().to_owned(),
            subjects.join(", "),
            code.sentence().to_owned(),
            value(0),
            value(1),
            is_final.to_owned(),
        ]
    });
    let found = rows("| number | name | of | meaning | first | second | final |");
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn every_refusal_is_in_the_table_of_precedence() {
    let text: String = rows("| what | in this order |").concat().join(" ");
    let named: Vec<&str> =
        text.split(|c: char| !c.is_ascii_uppercase() && c != '_' && !c.is_ascii_digit()).collect();
    // These stand for others of the same transaction.
    let derived = [ResultCode::Applied, ResultCode::StaleSibling, ResultCode::RolledBack];
    for code in ResultCode::ALL.iter().filter(|code| !derived.contains(code)) {
        let is_done = code.subjects() == [Subject::Message];
        assert_eq!(named.contains(&code.name()), !is_done, "{code}");
    }
    for name in named.iter().filter(|name| name.len() > 3) {
        assert!(ResultCode::from_name(name).is_some(), "{name} is no code");
    }
}
