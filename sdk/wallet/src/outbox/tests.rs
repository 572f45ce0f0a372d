//! Outbox messages and lists in all their shapes.

use serde_json::json;

use super::*;
use encoding::{Hash32, Ticket, TicketContent, TicketIndex};
use outbox::ResultsRoot;

fn payout(amount: u64, entrypoint: &str) -> Payout {
    Payout {
        destination: Kt1Address([4; 20]),
        entrypoint: Entrypoint::new(entrypoint.as_bytes()).unwrap(),
        ticket: Ticket {
            ticketer: Kt1Address([9; 20]),
            content: TicketContent::NatBytes(3.into(), Some(vec![1, 2])),
        },
        amount: Amount::new(amount),
        receiver: None,
    }
}

fn told(payouts: &[Payout]) -> OutboxMessage {
    let mut message = Message::new();
    payouts.iter().for_each(|payout| message.push(payout).unwrap());
    let message = outbox_message(&message.encode()).unwrap();
    OutboxMessage { id: OutboxMessageId { level: Level(1), index: 0 }, message }
}

#[test]
fn a_message_pays_what_it_calls_and_nothing_else() {
    let mut one = told(&[payout(5, "burn")]);
    assert!(one.pays(&payout(5, "burn")));
    for other in [payout(6, "burn"), payout(5, "mint"), payout(5, "")] {
        assert!(!one.pays(&other));
    }
    assert!(!told(&[payout(5, "burn"), payout(5, "burn")]).pays(&payout(5, "burn")));
    assert!(!told(&[]).pays(&payout(5, "burn")));
    // The same Micheline, as others write it.
    one.message["transactions"][0]["parameters"] = json!({"prim": "Pair", "annots": [], "args": [
        {"bytes": hex::encode(Kt1Address([9; 20]).to_contract_22())},
        {"prim": "Pair", "args": [{"int": "3"}, {"prim": "Some", "args": [{"bytes": "0102"}]}]},
        {"int": "5"},
    ]});
    assert!(one.pays(&payout(5, "burn")));
    assert!(told(&[payout(5, "")]).pays(&payout(5, "default")));
    for message in [Value::Null, json!({"kind": "whitelist_update"}), json!({"transactions": [7]})]
    {
        one.message = message;
        assert!(!one.pays(&payout(5, "burn")));
    }
}

#[test]
fn a_call_is_shown_with_the_ticket_it_hands_over() {
    let message = told(&[payout(5, "burn"), payout(7, "")]);
    let token = Token::new(TicketIndex(0), payout(1, "").ticket, &crate::pins::Pins::default());
    let shown = message.shown(std::slice::from_ref(&token));
    assert_eq!(shown[0].destination, Some(Kt1Address([4; 20])));
    assert_eq!(shown[0].pays, Some((token.clone(), Amount::new(5))));
    assert_eq!(shown[1].entrypoint, Entrypoint::new(b""));
    assert_eq!(shown[1].pays, Some((token, Amount::new(7))));
    assert_eq!(message.shown(&[])[0].pays, None);
    let odd = json!({"transactions": [{"destination": "\u{1b}[2J", "entrypoint": "a b",
                                       "parameters": {"int": "1"}}]});
    let odd = OutboxMessage { message: odd, ..message };
    assert_eq!(
        odd.shown(&[]),
        [ShownCall { destination: None, entrypoint: None, receiver: None, pays: None }]
    );
}

#[test]
fn what_is_left_is_read_in_every_shape_or_not_at_all() {
    let at = |level, index| OutboxMessageId { level: Level(level), index };
    let all = json!([
        {"outbox_level": 3, "messages": [{"message_index": 0, "message": {"outbox_level": 9}},
                                        {"message_index": "2"}], "status": "executable"},
        {"outbox_level": "4", "messages": [{"message_index": 1}], "status": "lost"},
        {"outbox_level": 5, "messages": []},
    ]);
    let listing = Listing::of(&[all]);
    assert_eq!(listing.says(at(3, 0)), Listed::Open);
    assert_eq!(listing.says(at(3, 2)), Listed::Open);
    assert_eq!(listing.says(at(4, 1)), Listed::Lost);
    for gone in [at(3, 1), at(9, 0), at(5, 0)] {
        assert_eq!(listing.says(gone), Listed::Gone(None));
    }
    assert_eq!(listing.levels(), [Level(3), Level(4)]);
    assert_eq!(Listing::of(&[json!([])]).says(at(1, 1)), Listed::Gone(None));
    for odd in [json!({}), json!([7]), json!([{"level": 3, "messages": [{"message_index": 0}]}])] {
        assert_eq!(Listing::of(&[odd]).says(at(3, 0)), Listed::Unknown);
    }
}

#[test]
fn a_root_of_results_takes_no_ticket_with_it() {
    let root = ResultsRoot {
        window: 3,
        first: Level(7),
        last: Level(9),
        leaves: 5,
        root: Hash32([1; 32]),
    };
    let of = |bytes: &[u8]| OutboxMessage {
        id: OutboxMessageId { level: Level(9), index: 0 },
        message: outbox_message(bytes).unwrap(),
    };
    let told = of(&root.encode());
    assert!(told.is_results_root());
    assert_eq!(told.tickets(), Some(Vec::new()));
    let empty = of(&Message::new().encode());
    assert!(!empty.is_results_root());
}
