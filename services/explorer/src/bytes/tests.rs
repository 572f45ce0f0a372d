//! Every byte of every kind of message belongs to one field, also of one that is cut off.

use encoding::{
    AccountIndex, Amount, Counter, Entrypoint, Kt1Address, Layer1Address, Level, RollupAddress,
    Source, Ticket, TicketContent, TicketIndex, Tz4Address,
};
use inbox::envelope::framed_v2;
use inbox::v2::{
    Action, Batch, IndividuallySigned, Memo, Name, Operation, Registration, TicketName,
    Transaction, Transfer, TransferGroup,
};

use super::*;

const ROLLUP: RollupAddress = RollupAddress([9; 20]);

fn everything() -> Batch {
    let ticket =
        Ticket { ticketer: Kt1Address([3; 20]), content: TicketContent::String(b"gold".to_vec()) };
    let row = |signer: u32, to| Transfer {
        signer: AccountIndex(signer),
        counter: Counter::new(300),
        to,
        amount: Amount::new(12_500_000),
    };
    let operation = |memo, actions| Operation {
        signer: Name::Address(Tz4Address([4; 20])),
        counter: Counter::new(7),
        memo,
        actions,
    };
    let to = vec![
        (Name::Registration(0), Amount::new(2_048)),
        (Name::Index(AccountIndex(5)), Amount::new(1)),
    ];
    let withdraw = |receiver| Action::Withdraw {
        ticket: TicketName::Index(TicketIndex(2)),
        to: Kt1Address([5; 20]),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver,
        amount: Amount::new(3),
    };
    let pays = Layer1Address::Implicit(Source { curve: 0, hash: [6; 20] });
    let all = Action::Transfers { ticket: TicketName::Full(ticket), to };
    Batch {
        expires: Some(Level(1_000)),
        registrations: vec![Registration { key: [1; 48], proof: [2; 96] }],
        transfer_groups: vec![TransferGroup {
            expires: Some(Level(900)),
            ticket: TicketName::Index(TicketIndex(0)),
            transfers: vec![
                row(3, Name::Index(AccountIndex(8))),
                row(4, Name::Index(AccountIndex(300))),
            ],
        }],
        transactions: vec![Transaction {
            expires: None,
            operations: vec![
                operation(Some(Memo::Bytes(b"rent\x1b".to_vec())), vec![all, withdraw(Some(pays))]),
                operation(Some(Memo::Hash(encoding::Hash32([7; 32]))), vec![withdraw(None)]),
            ],
        }],
        individually_signed: IndividuallySigned::Some(vec![2]),
        signature: Some([8; 96]),
    }
}

/// Fails unless the fields are the message, byte after byte.
fn are_all_of(fields: &[Field], message: &[u8]) {
    let end = fields.iter().fold(0, |at, field| {
        assert_eq!(field.at, at, "{field:?}");
        assert!(field.length > 0, "{field:?}");
        at + field.length
    });
    assert_eq!(end, message.len());
}

#[test]
fn a_batch_with_everything_in_it() {
    let mut message = framed_v2(&ROLLUP, &everything().encode());
    message.extend([0; 5]);
    let fields = fields(&message, &ROLLUP);
    are_all_of(&fields, &message);
    let says = |name: &str| -> Vec<&str> {
        fields.iter().filter(|field| field.name == name).map(|field| field.says.as_str()).collect()
    };
    assert_eq!(says("the rest"), Vec::<&str>::new());
    assert_eq!(says("padding").len(), 1);
    assert_eq!(says("expiry of the batch"), ["level 1000"]);
    assert_eq!(says("expiry of the group"), ["a level follows", "level 900"]);
    assert_eq!(says("counter"), ["300", "300", "7", "7"]);
    assert_eq!(says("memo")[0], "rent\\u{1b}");
    assert_eq!(says("entrypoint"), ["burn", "burn"]);
    assert_eq!(says("amount")[0], "12,500,000 of the smallest units");
    assert_eq!(says("signer")[1], "account 4: 0 beyond the one before");
    assert_eq!(says("content"), ["string \"gold\""]);
    assert_eq!(says("individual signings").len(), 1);
    // Three transactions, each with fields of its own.
    for number in 0..3 {
        assert!(fields.iter().any(|field| field.transaction == Some(number)));
    }
}

#[test]
fn what_is_cut_off_anywhere_is_told_as_far_as_it_goes() {
    let whole = framed_v2(&ROLLUP, &everything().encode());
    for length in 0..whole.len() {
        let message = &whole[..length];
        are_all_of(&fields(message, &ROLLUP), message);
    }
    for wrong in 0..whole.len() {
        let mut message = whole.clone();
        message[wrong] ^= 0xff;
        are_all_of(&fields(&message, &ROLLUP), &message);
    }
}

#[test]
fn every_kind_of_message() {
    let frame = |version: u8, rest: &[u8]| [&[1, 0][..], &ROLLUP.0, &[version], rest].concat();
    let tail = [vec![1; 20], vec![3], vec![2; 20], ROLLUP.0.to_vec()].concat();
    for (message, expected) in [
        (frame(0, &[1, 2, 3]), "batch"),
        (frame(1, &[0; 40]), "request"),
        (frame(3, &[0; 40]), "page"),
        (frame(9, &[]), "version"),
        (frame(9, &[1]), "the rest"),
        ([vec![0, 0, 0, 5], tail].concat(), "payload"),
        (vec![0, 1], "the rest"),
        (vec![7], "the rest"),
    ] {
        let fields = fields(&message, &ROLLUP);
        are_all_of(&fields, &message);
        assert!(fields.iter().any(|field| field.name == expected), "{expected}: {fields:?}");
    }
}
