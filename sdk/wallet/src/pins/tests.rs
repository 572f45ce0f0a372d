//! Files of pinned tickets: what is read, and what is refused with its entry.

use encoding::{Kt1Address, RollupAddress, Ticket, TicketContent};
use serde_json::{Value, json};

use super::*;

const ROLLUP: RollupAddress = RollupAddress([7; 20]);

fn pin(name: &str, ticketer: u8, text: &str) -> Pin {
    let content = TicketContent::String(text.as_bytes().to_vec());
    let ticket = Ticket { ticketer: Kt1Address([ticketer; 20]), content };
    Pin { name: name.to_owned(), ticket, decimals: 6, kind: PinKind::Fa, helper: None }
}

fn tez() -> Pin {
    let content = TicketContent::NatBytes(0.into(), None);
    let ticket = Ticket { ticketer: Kt1Address([1; 20]), content };
    let helper = Some(Kt1Address([2; 20]));
    Pin { name: "XTZ".to_owned(), ticket, decimals: 6, kind: PinKind::Tez, helper }
}

fn file(pins: &[Pin]) -> PinFile {
    let mut file = PinFile { rollup: Some(ROLLUP), pins: Pins::default() };
    for pin in pins {
        file.pins.add(pin.clone()).unwrap();
    }
    file
}

/// The file of two tickets as JSON, to be spoilt.
fn good() -> Value {
    serde_json::from_str(&file(&[tez(), pin("USDt", 3, "usdt")]).to_json()).unwrap()
}

