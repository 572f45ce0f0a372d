//! What contracts do: deposits through the helper, withdrawals that pay, and what each refuses.

use layer1::michelson::{parse, text};
use mockup::{
    CallStatus, Code, Content, Mockup, Operation, Refusal, call_back, script, storage, terms, view,
};
use num_bigint::BigUint;

use crate::common::*;

fn big(number: u32) -> BigUint {
    number.into()
}

/// What a contract's code fails with.
fn failure(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Code { with, .. } => with,
        Refusal::OfMessage { refusal, .. } => failure(refusal),
        other => panic!("{other}"),
    }
}

fn manager(contents: Vec<Content>) -> Operation {
    Operation::Manager(contents)
}

#[test]
fn tez_go_to_the_rollup_and_come_back_to_who_is_named() {
    let mut mockup = Mockup::new(genesis());
    let outcome = done(&mut mockup, deposit_xtz(alice(), 700));
    // The rollup gets what the kernel takes: Right (Left (Pair receiver ticket)), from the helper.
    let [sent] = outcome.messages.as_slice() else { panic!("{outcome:?}") };
    assert_eq!((sent.sender, sent.source), (HELPER, alice()));
    let payload = layer1::michelson::decode(&sent.payload).unwrap();
    let ticketer = hex::encode(kt(&XTZ).to_contract_bytes().unwrap());
    assert_eq!(
        text(&payload),
        format!("Right (Left (Pair \"{RECEIVER}\" (Pair 0x{ticketer} (Pair (Pair 0 None) 700))))")
    );
    let state = mockup.state();
    let xtz = ticket(state, &XTZ);
    assert_eq!((state.mutez(&alice()), state.mutez(&kt(&XTZ))), (MUTEZ - 700, 700));
    assert_eq!((state.supply(&xtz), state.tickets(&xtz, &rollup())), (big(700), big(700)));
    assert_eq!(
        view(state, &XTZ, "get_total_supply", &parse("Unit").unwrap()),
        Ok(parse("700").unwrap())
    );
    assert_eq!(storage(state, &XTZ).map(|node| text(&node)).as_deref(), Some("700"));
    // Who sees it: alice, the ticketer and the rollup have other balances than before.
    assert_eq!(outcome.changes.len(), 3, "{:?}", outcome.changes);

    let out = message(&XTZ, "burn", &paying(&xtz, bob(), 300));
    mockup.apply(9, execution(0, out.clone())).unwrap();
    let state = mockup.state();
    assert_eq!((state.mutez(&bob()), state.mutez(&kt(&XTZ))), (MUTEZ + 300, 400));
    assert_eq!((state.supply(&xtz), state.tickets(&xtz, &rollup())), (big(400), big(400)));
    assert_eq!(state.executed(3, 0), Some(9));
    assert_eq!(refused(&mut mockup, execution(0, out)), Refusal::Executed(9));
    // More than the rollup has, whoever asks.
    let refusal =
        refused(&mut mockup, execution(1, message(&XTZ, "burn", &paying(&xtz, bob(), 401))));
    assert_eq!(
        refusal.to_string(),
        format!(
            "call 1 of 1, of {}%burn: {} has 400 of the ticket Pair 0 None, and 401 are asked for",
            kt(&XTZ),
            rollup()
        )
    );
}

