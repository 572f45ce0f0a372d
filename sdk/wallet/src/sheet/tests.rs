//! Files as spreadsheets and people write them.

use super::*;

const TITLES: &str = "to,amount,ticket";

fn read_text(text: &str) -> Sheet {
    read(text.as_bytes(), &[], Payers::One)
        .unwrap_or_else(|mistakes| panic!("{text:?}: {mistakes:?}"))
}

/// Receivers with their lines.
fn lines(sheet: &Sheet) -> Vec<(&str, u64)> {
    sheet.rows.iter().map(|row| (row.to.as_str(), row.line)).collect()
}

fn refusal(bytes: &[u8]) -> Mistake {
    let mistakes = read(bytes, &[], Payers::One).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes[0].clone()
}

#[test]
fn the_line_is_that_of_the_file_whatever_ends_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let file = [TITLES, "a,1,x", "", "", "b,1,x", "  ", "c,1,x", "bad", "d,1,x", ""].join(end);
        let sheet = read_text(&file);
        assert_eq!(lines(&sheet), [("a", 2), ("b", 5), ("c", 7), ("d", 9)], "{end:?}");
        assert_eq!(sheet.mistakes, [Mistake::new(8, "1 field under 3 titles")]);
        let above = read_text(&format!("{end}{end}{file}"));
        assert_eq!(lines(&above), [("a", 4), ("b", 7), ("c", 9), ("d", 11)], "{end:?}");
    }
    // Mixed, as files are that several programs wrote.
    let mixed = format!("{TITLES}\r\na,1,x\nb,1,x\r\r\n\n\rc,1,x");
    assert_eq!(lines(&read_text(&mixed)), [("a", 2), ("b", 3), ("c", 7)]);
}

#[test]
fn lines_within_quotes_are_lines() {
    let file =
        "memo,to,amount,ticket\r\n\"one\r\ntwo\nthree\",a,1,x\r\n\"q \"\"q\"\"\",b,1,x\r\nz,c,1,x";
    let sheet = read_text(file);
    assert_eq!(lines(&sheet), [("a", 2), ("b", 5), ("c", 6)]);
    let memos: Vec<_> = sheet.rows.iter().map(|row| row.memo.as_deref().unwrap()).collect();
    assert_eq!(memos, ["one\r\ntwo\nthree", "q \"q\"", "z"]);
    for open in ["b,1,x,\"open\nc,1,x,m\n", "b,1,x,\"open", "\"b,1,x,y"] {
        let sheet = read_text(&format!("{TITLES},memo\na,1,x,m\n{open}"));
        assert_eq!(lines(&sheet), [("a", 2)], "{open:?}");
        assert_eq!(sheet.mistakes, [Mistake::new(3, "a quote in this row is not closed")]);
    }
    let broken = read_text(&format!("{TITLES}\n\"a\nb\",1,x\n"));
    assert_eq!(broken.mistakes, [Mistake::new(2, "there is a line break in it under to")]);
}

#[test]
fn separators_are_those_of_the_titles() {
    for (mark, first) in [(";", ""), ("\t", ""), (",", ""), (";", "sep=;\r\n"), ("\t", "sep=\t\n")]
    {
        let file = format!("{first}To, Amount, Ticket\na,1,x\n").replace(',', mark);
        let line = if first.is_empty() { 2 } else { 3 };
        assert_eq!(lines(&read_text(&file)), [("a", line)], "{file:?}");
    }
    let quoted = read_text("\"to\";\"amount\";\"ticket\"\na;1,5;x\n");
    assert_eq!(quoted.rows[0].amount, "1,5");
    for (file, named) in [("to|amount|ticket\n", "\"|\""), ("sep=|\nto|amount|ticket\n", "\"|\"")] {
        let refused = refusal(file.as_bytes());
        assert!(refused.problem.contains(named), "{refused:?}");
    }
}

