//! Names, contents and which ticket somebody means.

use encoding::Kt1Address;
use layer1::michelson;

use super::content::PACKED;
use super::*;
use crate::error::TicketError;
use crate::pins::{Pin, PinKind};

fn token(index: u32, ticketer: u8, content: TicketContent) -> Token {
    Token::new(
        TicketIndex(index),
        Ticket { ticketer: Kt1Address([ticketer; 20]), content },
        &Pins::default(),
    )
}

fn named(index: u32, ticketer: u8, name: &str) -> Token {
    token(index, ticketer, TicketContent::String(name.as_bytes().to_vec()))
}

fn with_bytes(data: Vec<u8>) -> Token {
    token(0, 1, TicketContent::NatBytes(0.into(), Some(data)))
}

#[test]
fn contents_say_what_they_are_of() {
    let hex_of = |text: &str| format!("0x{}", hex::encode(text));
    let map = format!(
        "{{ Elt \"decimals\" {} ; Elt \"name\" {} ; Elt \"symbol\" {} }}",
        hex_of("6"),
        hex_of("Tether USD"),
        hex_of("USDt")
    );
    let packed = [vec![PACKED], michelson::encode(&michelson::parse(&map).unwrap())].concat();
    for data in [packed, br#"{"symbol":"USDt","name":"Tether USD","decimals":6}"#.to_vec()] {
        let found = with_bytes(data);
        assert_eq!(found.symbol.as_deref(), Some("USDt"));
        assert_eq!(found.name.as_deref(), Some("Tether USD"));
        assert_eq!(found.decimals, 6);
        assert_eq!(found.amount(Amount::new(12_500_000)), "12.5 USDt");
    }
    assert_eq!(named(3, 1, "gold").label(), "gold");
    for odd in ["", "two words", "\u{1b}[2J", "KT1x", "#5", "a/b", &"x".repeat(33)] {
        assert_eq!(named(3, 1, odd).label(), "#3", "{odd:?}");
    }
    for data in [&b""[..], &[PACKED], b"{", b"[1]", br#"{"decimals": 200, "symbol": 7.5e3}"#] {
        assert_eq!(with_bytes(data.to_vec()).decimals, 0);
    }
}

#[test]
fn what_reads_alike_is_told_apart() {
    let facts = br#"{"symbol":"gold"}"#;
    let with = |id: u8| TicketContent::NatBytes(id.into(), Some(facts.to_vec()));
    let all = [token(0, 1, with(0)), token(1, 1, with(1)), named(2, 1, "gold")];
    assert!(all.iter().all(|token| token.label() == "gold"));
    let details: Vec<Option<String>> = all.iter().map(Token::detail).collect();
    assert_eq!(details[0].as_deref(), Some("id 0, bytes 0x7b2273796d626f6c223a22676f6c64227d"));
    assert!(details[0] != details[1] && details[2].is_none(), "{details:?}");
    let called: Vec<String> = all.iter().map(|token| token.among(&all)).collect();
    assert_eq!(called, ["gold #0", "gold #1", "gold #2"]);
    assert_eq!(all[1].among(&all[1..2]), "gold");
    let long = token(0, 1, TicketContent::NatBytes(0.into(), Some(vec![7; 33]))).detail();
    assert!(long.is_some_and(|text| text.starts_with("id 0, bytes with blake2b ")));
    assert_eq!(named(0, 1, "\u{202e}x").detail().as_deref(), Some("string 0xe280ae78"));
}

#[test]
fn a_place_that_is_not_known_is_never_shown() {
    for content in [
        TicketContent::String(b"gold".to_vec()),
        TicketContent::String(b"two words".to_vec()),
        TicketContent::NatBytes(7.into(), None),
    ] {
        let ticket = Ticket { ticketer: Kt1Address([1; 20]), content };
        let token = Token::unindexed(ticket, &Pins::default());
        assert_eq!(token.known_index(), None);
        let shown = format!("{} {:?}", token.label(), token.detail());
        assert!(!shown.contains('#') && !shown.contains("4294967295"), "{shown}");
    }
    assert_eq!(named(3, 1, "gold").known_index(), Some(TicketIndex(3)));
}

/// The pins of one ticket.
fn pinned(name: &str, ticket: &Ticket, decimals: u8) -> Pins {
    let mut pins = Pins::default();
    let (name, ticket) = (name.to_owned(), ticket.clone());
    pins.add(Pin { name, ticket, decimals, kind: PinKind::Other, helper: None }).unwrap();
    pins
}