#[test]
fn tokens_of_both_standards_go_to_the_rollup_and_come_back() {
    for (ticketer, token) in [(USDT_TICKETER, USDT), (TZBTC_TICKETER, TZBTC)] {
        let mut mockup = Mockup::new(genesis());
        let outcome = done(&mut mockup, deposit_fa(alice(), &ticketer, 40));
        assert_eq!(outcome.messages.len(), 1);
        let state = mockup.state();
        let made = ticket(state, &ticketer);
        let tokens = |state: &mockup::State, of| state.tokens(&token, &BigUint::ZERO, &of);
        assert_eq!(tokens(state, alice()), big(TOKENS - 40));
        assert_eq!((tokens(state, kt(&ticketer)), tokens(state, kt(&HELPER))), (big(40), big(0)));
        assert_eq!((state.locked(&made), state.supply(&made)), (Some(big(40)), big(40)));
        // The helper has nothing, may do nothing and waits for nothing.
        assert!(matches!(state.contract(&HELPER).unwrap().code, Code::DepositHelper(None)));
        match &state.contract(&token).unwrap().code {
            Code::Fa2(fa2) => assert_eq!(fa2.operators.len(), 1, "{:?}", fa2.operators),
            Code::Fa12(fa12) => assert!(fa12.allowances.is_empty(), "{:?}", fa12.allowances),
            other => panic!("{other:?}"),
        }
        let out = message(&ticketer, "withdraw", &paying(&made, bob(), 15));
        mockup.apply(9, execution(0, out)).unwrap();
        let state = mockup.state();
        assert_eq!((tokens(state, bob()), state.supply(&made)), (big(TOKENS + 15), big(25)));
        assert_eq!(state.locked(&made), Some(big(25)));
        // Content of another ticketer's ticket is not taken for the own one.
        let of_tez = ticket(state, &XTZ);
        let mut mockup = mockup.clone();
        done(&mut mockup, deposit_xtz(alice(), 5));
        let wrong = message(&ticketer, "withdraw", &paying(&of_tez, bob(), 5));
        let refusal = refused(&mut mockup, execution(1, wrong));
        assert_eq!(failure(&refusal), "TICKET_OF_ANOTHER_TICKETER");
    }
}

#[test]
fn what_the_helper_refuses() {
    let mut mockup = Mockup::new(genesis());
    let helper = kt(&HELPER);
    let value = |ticketer: [u8; 20], rollup: String| {
        format!("Pair \"{}\" (Pair \"{rollup}\" \"{RECEIVER}\")", kt(&ticketer))
    };
    let other_rollup = rollup().to_string();
    let xtz = |mutez, value: String| vec![call(alice(), helper, mutez, "deposit_xtz", &value)];
    for (contents, expected) in [
        (deposit_xtz(alice(), 0), "NOTHING_TO_DEPOSIT"),
        (xtz(5, value(USDT_TICKETER, other_rollup)), "NOT_A_TICKETER_OF_TEZ"),
        (xtz(5, value(XTZ, kt(&VAULT).to_string())), "ROLLUP_OF_ANOTHER_TYPE"),
        (
            xtz(5, value(XTZ, "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57".to_owned())),
            "ROLLUP_OF_ANOTHER_TYPE",
        ),
        (deposit_fa(alice(), &XTZ, 5), "NOT_A_TICKETER_OF_TOKENS"),
        (deposit_fa(alice(), &TZBTC_TICKETER, 0), "NOTHING_TO_DEPOSIT"),
        (deposit_fa(alice(), &TZBTC_TICKETER, TOKENS + 1), "NotEnoughBalance"),
        (deposit_fa(alice(), &USDT_TICKETER, TOKENS + 1), "FA2_INSUFFICIENT_BALANCE"),
        (deposit_fa(alice(), &TZBTC_TICKETER, 5).split_off(1), "NotEnoughAllowance"),
        (deposit_fa(alice(), &USDT_TICKETER, 5).split_off(1), "FA2_NOT_OPERATOR"),
        (vec![call(alice(), helper, 0, "finish", "Unit")], "SENDER_IS_NOT_THE_HELPER"),
        (vec![call(alice(), helper, 0, "fa12_balance", "5")], "NO_DEPOSIT_IS_ON_ITS_WAY"),
    ] {
        assert_eq!(failure(&refused(&mut mockup, manager(contents))), expected);
    }
    // A ticket that nobody asked for is not kept: the ticketer's mint fails with it.
    let mint = call(alice(), kt(&XTZ), 5, "mint", &format!("\"{helper}\""));
    let refusal = refused(&mut mockup, manager(vec![mint]));
    assert_eq!(failure(&refusal), "NO_DEPOSIT_IS_ON_ITS_WAY");
    // A ticketer that is none by its code takes the tez and sends nothing: the operation fails.
    let mut state = genesis();
    state.set_contract([9; 20], typed("parameter (address %mint)"));
    let mut mockup = Mockup::new(state);
    let contents = xtz(5, value([9; 20], rollup().to_string()));
    assert_eq!(failure(&refused(&mut mockup, manager(contents))), "NO_TICKET_CAME");
}

