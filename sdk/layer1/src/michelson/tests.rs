//! Michelson as Octez takes it: text and bytes, both ways.

use super::*;

fn hex_of(source: &str) -> String {
    hex::encode(encode(&parse(source).unwrap_or_else(|e| panic!("{source}: {e}"))))
}

#[test]
fn known_encodings() {
    for (source, expected) in [
        ("0", "0000"),
        ("-0", "0000"),
        ("1", "0001"),
        ("-1", "0041"),
        ("63", "003f"),
        ("64", "008001"),
        ("-64", "00c001"),
        ("8192", "00808001"),
        ("\"\"", "0100000000"),
        ("\"ab\"", "01000000026162"),
        (r#""\n\t\b\r\\\"""#, "01000000060a09080d5c22"),
        ("0x", "0a00000000"),
        ("0xBEef", "0a00000002beef"),
        ("Unit", "030b"),
        ("(Unit)", "030b"),
        ("(unit %a)", "046c000000022561"),
        ("Left 1", "05050001"),
        ("(or %a :b unit unit)", "0864036c036c000000052561203a62"),
        // Two sigils may stand in an annotation; the others begin the next one.
        ("(or %a%b@c:d unit unit)", "0864036c036c00000009256125624063203a64"),
        ("some_is_not", ""),
        ("Pair 1 2", "070700010002"),
        ("Pair 1 2 3", "09070000000600010002000300000000"),
        ("{}", "0200000000"),
        ("{ 1 ; 2 ; }", "02000000040001 0002"),
        ("{1;2}", "02000000040001 0002"),
        ("# a comment\nPair /* another\n */ Unit Unit", "0707030b030b"),
        ("{ Pair 1 2 ; Pair 1 2 }", "020000000c070700010002070700010002"),
        ("Ticket 0x 1 2 3", "099d0000000b0a0000000000010002000300000000"),
    ] {
        if expected.is_empty() {
            assert!(parse(source).is_err(), "{source}");
        } else {
            assert_eq!(hex_of(source), expected.replace(' ', ""), "{source}");
        }
    }
}

/// Each as Octez's parser has it; `None` where that refuses it.
#[test]
fn what_octez_takes_is_taken_and_what_it_refuses_is_refused() {
    let pair = Some("0707 0001 0002");
    let (seq, one, two) =
        (Some("02 00000000"), Some("02 00000002 0001"), Some("02 00000004 0001 0002"));
    for (source, expected) in [
        // Comments nest.
        ("/* /* a */ */ 1", Some("0001")),
        ("/* a /* b /* c */ d */ e */ 1 /**/ # end", Some("0001")),
        ("/* /* a */ 1", None),
        ("/* /*/ */ 1", None),
        ("1 */", None),
        // Semicolons.
        ("{;}", seq),
        ("{;1}", one),
        ("{;1;}", one),
        ("{ ; 1 ; 2 ; }", two),
        ("{;;}", None),
        ("{1;;2}", None),
        ("{1 ; ; 2}", None),
        ("{1; /* c */ ;2}", two),
        ("{1 2}", None),
        ("{1 /* c */ ; # d\n 2 /* e */}", two),
        ("{{}{}}", Some("02 0000000a 0200000000 0200000000")),
        ("{ {} 1 }", Some("02 00000007 0200000000 0001")),
        ("{ {} Unit }", Some("02 00000007 0200000000 030b")),
        ("{ 1 {} }", None),
        (";", None),
        ("1;", None),
        // Parentheses.
        ("(Pair 1 2)", pair),
        ("Pair (1) 2", None),
        ("Pair 1 (\"a\")", None),
        ("Pair 1 (0x00)", None),
        ("Pair 1 ({})", None),
        ("Pair ((Left 1)) 2", None),
        ("Pair (Unit) 2", Some("0707 030b 0002")),
        ("Pair (/* c */ Left /* d */ 1 /* e */) 2", Some("0707 0505 0001 0002")),
        ("Pair () 2", None),
        ("Pair (%a) 2", None),
        ("((Pair 1 2))", None),
        ("(1)", None),
        ("({})", None),
        ("()", None),
        ("{ (Pair 1 2) }", None),
        ("{ (1) }", None),
        ("(Pair 1 2", None),
        ("(Pair 1 2) 3", None),
        ("Pair 1 2)", None),
        // Comments beside what they may not stand beside.
        ("(Pair 1 2) # c", None),
        ("/* c */ (Pair 1 2)", None),
        ("(/* c */ Pair 1 2)", None),
        ("{} # c", None),
        ("/* c */ {}", seq),
        ("Pair 1 2 # c", pair),
        ("/* c */ Pair /* d */ 1 2", pair),
        // Annotations.
        ("unit %a", None),
        ("(unit %a)", Some("046c 00000002 2561")),
        ("(unit %a %b)", Some("046c 00000005 2561202562")),
        ("(unit /* c */ %a)", None),
        ("Pair unit %a 1", None),
        ("Pair (unit %a) 1", Some("0707 046c 00000002 2561 0001")),
        ("(Pair 1 %a 2)", None),
        ("{ unit %a }", Some("02 00000008 046c000000022561")),
        ("{ %a }", None),
        ("%a", None),
        ("1 %a", None),
        ("(unit %)", Some("046c 00000001 25")),
        // Spaces.
        ("Pair\n 1\n2", pair),
        ("Pair\t1 2", None),
        ("Pair 1\r\n2", None),
        ("\u{feff}Pair 1 2", pair),
        ("Pair\u{a0}1 2", None),
        // What follows a number.
        ("Pair 1\"a\"", Some("0707 0001 01 00000001 61")),
        ("Pair 1-2", Some("0707 0001 0042")),
        ("Pair 0x00\"a\"", Some("0707 0a 00000001 00 01 00000001 61")),
        ("Pair 0x00-2", Some("0707 0a 00000001 00 0042")),
        ("Pair 1a 2", None),
        ("Pair 1_ 2", None),
        ("Pair 0x0g 2", None),
        ("Pair 01 2", pair),
        ("- 1", None),
        ("-0x00", None),
        ("0b1", None),
        ("0X00", None),
        // Strings.
        ("\"a\tb\"", Some("01 00000003 610962")),
        ("\"a\rb\"", None),
        ("\"a\nb\"", None),
        ("\"a\\/b\"", None),
        ("_a", None),
        ("", None),
        ("# c", None),
    ] {
        let found = parse(source).ok().map(|node| hex::encode(encode(&node)));
        assert_eq!(found, expected.map(|hex| hex.replace(' ', "")), "{source:?}");
    }
    let annot = |length: usize| format!("(unit %{})", "a".repeat(length - 1));
    assert!(parse(&annot(255)).is_ok());
    assert!(parse(&annot(256)).is_err());
}

#[test]
fn text_and_bytes_round_trip() {
    let huge = "9".repeat(300);
    for source in [
        "Pair \"tz4\" (Pair 0x0100 (Pair \"x\" 5))",
        "{ Elt 1 { } ; Elt -2 { None } }",
        "or (pair %deposit string (ticket string)) bytes",
        "Pair 1 (Left (Right (Some -7))) { 0xff ; \"a\\\"b\\\\c\\n\" }",
        huge.as_str(),
        "IS_IMPLICIT_ACCOUNT",
        "(or %a (unit :b) unit)",
        "{ unit %a ; Pair (unit %a) { { } } }",
    ] {
        let node = parse(source).unwrap();
        assert_eq!(text(&node), source);
        assert_eq!(decode(&encode(&node)).unwrap(), node, "{source}");
    }
}

#[test]
fn text_errors_say_where_and_what_was_expected() {
    for (source, expected) in [
        ("", "line 1, column 1: expected a Michelson expression, found the end"),
        (
            "Pair 1\n  (Left",
            "line 2, column 8: expected \")\" for the \"(\" at line 2, column 3, found the end",
        ),
        ("Pair 1 )", "line 1, column 8: expected the end of the expression, found \")\""),
        ("1 2", "line 1, column 3: expected the end of the expression, found \"2\""),
        ("{ 1 2 }", "line 1, column 5: expected \";\" or \"}\", found \"2\""),
        ("Pear 1 2", "line 1, column 1: \"Pear\" is no Michelson primitive"),
        (
            "{ CAAR }",
            "line 1, column 3: \"CAAR\" is no Michelson primitive (macros are not expanded)",
        ),
        ("0xabc", "line 1, column 1: expected an even number of hex digits after 0x, found 3"),
        ("0xzz", "line 1, column 3: expected a hex digit, found \"z\""),
        ("12a", "line 1, column 3: expected a space or a delimiter after a number, found \"a\""),
        ("-", "line 1, column 2: expected a digit after \"-\", found the end"),
        ("\"abc", "line 1, column 1: expected a closing quote before the end of the line"),
        (
            "\"a\\qb\"",
            "line 1, column 3: expected an escape among \\n \\t \\b \\r \\\\ \\\", found \"\\q\"",
        ),
        ("\"é\"", "line 1, column 2: expected printable ASCII in a string, found 'é'"),
        ("Pair 1 é", "line 1, column 8: expected a Michelson expression, found 'é'"),
        ("/* open", "line 1, column 1: expected \"*/\" to close this comment"),
        (
            "Pair 1 %a 2",
            "line 1, column 8: expected annotations right after their primitive, found \"%a\"",
        ),
        (
            "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
            "line 1, column 1: \"KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT\" is no Michelson primitive (a string needs quotes)",
        ),
    ] {
        assert_eq!(parse(source).unwrap_err().to_string(), expected, "{source}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let deep =
        |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    assert!(parse(&deep("{", "}", DEPTH_MAX - 1)).is_ok());
    for n in [DEPTH_MAX + 1, 1_000_000] {
        assert!(parse(&deep("{", "}", n)).unwrap_err().to_string().contains("1000 deep"));
        assert!(parse(&deep("(Left ", ")", n)).unwrap_err().to_string().contains("1000 deep"));
        assert!(decode(&[5, 5].repeat(n)).is_err());
    }
    // As many as fit in bytes fit in text, and the other way round.
    for (open, close) in [("{", "}"), ("(Left ", ")")] {
        let most = parse(&deep(open, close, DEPTH_MAX - 1)).unwrap();
        assert_eq!(decode(&encode(&most)).as_ref(), Ok(&most));
        assert_eq!(parse(&text(&most)).as_ref(), Ok(&most));
        assert!(parse(&deep(open, close, DEPTH_MAX)).is_err());
    }
    let long = "9".repeat(20_000);
    assert!(parse(&long).unwrap_err().to_string().contains("digits"));
}

#[test]
fn bytes_that_are_not_micheline_are_refused() {
    for bytes in [
        "",
        "00",
        "0080",
        "008000",
        "0b",
        "03",
        "03ff",
        "01000000",
        "010000000161ff",
        "0100000001",
        "0100000001ff",
        "01000000011b",
        "0a00000005",
        "0200000001",
        "07070001",
        "0907ffffffff",
        "046c0000000161",
        // `unit %;a`, which would print as something else.
        "046c00000003253b61",
    ] {
        let bytes = hex::decode(bytes).unwrap();
        assert!(decode(&bytes).is_err(), "{}", hex::encode(bytes));
    }
    assert_eq!(
        decode(&[0x01, 0, 0, 0, 9, 0x61]).unwrap_err().to_string(),
        "byte 5: expected 9 bytes, found 1"
    );
}

/// Bytes that look like Micheline now and then, from a generator that is the same each time.
#[test]
fn any_bytes_are_an_expression_or_an_error() {
    let mut seed = 1_u64;
    let mut next = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let mut expressions = 0;
    for _ in 0..200_000 {
        let len = next(24);
        let small = [0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x25, 0x61, 0x80, 0xff];
        let byte = |at: u64| small.get(usize::try_from(at).unwrap()).copied().unwrap();
        let bytes: Vec<u8> = (0..len).map(|_| byte(next(18))).collect();
        if let Ok(node) = decode(&bytes) {
            assert_eq!(parse(&text(&node)).as_ref(), Ok(&node), "{}", hex::encode(&bytes));
            assert_eq!(decode(&encode(&node)).as_ref(), Ok(&node), "{}", hex::encode(&bytes));
            expressions += 1;
        }
    }
    assert!(expressions > 1_000, "{expressions}");
}

#[test]
fn readable_shows_addresses() {
    let contract = format!("01{}00", "00".repeat(20));
    let node = parse(&format!("Pair 0x{contract} 0x{}", "00".repeat(22))).unwrap();
    assert_eq!(
        readable(&node),
        "Pair KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU"
    );
    assert_eq!(text(&node), format!("Pair 0x{contract} 0x{}", "00".repeat(22)));
}
