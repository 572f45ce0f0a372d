//! What is wrong with a scenario file is said in a line each, with its place.

use super::play;
use crate::common::Folder;

/// A scenario with one message, or one expectation, in YAML.
fn with(messages: &str, expect: &str) -> String {
    format!(
        "scenario: S\nlevels: [{{messages: [alice is sent 1 gold, {messages}], \
         expect: [{expect}]}}]\n"
    )
}

/// A v2 batch that is a byte too long for the inbox.
fn one_over() -> String {
    let memo = "x".repeat(64);
    format!("{{'account 0, counters 0 to 55, does nothing, with memo {memo}': , format: v2}}")
}

#[test]
fn malformed_files_are_said_in_one_line_with_the_place() {
    let folder = Folder::new("scenario-bad");
    let in_message = "scenario 0 (S), level 0, message 1: ";
    let in_expect = "scenario 0 (S), level 0, expect, sentence 0: ";
    for (content, expected) in [
        (String::new(), "found nothing, expected at least one scenario".to_owned()),
        ("a: [".to_owned(), "not YAML: ".to_owned()),
        ("scenario: S\nscenario: T\n".to_owned(), "not YAML: ".to_owned()),
        ("- 5".to_owned(), "scenario 0: found the number 5, expected a scenario: ".to_owned()),
        ("levels: []".to_owned(), "scenario 0: \"scenario\" is missing".to_owned()),
        ("scenario: S".to_owned(), "scenario 0 (S): \"levels\" is missing".to_owned()),
        (
            "scenario: S\nlevel: []".to_owned(),
            "scenario 0 (S): found the key \"level\", expected one of the keys: scenario, v1, "
                .to_owned(),
        ),
        (
            "scenario: S\nstart: [alice owns 5 gold]\nlevels: []".to_owned(),
            "scenario 0 (S), start, sentence 0: found \"alice owns 5 gold\", expected one of: \
             NAME has NUMBER TICKET; "
                .to_owned(),
        ),
        (
            "scenario: S\nstart: [alice has 2^64 gold]\nlevels: []".to_owned(),
            "scenario 0 (S), start, sentence 0: found \"alice has 2^64 gold\"".to_owned(),
        ),
        (
            "scenario: S\nstart: [alice has 2^64-1 gold, bob has 1 gold]\nlevels: []".to_owned(),
            "scenario 0 (S), start: the state cannot start like this: bob has 1 gold: supply too \
             large: "
                .to_owned(),
        ),
        (
            with("alice pays bob 1 gold", ""),
            format!("{in_message}found \"alice pays bob 1 gold\", expected one of: "),
        ),
        (
            with("'alice, counter 0, pays Bob 1 gold'", ""),
            format!("{in_message}found \"Bob\", expected a name: "),
        ),
        (with("{bacth: []}", ""), format!("{in_message}found \"bacth\", expected one of: ")),
        (
            with("{batch: [[bob eats]]}", ""),
            "scenario 0 (S), level 0, message 1, transaction 0, operation 0: \
             found \"bob eats\", expected one of: NAME, counter NUMBER, "
                .to_owned(),
        ),
        (
            with("{batch: [], replay: x}", ""),
            format!("{in_message}\"batch\" and \"replay\" exclude each other"),
        ),
        (
            with("{replay: never}", ""),
            format!("{in_message}no earlier message has the label \"never\""),
        ),
        (
            with("{raw: 102}", ""),
            format!("{in_message}found the number 102, expected hex in quotes for \"raw\""),
        ),
        (
            with("{raw: '0g'}", ""),
            format!("{in_message}\"raw\": expected hex digits, found 'g' at character 2"),
        ),
        (
            with("{payload: 'Pear 1'}", ""),
            format!(
                "{in_message}\"payload\": line 1, column 1: \"Pear\" is no Michelson primitive"
            ),
        ),
        (
            with("{bob is sent 1 gold: 'held, amount zero'}", ""),
            format!(
                "{in_message}found \"held, amount zero\", expected a result code of \"held\", such as "
            ),
        ),
        (
            with("{bob is sent 1 gold: 'refused, whatever'}", ""),
            format!("{in_message}found \"refused, whatever\", expected a result code of \"refused\", such as "),
        ),
        (
            with("{'bob, counter 0, does nothing': , lable: b}", ""),
            format!(
                "{in_message}found the key \"lable\", expected beside a sentence one of the keys: label, "
            ),
        ),
        (
            with("'bob is sent 1 gold:credited'", ""),
            format!(
                "{in_message}found \"bob is sent 1 gold:credited\", expected one of: NAME is sent NUMBER TICKET [by \
                 CONTRACT] [from NAME] [unwrapped]; page NUMBER of kernel NAME is sent (or pages NUMBER to NUMBER \
                 of kernel NAME are sent) (an outcome stands behind a colon and a space)"
            ),
        ),
        (
            with("{'alice, counter 0, does nothing': , format: v2, individually signed: alcie}", ""),
            format!(
                "{in_message}found \"alcie\", expected somebody who signs here for \"individually signed\": alice"
            ),
        ),
        (
            with("{'alice, counter 0, does nothing': , individually signed: alice}", ""),
            format!("{in_message}found individually signed, expected what wire format v1 can say"),
        ),
        (
            with("{batch: [{'alice, counter 0, does nothing': , expires with level: 3}]}", ""),
            format!("{in_message}found expires with level, expected what wire format v1 can say"),
        ),
        (
            with("{batch: [{'alice, counter 0, does nothing': , individually signed: all}]}", ""),
            format!("{in_message}found individually signed, expected what wire format v1 can say"),
        ),
        (
            with("{batch: [{'alice, counter 0, does nothing': , expires: 3}]}", ""),
            "scenario 0 (S), level 0, message 1, transaction 0: found the key \"expires\", expected beside a \
             sentence one of the keys: signed by, individually signed, expires with level"
                .to_owned(),
        ),
        (
            with(
                "{'alice, counter 0, does nothing': , transactions per message: 0}",
                "",
            ),
            format!(
                "{in_message}found the number 0, expected a number from 1 on for \"transactions per \
                 message\""
            ),
        ),
        (
            with("{raw: '00', label: a}, {replay: a, times: 0}", ""),
            "scenario 0 (S), level 0, message 2: found the number 0, expected a number from 1 on for \
             \"times\""
                .to_owned(),
        ),
        (
            with("{raw: '00', label: a}, {replay: a, cut: 2}", ""),
            "scenario 0 (S), level 0, message 2: found 2, expected at most 1, the message's bytes"
                .to_owned(),
        ),
        (
            with("bob is sent 1 gold", "outbox: [valt gets 1 gold]"),
            format!("{in_expect}contract \"valt\" is not in this scenario (expected one of mint)"),
        ),
        (
            with("bob is sent 1 gold", "outbox: [mint gives 1 gold]"),
            format!("{in_expect}found \"mint gives 1 gold\", expected CONTRACT [ENTRYPOINT] gets NUMBER"),
        ),
        (
            "scenario: S\nlevels:\n  - messages:\n      - alice registers\n        label: a\n".to_owned(),
            "not YAML: mapping values are not allowed in this context at line 5 column 14 (a sentence with \
             keys below it ends in a colon"
                .to_owned(),
        ),
        (
            with("{'bob, counter 0, does nothing': 'failed, balance to low'}", ""),
            format!("{in_message}found \"failed, balance to low\", expected a result code of \"failed\", such as "),
        ),
        (
            with("{'bob, counter 0, pays alice 1 gold 1000 times'}", ""),
            format!("{in_message}the message has 63,167 bytes (expected at most 4,096)"),
        ),
        (
            // 4,095 bytes after the tag are in v2_limits.yaml; this is one more.
            with(&one_over(), ""),
            format!("{in_message}the message has 4,097 bytes (expected at most 4,096)"),
        ),
        (
            with("{'alice, counter 0, pays bob by place 1 gold': applied}", ""),
            format!("{in_message}found by place, expected what wire format v1 can say"),
        ),
        (
            with("{'alice, counter 0, pays bob by place 1 gold': applied, format: v2}", ""),
            format!("{in_message}found by place, expected somebody whom the batch registers"),
        ),
        (
            with("{batch: [alice registers], format: v1}", ""),
            format!("{in_message}found a registration, expected what wire format v1 can say"),
        ),
        (
            with("{'alice, counter 0, does nothing': applied, individually signed: all}", ""),
            format!("{in_message}found individually signed, expected what wire format v1 can say"),
        ),
        (
            with("{'alice, counter 0, does nothing, with memo ': applied}", ""),
            format!("{in_message}found \"\", expected a memo: "),
        ),
        (
            with("{replay: never, with bytes: 5}", ""),
            format!("{in_message}found the number 5, expected a map of places"),
        ),
        (
            "scenario: S\nformat: v3\nlevels: []".to_owned(),
            "scenario 0 (S), format: found \"v3\", expected format: v1 or v2".to_owned(),
        ),
        (
            with("bob is sent 1 gold", "alcie has 1 gold"),
            format!("{in_expect}account \"alcie\" is not in this scenario (expected one of "),
        ),
        (
            with("bob is sent 1 gold", "alice is rich"),
            format!("{in_expect}found \"alice is rich\", expected one of: "),
        ),
        (
            with("'alice, counter 0, pays bob 1 gold: applied'", ""),
            format!(
                "{in_message}found \"alice, counter 0, pays bob 1 gold: applied\", expected it \
                 without quotes: within them an outcome is part of the sentence"
            ),
        ),
        (
            with("bob is sent 1 gold", "'\"alice has 1 gold\"'"),
            format!("{in_expect}found \"\\\"alice has 1 gold\\\"\", expected it without quotes: "),
        ),
        (
            with("{'bob, counter 0, does nothing': aplied}", ""),
            format!(
                "{in_message}found \"aplied\", expected an operation's outcome, one of: applied; \
                 failed CODE; stale CODE; unchanged, OUTCOME; no result"
            ),
        ),
        (
            with("{'bob, counter 0, does nothing': accepted}", ""),
            format!(
                "{in_message}found \"accepted\", expected an operation's outcome, one of: applied; \
                 failed CODE; stale CODE; unchanged, OUTCOME; no result (accepted is a \
                 message's, and stands beside the sentence as expect: OUTCOME)"
            ),
        ),
        (
            with("{bob is sent 1 gold: applied}", ""),
            format!(
                "{in_message}found \"applied\", expected a message's outcome, one of: accepted; \
                 announced; cancelled; credited; held CODE; ignored; kept; reclaimed; \
                 refused CODE; waiting; not ours (applied is an operation's)"
            ),
        ),
        (
            with("bob is sent 1 gold", "held deposits: [too little]"),
            format!(
                "{in_expect}found \"too little\", expected a result code of a held deposit, such as "
            ),
        ),
        (
            with("bob is sent 1 gold", "outbox: many"),
            format!("{in_expect}found \"many\", expected nothing, NUMBER messages, or a list"),
        ),
    ] {
        let (code, stdout, stderr) = play(&folder, &content);
        let line = stderr.lines().next().unwrap_or_default();
        let said = line.strip_prefix("error: s.yaml: ").unwrap_or(line);
        assert!(said.starts_with(&expected), "{content}\n{line}\n{expected}");
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{content}\n{stderr}");
        assert_eq!(stderr.lines().nth(1), Some("hint: docs/scenarios.md has the format"));
        assert_eq!(stderr.lines().count(), 2, "{stderr}");
    }
}