#[test]
fn what_ticketers_and_tokens_refuse() {
    let mut mockup = Mockup::new(genesis());
    done(&mut mockup, deposit_xtz(alice(), 50));
    let to = |hash, at, mutez, value: &str| vec![call(alice(), kt(hash), mutez, at, value)];
    let address = |of: String| format!("\"{of}\"");
    for (contents, expected) in [
        (to(&XTZ, "mint", 0, &address(alice().to_string())), "NOTHING_TO_MINT"),
        (to(&XTZ, "mint", 5, &address(kt(&DEMO).to_string())), "RECEIVER_TAKES_NO_TICKET"),
        (to(&USDT_TICKETER, "deposit", 5, "1"), "TEZ_NOT_TAKEN"),
        (to(&USDT_TICKETER, "deposit", 0, "0"), "NOTHING_TO_DEPOSIT"),
        (to(&USDT_TICKETER, "deposit", 0, "1"), "FA2_NOT_OPERATOR"),
        (
            to(
                &USDT,
                "transfer",
                0,
                &format!("{{ Pair \"{}\" {{ Pair \"{}\" 0 1 }} }}", bob(), alice()),
            ),
            "FA2_NOT_OPERATOR",
        ),
        (
            to(
                &USDT,
                "transfer",
                0,
                &format!("{{ Pair \"{}\" {{ Pair \"{}\" 7 1 }} }}", alice(), bob()),
            ),
            "FA2_TOKEN_UNDEFINED",
        ),
        (
            to(
                &USDT,
                "update_operators",
                0,
                &format!("{{ Left (Pair \"{}\" \"{}\" 0) }}", bob(), alice()),
            ),
            "FA2_NOT_OWNER",
        ),
        (
            to(&TZBTC, "transfer", 0, &format!("Pair \"{}\" \"{}\" 1", bob(), alice())),
            "NotEnoughAllowance",
        ),
    ] {
        assert_eq!(failure(&refused(&mut mockup, manager(contents))), expected);
    }
    let approve = |amount| to(&TZBTC, "approve", 0, &format!("Pair \"{}\" {amount}", bob()));
    done(&mut mockup, approve(3));
    let refusal = refused(&mut mockup, manager(approve(4)));
    assert_eq!(failure(&refusal), "UnsafeAllowanceChange");
    done(&mut mockup, approve(0));
    // A receiver that takes no tez.
    let xtz = ticket(mockup.state(), &XTZ);
    let out = message(&XTZ, "burn", &paying(&xtz, kt(&VAULT), 5));
    assert_eq!(failure(&refused(&mut mockup, execution(0, out))), "RECEIVER_TAKES_NO_TEZ");
}

#[test]
fn layer_1_itself_refuses() {
    let mut mockup = Mockup::new(genesis());
    let missing = kt(&[0x99; 20]);
    let expected = |refusal: Refusal, words: &str| {
        assert!(refusal.to_string().contains(words), "{refusal}: {words}");
    };
    for (contents, words) in [
        (vec![], "one source"),
        (vec![call(kt(&XTZ), bob(), 1, "", "Unit")], "one source"),
        (
            vec![call(alice(), bob(), 1, "", "Unit"), call(bob(), alice(), 1, "", "Unit")],
            "one source",
        ),
        (vec![call(alice(), bob(), MUTEZ + 1, "", "Unit")], "has 1000000 mutez, and 1000001"),
        (vec![call(alice(), bob(), 0, "", "Unit")], "a transfer of no tez"),
        (vec![call(alice(), bob(), 1, "", "5")], "takes unit, and the call has nat"),
        (vec![call(alice(), bob(), 1, "mint", "Unit")], "no such entrypoint, but default"),
        (vec![call(alice(), missing, 1, "", "Unit")], "has no contract"),
        (
            vec![call(alice(), kt(&XTZ), 1, "withdraw", "Unit")],
            "no such entrypoint, but burn, mint",
        ),
        (vec![call(alice(), kt(&XTZ), 1, "mint", "5")], "takes address, and the call has nat"),
        (vec![call(alice(), rollup(), 0, "", "Right (Right 0x00)")], "only contracts can call"),
        (vec![call(alice(), bob(), 1, "", "Unit"); 65], "more than 64"),
    ] {
        expected(refused(&mut mockup, manager(contents)), words);
    }
    // A ticket that a user has cannot be put into a call.
    let mint = format!("\"{}\"", alice());
    done(&mut mockup, vec![call(alice(), kt(&XTZ), 9, "mint", &mint)]);
    let xtz = ticket(mockup.state(), &XTZ);
    assert_eq!(mockup.state().tickets(&xtz, &alice()), big(9));
    let burn = text(&paying(&xtz, alice(), 9));
    let refusal = refused(&mut mockup, manager(vec![call(alice(), kt(&XTZ), 0, "burn", &burn)]));
    assert_eq!(refusal, Refusal::TicketByUser(alice()));
}