#[test]
fn encodings_are_read_or_named() {
    let file = format!("{TITLES},memo\r\na,1,x,Zoë\r\nb,1,x,€\r\n");
    let utf_16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        [mark].into_iter().chain(file.encode_utf16()).flat_map(bytes).collect()
    };
    let marked = [b"\xef\xbb\xbf", file.as_bytes()].concat();
    let (little, big) = (utf_16(0xfeff, u16::to_le_bytes), utf_16(0xfeff, u16::to_be_bytes));
    let expected = read_text(&file).rows;
    assert_eq!(expected[1].memo.as_deref(), Some("€"));
    for bytes in [&marked, &little, &big] {
        assert_eq!(read(bytes, &[], Payers::One).unwrap().rows, expected);
    }
    for (bytes, line, named) in [
        (&little[2..], 1, "UTF-16 without a byte order mark"),
        (&little[..little.len() - 1], 3, "half a character"),
        (b"\xff\xfe\0\0t\0\0\0", 1, "UTF-32"),
        (b"to,amount,ticket\r\na,1,Zo\xeb\r\n", 2, "not UTF-8"),
    ] {
        let refused = refusal(bytes);
        assert!(refused.line == line && refused.problem.contains(named), "{refused:?}");
    }
}

#[test]
fn columns_that_are_not_known_are_no_remarks() {
    for (titles, said) in [
        ("to,amount,amount,ticket", &["the title amount is there 2 times"][..]),
        ("to,amount,ticket,note", &["the column \"note\" is not known: --ignore-columns"]),
        ("to,amount,ticket,From", &["only a payout takes a column \"from\""]),
        ("to,amount,ticket,Memo,memo", &["the title memo is there 2 times"]),
        ("to,amount,ticket,", &["column 4 has no title"]),
        ("to,TO,amount,ticket,x", &["the title to is there 2 times", "the column \"x\""]),
        ("who,amount", &["expected the titles to,amount,ticket, and there is no to, ticket"]),
        ("dev1,3,demo", &["there is no to, amount, ticket in \"dev1,3,demo\""]),
        ("", &["expected the titles"]),
    ] {
        let mistakes = read(format!("{titles}\na,1,2,3,4\n").as_bytes(), &[], Payers::One);
        let mistakes = mistakes.map(|_| ()).unwrap_err();
        assert_eq!(mistakes.len(), said.len(), "{titles}: {mistakes:?}");
        for (mistake, said) in mistakes.iter().zip(said) {
            assert!(mistake.problem.contains(said), "{titles}: {mistake:?}");
        }
    }
    let ignored = ["Note".to_owned(), "memo".to_owned()];
    let sheet = read(b"to,note,amount,ticket,memo\na,n,1,x,m\n", &ignored, Payers::One).unwrap();
    assert_eq!((lines(&sheet), &sheet.rows[0].memo), (vec![("a", 2)], &None));
    let gone = read(b"to,amount,ticket\n", &["amount".to_owned()], Payers::One).unwrap_err();
    assert!(gone[0].problem.contains("no amount"), "{gone:?}");
}

#[test]
fn rows_that_are_not_whole_are_all_told() {
    let file = format!("{TITLES}\n,1,x\na,,x\na,1,\n,,\na,1,x,y\na,1,x\n");
    let sheet = read_text(&file);
    assert_eq!(lines(&sheet), [("a", 7)]);
    let told: Vec<(u64, &str)> =
        sheet.mistakes.iter().map(|one| (one.line, one.problem.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "there is nothing under to"),
            (3, "there is nothing under amount"),
            (4, "there is nothing under ticket"),
            (5, "the row is empty"),
            (6, "4 fields under 3 titles"),
        ]
    );
}

#[test]
fn the_digest_is_of_the_bytes() {
    let one = read_text(&format!("{TITLES}\na,1,x"));
    assert_eq!(one.digest, digest(format!("{TITLES}\na,1,x").as_bytes()));
    assert_ne!(one.digest, read_text(&format!("{TITLES}\na,1,x\n")).digest);
}

#[test]
fn rows_say_who_pays_where_they_may() {
    let file = "from,to,amount,ticket\nalice,a,1,x\n,b,1,x\n";
    let sheet = read(file.as_bytes(), &[], Payers::OfRows).unwrap();
    let from: Vec<_> = sheet.rows.iter().map(|row| row.from.as_deref()).collect();
    assert_eq!(from, [Some("alice"), None]);
    let refused = refusal(file.as_bytes());
    assert!(refused.problem.contains("only a payout takes a column \"from\""), "{refused:?}");
    let ignored = read(file.as_bytes(), &["from".to_owned()], Payers::OfRows).unwrap();
    assert_eq!(ignored.rows[0].from, None);
}
