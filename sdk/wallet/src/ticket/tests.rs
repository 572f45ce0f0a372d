//! Names, contents and which ticket somebody means.

use encoding::Kt1Address;
use layer1::michelson;

use super::content::PACKED;
use super::*;
use crate::error::TicketError;

fn token(index: u32, ticketer: u8, content: TicketContent) -> Token {
    Token::new(TicketIndex(index), Ticket { ticketer: Kt1Address([ticketer; 20]), content })
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
        let token = Token::unindexed(ticket);
        assert_eq!(token.known_index(), None);
        let shown = format!("{} {:?}", token.label(), token.detail());
        assert!(!shown.contains('#') && !shown.contains("4294967295"), "{shown}");
    }
    assert_eq!(named(3, 1, "gold").known_index(), Some(TicketIndex(3)));
}

#[test]
fn a_name_means_one_ticket_or_none() {
    let tokens = [named(0, 1, "gold"), named(1, 2, "gold"), named(2, 2, "tin"), named(3, 3, "?")];
    let index = |held: &[u32], wanted: &str| {
        let held: Vec<TicketIndex> = held.iter().copied().map(TicketIndex).collect();
        find(&tokens, &held, wanted).map(|token| token.index.0)
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
    for wanted in ["silver", "#4", "#", "#x", "?", "", "Gold"] {
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
}