#[test]
fn all_of_an_operation_is_done_or_none_and_each_call_says_so() {
    let mockup = Mockup::new(genesis());
    let contents = [
        vec![call(alice(), bob(), 5, "", "Unit")],
        deposit_xtz(alice(), 9),
        vec![call(alice(), bob(), MUTEZ, "", "Unit"), call(alice(), bob(), 1, "", "Unit")],
    ]
    .concat();
    let trial = mockup.attempt(5, &Operation::Manager(contents));
    assert!(matches!(trial.done, Err(Refusal::Tez { .. })));
    let told: Vec<(usize, bool, &CallStatus)> =
        trial.calls.iter().map(|one| (one.transaction, one.is_internal, &one.status)).collect();
    let back = &CallStatus::Backtracked;
    // The helper calls the ticketer, that the helper, and that the rollup; then the helper itself.
    assert_eq!(
        told[..7],
        [
            (0, false, back),
            (1, false, back),
            (1, true, back),
            (1, true, back),
            (1, true, back),
            (1, true, back),
            (2, false, told[6].2),
        ]
    );
    assert!(matches!(told[6].2, CallStatus::Failed(Refusal::Tez { .. })));
    assert_eq!(told[7], (3, false, &CallStatus::Skipped));
    assert!(trial.calls.iter().all(|one| one.tez.is_empty() && one.tickets.is_empty()));
}

#[test]
fn contracts_without_code_call_the_rollup_and_others_do_not() {
    let mut mockup = Mockup::new(genesis());
    let payload = |ticketer: &[u8; 20], amount: u32| {
        let kt = kt(ticketer);
        parse(&format!("Left (Pair \"{RECEIVER}\" (Pair \"{kt}\" (Pair \"demo\" {amount})))"))
            .unwrap()
    };
    let raw = |sender, payload| Operation::Call { sender, source: alice(), payload };
    // The demo's ticketer makes its ticket, and an unknown contract its own.
    for ticketer in [DEMO, [0x77; 20]] {
        mockup.apply(5, raw(ticketer, payload(&ticketer, 30))).unwrap();
        let all = terms(mockup.state(), mockup.sent(5));
        let one = all.iter().find(|one| *one.ticket.ticketer() == ticketer).unwrap();
        assert_eq!((one.locked.clone(), one.supply.clone()), (None, big(30)));
        assert_eq!((one.of_rollup.clone(), one.sent.clone()), (big(30), big(30)));
    }
    // What is sent in a level waits for the next one, and no longer.
    assert!(terms(mockup.state(), mockup.sent(6)).iter().all(|one| one.sent == big(0)));
    let refusal = refused(&mut mockup, raw(XTZ, payload(&XTZ, 1)));
    assert_eq!(refusal, Refusal::NotItsCode(kt(&XTZ)));
    // A stranger has no tickets of a ticketer with code, unless it was given some.
    let of_tez = |amount: u32| {
        let kt = kt(&XTZ);
        let value = format!(
            "Right (Left (Pair \"{RECEIVER}\" (Pair \"{kt}\" (Pair (Pair 0 None) {amount}))))"
        );
        parse(&value).unwrap()
    };
    assert!(matches!(refused(&mut mockup, raw(VAULT, of_tez(5))), Refusal::Tickets { .. }));
    done(&mut mockup, vec![call(alice(), kt(&XTZ), 5, "mint", &format!("\"{}\"", kt(&VAULT)))]);
    mockup.apply(5, raw(VAULT, of_tez(5))).unwrap();
    assert!(matches!(refused(&mut mockup, raw(VAULT, of_tez(1))), Refusal::Tickets { .. }));
    let bad = parse("Unit").unwrap();
    assert!(matches!(refused(&mut mockup, raw(VAULT, bad)), Refusal::Mismatch(_)));
}