#[test]
fn a_name_means_one_ticket_or_none() {
    let tokens = [named(0, 1, "gold"), named(1, 2, "gold"), named(2, 2, "tin"), named(3, 3, "?")];
    let pins = Pins::default();
    let index = |held: &[u32], wanted: &str| {
        let held: Vec<TicketIndex> = held.iter().copied().map(TicketIndex).collect();
        let Candidates::Fitting(fitting) = candidates(&tokens, &pins, wanted)? else { panic!() };
        choose(&fitting, &held, wanted).map(|token| token.index.0)
    };
    assert_eq!(index(&[], "tin").unwrap(), 2);
    assert_eq!(index(&[1, 2], "gold").unwrap(), 1);
    assert_eq!(index(&[], "#3").unwrap(), 3);
    assert_eq!(index(&[], &format!("{}/gold", Kt1Address([1; 20]))).unwrap(), 0);
    assert_eq!(index(&[], &Kt1Address([1; 20]).to_string()).unwrap(), 0);
    for held in [&[][..], &[0, 1]] {
        let several = index(held, "gold");
        assert!(matches!(several, Err(TicketError::Several { indexes, .. }) if indexes.len() == 2));
    }
    let two = index(&[], &Kt1Address([2; 20]).to_string());
    assert!(matches!(two, Err(TicketError::Several { .. })));
    for wanted in ["silver", "#4", "#", "#x", "#4294967295", "?", "", "Gold"] {
        assert!(matches!(index(&[], wanted), Err(TicketError::Unknown(_))), "{wanted}");
    }
    let good = Kt1Address([1; 20]).to_string();
    let bad = good.replacen("KT1", "KT1a", 1);
    for wanted in ["KT1/gold", "x/gold", &bad[..36], &format!("{}/gold", &bad[..36])] {
        let found = index(&[], wanted);
        assert!(matches!(found, Err(TicketError::Ticketer { .. })), "{wanted}: {found:?}");
    }
    let said = index(&[], &bad[..36]).unwrap_err().to_string();
    assert!(said.contains("wrong checksum"), "{said}");
    // Of several that nothing settles, the one that was used before is meant.
    let narrowed = |used: &[&Token]| {
        let used = used.iter().map(|token| token.ticket.clone()).collect();
        narrow(index(&[], "gold").unwrap_err(), &tokens, &used).map(|token| token.index.0)
    };
    assert_eq!(narrowed(&[&tokens[1], &tokens[2]]), Ok(1));
    for used in [&[][..], &[&tokens[2]], &[&tokens[0], &tokens[1]]] {
        assert!(matches!(narrowed(used), Err(TicketError::Several { .. })));
    }
}

#[test]
fn a_pinned_name_means_its_ticket_and_what_looks_like_it_nothing() {
    let real = named(4, 9, "tin").ticket;
    let pins = pinned("USDt", &real, 6);
    let token = |index: u32, ticketer: u8, name: &str| {
        Token::new(TicketIndex(index), named(index, ticketer, name).ticket, &pins)
    };
    let tokens = [token(0, 1, "USDt"), token(1, 1, "usdt"), token(2, 1, "tin"), token(4, 9, "tin")];
    // Nobody holds it, others hold theirs: it is all the same.
    let found = |wanted: &str| candidates(&tokens, &pins, wanted);
    assert_eq!(found("USDt"), Ok(Candidates::Pinned(&pins.entries()[0])));
    for wanted in ["usdt", "USDT", "usDt"] {
        let said = found(wanted).unwrap_err().to_string();
        assert_eq!(said, format!("no ticket is pinned as \"{wanted}\": \"USDt\" is"));
    }
    // What its ticketer calls it is still a name of others as well, and index and ticketer mean one ticket.
    assert_eq!(found("tin"), Ok(Candidates::Fitting(vec![&tokens[2], &tokens[3]])));
    let theirs = format!("{}/USDt", Kt1Address([1; 20]));
    for (wanted, expected) in [("#0", 0), (&*theirs, 0), ("#1", 1)] {
        assert_eq!(found(wanted), Ok(Candidates::Fitting(vec![&tokens[expected]])), "{wanted}");
    }
    for wanted in ["USDt", "tin"] {
        let ours = format!("{}/{wanted}", Kt1Address([9; 20]));
        assert_eq!(found(&ours), Ok(Candidates::Fitting(vec![&tokens[3]])), "{wanted}");
    }
}

#[test]
fn a_ticket_that_claims_a_pinned_name_is_never_called_that() {
    let real = named(4, 9, "USDt").ticket;
    let pins = pinned("USDt", &real, 6);
    let facts = br#"{"symbol":"usdT","decimals":"2"}"#;
    let pair = TicketContent::NatBytes(0.into(), Some(facts.to_vec()));
    let all = [
        Token::new(TicketIndex(4), real, &pins),
        Token::new(TicketIndex(7), named(7, 1, "USDt").ticket, &pins),
        Token::new(TicketIndex(8), token(8, 1, pair).ticket, &pins),
        Token::unindexed(named(0, 2, "USDt").ticket, &pins),
    ];
    let of = Kt1Address([2; 20]);
    let shown = all.iter().map(|token| (token.word(), token.label(), token.among(&all)));
    let expected = [
        ("USDt".to_owned(), "USDt".to_owned(), "USDt".to_owned()),
        (
            "#7".to_owned(),
            "\"USDt\", not the pinned USDt".to_owned(),
            "\"USDt\" #7, not the pinned USDt".to_owned(),
        ),
        (
            "#8".to_owned(),
            "\"usdT\", not the pinned USDt".to_owned(),
            "\"usdT\" #8, not the pinned USDt".to_owned(),
        ),
        (
            format!("{of}/string \"USDt\""),
            "\"USDt\", not the pinned USDt".to_owned(),
            format!("\"USDt\" of {of}, not the pinned USDt"),
        ),
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    // Decimals are those of the pin; what the content says is known beside them.
    assert_eq!((all[0].decimals, all[0].claimed_decimals), (6, None));
    assert_eq!((all[2].decimals, all[2].claimed_decimals), (2, Some(2)));
    assert_eq!(all[0].amount(Amount::new(1_500_000)), "1.5 USDt");
    let pins = pinned("coin", &all[2].ticket, 3);
    let token = Token::new(TicketIndex(8), all[2].ticket.clone(), &pins);
    assert_eq!((token.decimals, token.claimed_decimals), (3, Some(2)));
    assert_eq!((token.label(), token.word()), ("coin".to_owned(), "coin".to_owned()));
    assert!(token.detail().is_some_and(|detail| detail.starts_with("id 0, bytes 0x")));
}
