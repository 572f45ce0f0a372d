//! Targets for what people give to the tools: files and texts. Each is read or refused in words that steer
//! no terminal; what is read can be written, and reads as the same again.

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;

use encoding::limits::OUTBOX_MESSAGE_BYTES;
use encoding::{Amount, Counter, Payout, RollupAddress, Ticket, TicketContent};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use keys::KeyFile;
use layer1::address::Address;
use layer1::michelson;
use layer1::outbox::OutboxMessage;
use receipt::Receipt;
use wallet::signature_collection::SignatureCollection;
use wallet::transaction::Signable;

use kit::{Person, ticket};

const US: RollupAddress = RollupAddress([1; 20]);

/// What an error comes to: its first words.
fn refused(error: &dyn Display) -> String {
    let text = error.to_string();
    assert!(!text.is_empty());
    text.chars().take_while(|c| !"\"`'0123456789".contains(*c)).take(40).collect()
}

/// The same of one that is shown to people as it is: it steers no terminal.
fn said(error: &dyn Display) -> String {
    let text = error.to_string();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    refused(error)
}

fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

const NO_TEXT: &str = "not UTF-8";

/// `layer1::michelson`: bytes.
pub fn micheline(data: &[u8]) -> String {
    // Longer ones come in no message, and may have more digits than texts are read of.
    if data.len() > OUTBOX_MESSAGE_BYTES {
        return "too long".to_owned();
    }
    match michelson::decode(data) {
        Err(error) => refused(&error),
        Ok(node) => {
            // Other bytes may mean the same, as `-0` does.
            assert_eq!(michelson::decode(&michelson::encode(&node)).as_ref(), Ok(&node));
            let text = michelson::text(&node);
            assert_eq!(michelson::parse(&text).as_ref(), Ok(&node), "{text}");
            said(&michelson::readable(&node));
            "read".to_owned()
        }
    }
}

/// `layer1::michelson`: text.
pub fn michelson(data: &[u8]) -> String {
    let Some(text) = text(data) else { return NO_TEXT.to_owned() };
    match michelson::parse(text) {
        Err(error) => refused(&error),
        Ok(node) => {
            assert_eq!(michelson::decode(&michelson::encode(&node)).as_ref(), Ok(&node));
            assert_eq!(michelson::parse(&michelson::text(&node)).as_ref(), Ok(&node));
            "read".to_owned()
        }
    }
}

/// `layer1::outbox`: what the kernel could have written, every tool can read.
pub fn calls(data: &[u8]) -> String {
    let ours = outbox::decode(data).ok();
    match layer1::outbox::decode(data) {
        OutboxMessage::Calls(calls) => {
            let same = ours.as_ref().is_none_or(|payouts| payouts.len() == calls.len());
            assert!(same, "{ours:?} {calls:?}");
            format!("{} calls, ours {}", calls.len().min(3), ours.is_some())
        }
        other => {
            // Layer 1 has no tickets with other texts than these, so none can be deposited.
            let is_text = |payout: &Payout| match &payout.ticket.content {
                TicketContent::String(text) => text.iter().all(|byte| matches!(byte, b' '..=b'~')),
                TicketContent::NatBytes(..) => true,
            };
            assert!(!ours.is_some_and(|payouts| payouts.iter().all(is_text)), "{other:?}");
            if other == OutboxMessage::Unknown { "unknown" } else { "whitelist" }.to_owned()
        }
    }
}

/// A transaction's file.
pub fn transaction(data: &[u8]) -> String {
    match Signable::from_json(data) {
        Err(error) => refused(&error),
        Ok(signable) => {
            let again = Signable::from_json(signable.to_json().as_bytes());
            assert_eq!(again.as_ref().ok(), Some(&signable), "{again:?}");
            format!("{} signatures missing", signable.missing().len())
        }
    }
}

/// A batch's file.
pub fn signature_collection(data: &[u8]) -> String {
    match SignatureCollection::from_json(data) {
        Err(error) => refused(&error),
        Ok(collection) => {
            let again = SignatureCollection::from_json(collection.to_json().as_bytes());
            assert_eq!(again.as_ref().ok(), Some(&collection), "{again:?}");
            format!("{} signatures missing", collection.missing().len())
        }
    }
}

/// A receipt, held against the commitment that it says itself.
pub fn receipt(data: &[u8]) -> String {
    match Receipt::from_json(data) {
        Err(error) => said(&error),
        Ok(receipt) => {
            let again = Receipt::from_json(receipt.to_json().as_bytes());
            assert_eq!(again.as_ref(), Ok(&receipt));
            match receipt.verify(&receipt.commitment.hash()) {
                Err(error) => said(&error),
                Ok(proven) => format!("applied {}", proven.is_applied()),
            }
        }
    }
}

/// A key file, as far as it can be looked at with no password.
pub fn keyfile(data: &[u8]) -> String {
    match KeyFile::parse(data) {
        Err(error) => refused(&error),
        Ok(file) => {
            let again = file.to_json().ok().and_then(|json| KeyFile::parse(json.as_bytes()).ok());
            assert_eq!(again, Some(file));
            "read".to_owned()
        }
    }
}