#[test]
fn views_and_callbacks_answer() {
    let state = genesis();
    let unit = parse("Unit").unwrap();
    let shown = |hash: &[u8; 20], name: &str| text(&view(&state, hash, name, &unit).unwrap());
    assert_eq!(shown(&XTZ, "get_content"), "Pair 0 None");
    let token = hex::encode(kt(&TZBTC).to_contract_bytes().unwrap());
    assert_eq!(shown(&TZBTC_TICKETER, "get_token"), format!("Left 0x{token}"));
    let token = hex::encode(kt(&USDT).to_contract_bytes().unwrap());
    assert_eq!(shown(&USDT_TICKETER, "get_token"), format!("Right (Pair 0x{token} 0)"));
    assert!(view(&state, &XTZ, "get_token", &unit).is_err());
    assert!(view(&state, &XTZ, "get_content", &parse("5").unwrap()).is_err());
    let ask = |hash: &[u8; 20], name: &str, input: String| {
        call_back(&state, hash, name, &parse(&input).unwrap()).map(|node| text(&node))
    };
    let alice = alice();
    assert_eq!(ask(&TZBTC, "getBalance", format!("\"{alice}\"")).unwrap(), "1000");
    assert_eq!(ask(&TZBTC, "getTotalSupply", "Unit".to_owned()).unwrap(), "2000");
    let pair = format!("Pair \"{alice}\" \"{}\"", bob());
    assert_eq!(ask(&TZBTC, "getAllowance", pair).unwrap(), "0");
    let told = ask(&USDT, "balance_of", format!("{{ Pair \"{alice}\" 0 }}")).unwrap();
    assert!(told.ends_with(" 0) 1000 }"), "{told}");
    assert!(ask(&USDT, "balance_of", format!("{{ Pair \"{alice}\" 9 }}")).is_err());
    assert!(ask(&USDT, "transfer", "{}".to_owned()).is_err());
    assert!(ask(&VAULT, "default", "5".to_owned()).is_err());
}

#[test]
fn scripts_that_we_ship_are_known_when_they_are_originated() {
    let mut mockup = Mockup::new(genesis());
    for (hash, stored) in [(XTZ, "0"), (HELPER, "None")] {
        let code = script(mockup.state().contract(&hash).unwrap()).unwrap();
        let make = |code, storage: &str| {
            let storage = parse(storage).unwrap();
            vec![Content::Origination { source: alice(), balance: 0, code, storage }]
        };
        let outcome = done(&mut mockup, make(code.clone(), stored));
        let made = outcome.calls[0].originated.unwrap();
        let contract = mockup.state().contract(&made).unwrap();
        assert_eq!(script(contract), Some(code.clone()), "{contract:?}");
        assert!(!matches!(contract.code, Code::Typed));
        let bad = if hash == XTZ { "1" } else { "Unit" };
        assert!(matches!(refused(&mut mockup, manager(make(code, bad))), Refusal::Script(_)));
    }
    // With the storage that another one of the same token has now, its supply but for.
    let code = script(mockup.state().contract(&USDT_TICKETER).unwrap()).unwrap();
    let stored = storage(mockup.state(), &USDT_TICKETER).unwrap();
    let outcome = done(
        &mut mockup,
        vec![Content::Origination { source: alice(), balance: 3, code, storage: stored }],
    );
    let made = outcome.calls[0].originated.unwrap();
    assert_eq!(mockup.state().mutez(&kt(&made)), 3);
    done(&mut mockup, deposit_fa(alice(), &USDT_TICKETER, 7));
    let own = ticket(mockup.state(), &made);
    assert_eq!(own.content(), ticket(mockup.state(), &USDT_TICKETER).content());
    assert_eq!(mockup.state().supply(&own), big(0));
    // Any other is known by its type.
    let code =
        parse("{ parameter (nat %add) ; storage nat ; code { CDR ; NIL operation ; PAIR } }");
    let origination = Content::Origination {
        source: alice(),
        balance: 0,
        code: code.unwrap(),
        storage: parse("5").unwrap(),
    };
    let outcome = done(&mut mockup, vec![origination]);
    let made = outcome.calls[0].originated.unwrap();
    done(&mut mockup, vec![call(alice(), kt(&made), 4, "add", "5")]);
    assert_eq!(mockup.state().mutez(&kt(&made)), 4);
}