#[test]
fn what_is_wrong_with_an_upgrade_is_said() {
    let folder = Folder::new("scenario-bad-upgrade");
    for (keys, sentence, expected) in [
        (
            "kernels: {next: a module of 14 bytes}",
            "alice registers",
            "kernels: found \"a module of 14 bytes\", expected a module of NUMBER bytes, or an invalid \
             module of NUMBER bytes (15 to 4198345)",
        ),
        (
            "kernels: {Next: a module of 15 bytes}",
            "alice registers",
            "kernels: found \"Next\", expected a name for a kernel",
        ),
        ("kernels: 5", "alice registers", "kernels: found the number 5, expected a map of names"),
        (
            "administrator: 9",
            "alice registers",
            "administrator: found \"9\", expected a contract: ",
        ),
        (
            "upgrade delay: -1",
            "alice registers",
            "upgrade delay: found the number -1, expected a number from 0 on for \"upgrade delay\"",
        ),
        (
            "kernels: {next: a module of 9000 bytes}",
            "pages 1 to 3 of kernel next are sent",
            "level 0, message 0: found \"pages 1 to 3 of kernel next are sent\", expected pages 0 to 2 of \
             kernel next",
        ),
        (
            "kernels: {next: a module of 9000 bytes}",
            "contract council announces kernel nxt",
            "level 0, message 0: kernel \"nxt\" is not in this scenario (expected one of next)",
        ),
        (
            "kernels: {next: a module of 9000 bytes}",
            "pages 2 to 1 of kernel next are sent",
            "level 0, message 0: found \"pages 2 to 1 of kernel next are sent\", expected one of: NAME is",
        ),
    ] {
        let content = format!("scenario: S\n{keys}\nlevels: [{{messages: [{sentence}]}}]\n");
        let (code, stdout, stderr) = play(&folder, &content);
        let line = stderr.lines().next().unwrap_or_default();
        let said = line.strip_prefix("error: s.yaml: scenario 0 (S), ").unwrap_or(line);
        assert!(said.starts_with(expected), "{content}\n{line}\n{expected}");
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{content}\n{stderr}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let folder = Folder::new("scenario-all-bad");
    let first = "\
scenario: S
v1: perhaps
start:
  - alice owns 5 gold
  - bob has 5 gold
  - bob is rich
levels:
  - messages:
      - bob, counter 0, pays alice 1 gold: aplied
      - batch:
          - - bob, counter 1, pays carol 1 gold
            - carol eats
          - dan sings
      - bob is sent 1 gold
    expect:
      - alice has 5 gold
      - message dues: accepted
      - bob has 5 silver
  - mesages: []
---
levels: 7
";
    folder.file("good.yaml", "scenario: T\nlevels: []\n").file("other.yaml", "scenario: [\n");
    folder.file("s.yaml", first);
    let error =
        folder.refused(&["test", "--engine", "native", "s.yaml", "good.yaml", "other.yaml"]);
    let lines: Vec<&str> = error.lines().collect();
    let expected = [
        "s.yaml: scenario 0 (S), v1: found \"perhaps\", expected accepted or not accepted",
        "s.yaml: scenario 0 (S), start, sentence 0: found \"alice owns 5 gold\", expected one of: NAME",
        "s.yaml: scenario 0 (S), start, sentence 2: found \"bob is rich\", expected one of the sentences listed above",
        "s.yaml: scenario 0 (S), level 0, message 0: found \"aplied\", expected an operation's",
        "s.yaml: scenario 0 (S), level 0, message 1, transaction 0, operation 1: found \"carol eats\", \
         expected one of: ",
        "s.yaml: scenario 0 (S), level 0, message 1, transaction 1: found \"dan sings\", expected one of \
         the sentences listed above",
        "s.yaml: scenario 0 (S), level 1: found the key \"mesages\", expected one of the keys: ",
        "s.yaml: scenario 1, levels: found the number 7, expected a list of levels",
        "other.yaml: not YAML: ",
    ];
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(&format!("error: {expected}")), "{line}\n{expected}");
    }
    assert_eq!(lines.len(), expected.len() + 1, "{error}");
    assert_eq!(lines.last(), Some(&"hint: docs/scenarios.md has the format"));

    // What is nowhere may be a typo, if nothing else is wrong.
    let stranger = "scenario: S\nlevels: [{expect: [alice has 1 gold, bob has 1 gold]}]\n";
    let error = folder.file("s.yaml", stranger).refused(&["test", "s.yaml"]);
    assert_eq!(error.matches(" is not in this scenario ").count(), 2, "{error}");
}

#[test]
fn of_many_faults_the_first_are_said() {
    let folder = Folder::new("scenario-many-bad");
    let sentences: String = (0..30).map(|n| format!("  - line {n} is nonsense\n")).collect();
    folder.file("s.yaml", format!("scenario: S\nlevels: []\nstart:\n{sentences}"));
    let error = folder.refused(&["test", "s.yaml"]);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 22, "{error}");
    assert!(
        lines[19].starts_with("error: s.yaml: scenario 0 (S), start, sentence 19: "),
        "{error}"
    );
    assert_eq!(lines[20], "error: and 10 more like these");
}