/// Keys and addresses as texts.
pub fn names(data: &[u8]) -> String {
    let Some(text) = text(data) else { return NO_TEXT.to_owned() };
    if let Ok(secret) = keys::read_secret(text) {
        assert_eq!(*keys::secret_text(&secret), text);
        return "secret".to_owned();
    }
    if let Ok(key) = keys::read_public_key(text) {
        assert_eq!(keys::public_key_text(&key), text);
        return "public key".to_owned();
    }
    match text.parse::<Address>() {
        Err(error) => refused(&error),
        Ok(address) => {
            assert_eq!(address.to_string(), text);
            format!("{:?}", address.kind)
        }
    }
}

/// An amount: the first byte says how many decimals its ticket has.
pub fn amount(data: &[u8]) -> String {
    let Some((decimals, text)) = data.split_first().map(|(first, rest)| (first % 20, text(rest)))
    else {
        return "nothing".to_owned();
    };
    let Some(text) = text else { return NO_TEXT.to_owned() };
    match wallet::amount::parse(text, decimals) {
        Err(error) => refused(&error),
        Ok(amount) => {
            let shown = wallet::amount::text(amount, decimals);
            assert_eq!(wallet::amount::parse(&shown, decimals), Ok(amount), "{shown}");
            "read".to_owned()
        }
    }
}

/// A scenario file: all that is wrong with it is said.
pub fn scenario(data: &[u8]) -> String {
    let Some(text) = text(data) else { return NO_TEXT.to_owned() };
    if let Ok((now, _)) = scenario::rewrite(text) {
        let again = scenario::rewrite(&now).map(|(again, changes)| (again, changes.len()));
        assert_eq!(again, Ok((now, 0)), "rewritten twice");
    }
    match scenario::parse(text) {
        Err(faults) => said(&faults),
        Ok(scenarios) => format!("{} scenarios", scenarios.len().min(3)),
    }
}

/// A file of inputs.
pub fn inputs(data: &[u8]) -> String {
    let rollup = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57".parse().unwrap();
    match toru::inputs::parse(data, &rollup) {
        Err(error) => said(&error),
        Ok(levels) => format!("{} levels", levels.len().min(3)),
    }
}

/// A setup file.
pub fn setup(data: &[u8]) -> String {
    let Some(text) = text(data) else { return NO_TEXT.to_owned() };
    match toru::setup::parse(text) {
        Err(error) => said(&error),
        Ok(sets) => format!("{} values", sets.len().min(3)),
    }
}

/// The files of a folder of this repository.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

fn gives(from: &Person, ticket: Ticket, to: &Person) -> Operation {
    let to = vec![(Name::Address(to.address()), Amount::new(5))];
    let moves = vec![Action::Transfers { ticket: TicketName::Full(ticket), to }];
    let signer = Name::Address(from.address());
    Operation { signer, counter: Counter::FIRST, memo: None, actions: moves }
}

/// A swap that nobody, one and both have signed.
fn swaps() -> [Signable; 3] {
    let (alice, bob) = (Person::new(1), Person::new(2));
    let operations = vec![gives(&alice, ticket("gold"), &bob), gives(&bob, ticket("lead"), &alice)];
    let offer = Signable::new(US, Transaction { expires: None, operations }).unwrap();
    let mut signed = offer.clone();
    signed.sign(alice.secret()).unwrap();
    let mut deal = signed.clone();
    deal.sign(bob.secret()).unwrap();
    [offer, signed, deal]
}

/// Good inputs of a target.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let json = |text: String| text.into_bytes();
    match name {
        "micheline" => {
            let gold = ticket("gold").to_micheline_of(&5.into());
            vec![gold, inbox::deposit::encode("tz4", &ticket("lead"), &(-70).into())]
        }
        "michelson" => texts(&[
            "Right (Right 0x00)",
            "{ Pair \"a\\n\" -5 ; Some %here :there (Left Unit) ; {} }",
            "Pair # a comment\n 1 /* and\n another */ 2",
        ]),
        "calls" => crate::decoders::seeds("outbox"),
        "transaction" => swaps().map(|swap| json(swap.to_json())).to_vec(),
        "collection" => swaps()
            .map(|swap| {
                let mut collection = SignatureCollection::new(US, None, vec![swap], &[]).unwrap();
                collection.sign(Person::new(2).secret()).unwrap();
                json(collection.to_json())
            })
            .to_vec(),
        "receipt" => {
            let (receipts, _) = kit::receipts::receipts();
            receipts.iter().map(|receipt| receipt.to_json().into_bytes()).collect()
        }
        // These are in its corpus: making one takes a second.
        "keyfile" => Vec::new(),
        "names" => texts(&[
            "BLsk1zTX9EmygrwmKNpvVwcEWq6M7KbTShvZTPyibFph8hTkiuMkhw",
            "tz4Br16zXvddzJGoByAAHBRu4wVNpFm7HSLi",
            "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57",
            &keys::public_key_text(&Person::new(1).secret().public_key()),
        ]),
        "amount" => texts(&["\u{6}1.5", "\u{0}18446744073709551615", "\u{12}0.000000000000000001"]),
        "scenario" => files("scenarios"),
        _ => files("toru/demo"),
    }
}