fn refusal(value: &Value) -> String {
    PinFile::read(value.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let written = file(&[tez(), pin("USDt", 3, "usdt")]);
    assert_eq!(PinFile::read(written.to_json().as_bytes()), Ok(written));
    // It is what others write and read.
    assert_eq!(
        good()["tickets"][0],
        json!({
            "name": "XTZ", "ticketer": Kt1Address([1; 20]).to_string(), "content": "070700000306",
            "content_type": "pair nat (option bytes)", "decimals": 6, "kind": "tez",
            "helper": Kt1Address([2; 20]).to_string(),
        })
    );
    let nowhere = PinFile { rollup: None, pins: Pins::default() };
    assert_eq!(PinFile::read(nowhere.to_json().as_bytes()), Ok(nowhere));
}

#[test]
fn what_is_wrong_is_told_with_the_entry() {
    let kt1 = Kt1Address([3; 20]).to_string();
    let spoilt = kt1.replacen("KT1", "KT1a", 1)[..36].to_owned();
    for (field, value, said) in [
        ("name", json!("two words"), "ticket 2, \"two words\": invalid name"),
        ("name", json!(""), "ticket 2, \"\": invalid name"),
        ("name", json!("KT1x"), "invalid name"),
        ("name", json!("USD\u{0442}"), "invalid name"),
        ("name", json!(7), "ticket 2: invalid type"),
        ("name", json!("XTZ"), "the name \"XTZ\" is pinned already, to another ticket"),
        ("name", json!("xtz"), "the name \"xtz\" looks like \"XTZ\""),
        ("ticketer", json!(spoilt), "\"ticketer\": "),
        ("ticketer", json!("tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx"), "\"ticketer\": "),
        ("helper", json!("KT1"), "\"helper\": "),
        ("content", json!("0x01"), "invalid \"content\" (expected Micheline of the type string"),
        ("content", json!("070700000306"), "invalid \"content\""),
        ("content", json!("01000000047573647400"), "invalid \"content\""),
        ("content_type", json!("nat"), "invalid \"content_type\" \"nat\""),
        ("content_type", json!("pair nat (option bytes)"), "invalid \"content\""),
        ("decimals", json!(20), "20 decimals (19 are the most)"),
        ("decimals", json!(300), "300 decimals"),
        ("decimals", json!(-1), "ticket 2, \"USDt\": invalid value"),
        ("kind", json!("gold"), "invalid \"kind\" \"gold\""),
        ("colour", json!("red"), "unknown field `colour`"),
    ] {
        let mut file = good();
        file["tickets"][1][field] = value.clone();
        let refused = refusal(&file);
        assert!(
            refused.contains(said) && refused.contains("ticket 2"),
            "{field} {value}: {refused}"
        );
    }
    // The same content in other bytes: 0 as a number of two bytes.
    let mut file = good();
    file["tickets"][0]["content"] = json!("07070080000306");
    assert!(
        refusal(&file).contains("ticket 1, \"XTZ\": invalid \"content\""),
        "{}",
        refusal(&file)
    );
    let mut file = good();
    file["tickets"][1] = file["tickets"][0].clone();
    assert!(refusal(&file).contains("the name \"XTZ\" is pinned twice"), "{}", refusal(&file));
    file["tickets"][1]["name"] = json!("other");
    assert!(refusal(&file).contains("the ticket is pinned already, as \"XTZ\""));
    file["tickets"][1].as_object_mut().unwrap().remove("kind");
    assert!(refusal(&file).contains("missing field `kind`"), "{}", refusal(&file));
}

#[test]
fn a_file_is_of_one_version_and_one_rollup() {
    for (field, value, said) in [
        ("version", json!(2), "version 2 of a file of pinned tickets (this toru reads 1)"),
        ("version", json!("1"), "invalid file of pinned tickets"),
        ("rollup", json!("sr1x"), "\"rollup\": \"sr1x\""),
        ("rollup", json!(Kt1Address([1; 20]).to_string()), "\"rollup\": "),
        ("tickets", json!({}), "invalid file of pinned tickets"),
        ("more", json!(1), "unknown field `more`"),
    ] {
        let mut file = good();
        file[field] = value;
        assert!(refusal(&file).contains(said), "{field}: {}", refusal(&file));
    }
    // What a later version has is not looked at.
    let later = json!({"version": 2, "names": {}});
    assert!(refusal(&later).contains("version 2"), "{}", refusal(&later));
    let file = file(&[tez()]);
    assert_eq!(file.check(&ROLLUP), Ok(()));
    let other = file.check(&RollupAddress([8; 20])).unwrap_err().to_string();
    assert!(other.contains(&format!("pinned for {ROLLUP}")), "{other}");
}

#[test]
fn a_name_means_its_ticket_alone_and_those_that_look_like_it_are_known() {
    let mut pins = file(&[tez(), pin("O1l", 3, "x")]).pins;
    assert_eq!(pins.find("XTZ"), Some(&tez()));
    assert_eq!(pins.find("xtz"), None);
    for name in ["xtz", "XTz", "XTZ"] {
        assert_eq!(pins.find_alike(name).map(|pin| pin.name.as_str()), Some("XTZ"), "{name}");
    }
    for name in ["0Il", "oll", "O11"] {
        assert_eq!(pins.find_alike(name).map(|pin| pin.name.as_str()), Some("O1l"), "{name}");
    }
    for name in ["XT", "XTZ.", "XTZ+", "X-TZ", "", "0"] {
        assert_eq!(pins.find_alike(name), None, "{name}");
    }
    assert_eq!(pins.of(&tez().ticket), Some(&tez()));
    assert!(pins.has_ticketer(&Kt1Address([3; 20])) && !pins.has_ticketer(&Kt1Address([4; 20])));

    // What is here counts before what comes after it.
    let mut others = Pins::default();
    for other in [pin("xtz", 9, "x"), pin("USDt", 9, "y"), Pin { name: "tez".to_owned(), ..tez() }]
    {
        others.add(other).unwrap();
    }
    pins.join(&others);
    let names: Vec<&str> = pins.entries().iter().map(|pin| pin.name.as_str()).collect();
    assert_eq!(names, ["XTZ", "O1l", "USDt"]);
    assert_eq!(pins.remove("XTZ"), Some(tez()));
    assert_eq!(pins.remove("XTZ"), None);
}

#[test]
fn there_are_only_so_many() {
    let mut pins = Pins::default();
    for number in 0..crate::limits::MAX_PINS {
        // Digits that do not look like one another.
        let name: String =
            number.to_string().chars().map(|c| char::from(c as u8 - b'0' + b'p')).collect();
        pins.add(pin(&name, 1, &name)).unwrap();
    }
    assert_eq!(pins.add(pin("more", 1, "more")), Err(PinProblem::TooMany));
}

#[test]
fn each_rollup_has_a_file_that_is_changed_as_a_whole() {
    let folder = std::env::temp_dir().join(format!("toru-pins-{}", std::process::id()));
    let store = PinStore::new(&folder, &ROLLUP);
    assert_eq!(store.load().unwrap(), Pins::default());
    let add = |pin: Pin| {
        store.change(|pins| {
            pins.add(pin).map_err(|problem| PinsError::File {
                path: "test".into(),
                problem: PinFileProblem::Entry { number: 1, name: None, problem },
            })
        })
    };
    add(tez()).unwrap();
    add(pin("USDt", 3, "usdt")).unwrap();
    // What is refused changes nothing.
    add(pin("USDt", 4, "usdt")).unwrap_err();
    assert_eq!(store.load().unwrap(), file(&[tez(), pin("USDt", 3, "usdt")]).pins);
    let other = PinStore::new(&folder, &RollupAddress([8; 20]));
    assert_eq!(other.load().unwrap(), Pins::default());

    // A file that was copied from another rollup pins nothing, and says why.
    std::fs::copy(store.path(), other.path()).unwrap();
    let refused = other.load().unwrap_err().to_string();
    assert!(refused.starts_with(&other.path().display().to_string()), "{refused}");
    assert!(refused.contains(&format!("pinned for {ROLLUP}, not for")), "{refused}");
    std::fs::write(other.path(), PinFile::default().to_json()).unwrap();
    let refused = other.load().unwrap_err().to_string();
    assert!(refused.contains("toru ticket import reads such a file"), "{refused}");
    std::fs::write(store.path(), "{").unwrap();
    add(tez()).unwrap_err();
    assert_eq!(std::fs::read(store.path()).unwrap(), b"{");
    std::fs::remove_dir_all(&folder).unwrap();
}
