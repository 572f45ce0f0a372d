//! What is credited, what is held, and that a held deposit leaves nothing behind.

use accounts::{Ledger, Refused, Supply};
use deposit::{Credit, Held, UncheckedDeposit, apply};
use encoding::limits::TICKET_CONTENT_BYTES;
use encoding::{
    AccountIndex, Amount, Kt1Address, RollupAddress, Ticket, TicketContent, TicketIndex, Tz4Address,
};
use host::{Host, StepResult, Subtree};
use num_bigint::BigInt;
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};
use tezos_crypto_rs::base58::ToBase58Check;
use tezos_crypto_rs::hash::HashType;

fn empty() -> NativeHost {
    NativeHost::over(Durable::default())
}

fn open(host: &NativeHost) -> Ledger<'_, NativeHost> {
    Ledger::open(Subtree::new(host, "/state")).unwrap()
}

const ALICE: Tz4Address = Tz4Address([0xa1; 20]);
const BOB: Tz4Address = Tz4Address([0xb0; 20]);

fn of(content: TicketContent) -> Ticket {
    Ticket { ticketer: Kt1Address([0x11; 20]), content }
}

fn gold() -> Ticket {
    of(TicketContent::String(b"gold".to_vec()))
}

/// Claims an amount for a receiver that is given as text.
fn unchecked(
    ledger: &mut Ledger<'_, NativeHost>,
    receiver: &[u8],
    ticket: &Ticket,
    amount: impl Into<BigInt>,
) -> Result<Credit, Held> {
    let unchecked = UncheckedDeposit { receiver, ticket, amount: &amount.into() };
    apply(ledger, unchecked).map(Ok).or_refusal(Err).unwrap()
}

/// As [`unchecked`], for a receiver who is one.
fn claim_for(
    ledger: &mut Ledger<'_, NativeHost>,
    receiver: Tz4Address,
    ticket: &Ticket,
    amount: impl Into<BigInt>,
) -> Result<Credit, Held> {
    unchecked(ledger, receiver.to_string().as_bytes(), ticket, amount)
}

/// As [`unchecked`], in an empty ledger; asserts that what is held leaves no account and no ticket.
fn judged(receiver: &[u8], ticket: &Ticket, amount: impl Into<BigInt>) -> Result<Credit, Held> {
    let host = empty();
    let mut ledger = open(&host);
    let result = unchecked(&mut ledger, receiver, ticket, amount);
    let made = u32::from(result.is_ok());
    assert_eq!((ledger.accounts(), ledger.tickets()), (made, made));
    result
}

#[test]
fn a_deposit_is_credited_and_says_where() {
    let host = empty();
    let mut ledger = open(&host);
    let credit = |account, ticket, amount| Credit {
        account: AccountIndex(account),
        ticket: TicketIndex(ticket),
        amount: Amount::new(amount),
    };
    let salt = of(TicketContent::NatBytes(7.into(), Some(vec![1, 2])));
    assert_eq!(claim_for(&mut ledger, ALICE, &gold(), 5), Ok(credit(0, 0, 5)));
    assert_eq!(claim_for(&mut ledger, BOB, &salt, 1), Ok(credit(1, 1, 1)));
    assert_eq!(claim_for(&mut ledger, ALICE, &gold(), 6), Ok(credit(0, 0, 6)));
    assert_eq!(ledger.balance(AccountIndex(0), TicketIndex(0)), Ok(Amount::new(11)));
    assert_eq!(ledger.account(AccountIndex(1)).unwrap().address, BOB);
    assert_eq!(ledger.ticket(TicketIndex(1)), Ok(salt));
    let supply = Supply { on_rollup: Amount::new(11), deposited: 11, withdrawn: 0 };
    assert_eq!(ledger.supply(TicketIndex(0)), Ok(supply));
}

#[test]
fn the_same_twenty_bytes_under_another_prefix_are_another_receiver() {
    let bytes = ALICE.0;
    let good = HashType::ContractTz4Hash.hash_to_b58check(&bytes).unwrap();
    assert_eq!(good, ALICE.to_string());
    assert!(judged(good.as_bytes(), &gold(), 1).is_ok());

    let tz1 = HashType::ContractTz1Hash.hash_to_b58check(&bytes).unwrap();
    assert!(tz1.starts_with("tz1"));
    let others = [
        tz1,
        HashType::ContractTz2Hash.hash_to_b58check(&bytes).unwrap(),
        HashType::ContractTz3Hash.hash_to_b58check(&bytes).unwrap(),
        Kt1Address(bytes).to_string(),
        RollupAddress(bytes).to_string(),
        bytes.to_base58check(),
    ];
    for other in others {
        let held = judged(other.as_bytes(), &gold(), 1);
        assert_eq!(held, Err(Held::ReceiverNotTz4), "{other}");
    }
}

#[test]
fn a_receiver_of_another_length_is_none_though_its_checksum_is_right() {
    let prefix = HashType::ContractTz4Hash.base58check_prefix();
    for size in [0, 1, 19, 21, 48] {
        let text = [prefix, &vec![0xa1; size]].concat().to_base58check();
        assert_eq!(judged(text.as_bytes(), &gold(), 1), Err(Held::ReceiverNotTz4), "{size} bytes");
    }
}

#[test]
fn a_receiver_is_its_one_text_and_nothing_more() {
    let good = ALICE.to_string();
    let texts = [
        String::new(),
        "t".to_owned(),
        "tz4".to_owned(),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{good}\0"),
        // A leading 1 stands for a zero byte in base58.
        format!("1{good}"),
        format!("{good}%deposit"),
        good[1..].to_owned(),
        good[..good.len() - 1].to_owned(),
        good.to_uppercase(),
        // As long as a message can make it.
        "z".repeat(4_000),
        // Letters that base58 does not have.
        good.replacen('4', "0", 1),
        good.replacen('t', "т", 1),
    ];
    for text in texts {
        assert_eq!(judged(text.as_bytes(), &gold(), 1), Err(Held::ReceiverNotTz4), "{text:?}");
    }
    // Every single wrong letter is found by the checksum.
    for at in 0..good.len() {
        let mut text = good.clone().into_bytes();
        text[at] = if text[at] == b'x' { b'y' } else { b'x' };
        assert_eq!(judged(&text, &gold(), 1), Err(Held::ReceiverNotTz4), "wrong at {at}");
    }
    // What is not even text: the 20 bytes themselves, and worse.
    for bytes in [&ALICE.0[..], &[0xff; 36], &[0; 36]] {
        assert_eq!(judged(bytes, &gold(), 1), Err(Held::ReceiverNotTz4));
    }
}

#[test]
fn an_amount_is_held_from_2_to_the_64_on() {
    let alice = ALICE.to_string();
    let credited = judged(alice.as_bytes(), &gold(), u64::MAX);
    assert_eq!(credited.map(|credit| credit.amount), Ok(Amount::MAX));
    let first = BigInt::from(1_u128 << 64);
    for amount in [first.clone(), BigInt::from(u128::MAX), first.pow(30)] {
        assert_eq!(judged(alice.as_bytes(), &gold(), amount), Err(Held::AmountOutOfRange));
    }
}

#[test]
fn an_amount_of_nothing_is_held() {
    let alice = ALICE.to_string();
    assert_eq!(judged(alice.as_bytes(), &gold(), 0), Err(Held::Ledger(Refused::ZeroAmount)));
    assert!(judged(alice.as_bytes(), &gold(), 1).is_ok());
}

/// Contents of exactly this many bytes as Micheline, of every shape.
fn contents_of(bytes: usize) -> Vec<TicketContent> {
    let fitted = |overhead: usize| vec![b'x'; bytes - overhead];
    let mut contents = vec![
        // Tag and length.
        TicketContent::String(fitted(5)),
        // Pair, an integer of one byte, Some, and again tag and length.
        TicketContent::NatBytes(7.into(), Some(fitted(2 + 2 + 2 + 5))),
    ];
    // Six bits in the first byte of an integer, seven in each other one.
    let digits = u32::try_from(bytes).unwrap() - (2 + 1 + 2);
    let id = BigInt::from(2).pow(6 + 7 * (digits - 1)) - 1;
    contents.push(TicketContent::NatBytes(id, None));
    contents
}

#[test]
fn a_content_of_the_greatest_size_is_credited_and_one_byte_more_is_held() {
    let alice = ALICE.to_string();
    for content in contents_of(TICKET_CONTENT_BYTES) {
        assert_eq!(content.to_micheline().len(), TICKET_CONTENT_BYTES);
        let host = empty();
        let mut ledger = open(&host);
        let ticket = of(content);
        let credit = unchecked(&mut ledger, alice.as_bytes(), &ticket, 1).unwrap();
        // It is stored and read again: the limit is there so that it can be.
        ledger.commit(&Subtree::new(&host, "/state")).unwrap();
        assert_eq!(open(&host).ticket(credit.ticket), Ok(ticket));
    }
    for content in contents_of(TICKET_CONTENT_BYTES + 1) {
        let held = judged(alice.as_bytes(), &of(content), 1);
        assert_eq!(held, Err(Held::ContentTooLarge(TICKET_CONTENT_BYTES + 1)));
    }
    let held = judged(alice.as_bytes(), &of(TicketContent::String(vec![b'x'; 3_995])), 1);
    assert_eq!(held, Err(Held::ContentTooLarge(4_000)));
}

#[test]
fn of_several_reasons_the_first_in_order_is_given() {
    let alice = ALICE.to_string();
    let huge = of(TicketContent::String(vec![b'x'; 3_000]));
    let beyond = BigInt::from(1_u128 << 64);
    assert_eq!(judged(b"nobody", &huge, beyond.clone()), Err(Held::ReceiverNotTz4));
    assert_eq!(judged(alice.as_bytes(), &huge, beyond), Err(Held::AmountOutOfRange));
    assert_eq!(judged(alice.as_bytes(), &huge, 0), Err(Held::ContentTooLarge(3_005)));
}

#[test]
fn a_deposit_beyond_the_supply_is_held_and_its_receiver_gets_no_account() {
    let host = empty();
    let mut ledger = open(&host);
    claim_for(&mut ledger, ALICE, &gold(), u64::MAX - 1).unwrap();
    let supply = ledger.supply(TicketIndex(0)).unwrap();
    let reason =
        Refused::SupplyTooLarge { supply: Amount::new(u64::MAX - 1), added: Amount::new(2) };
    for receiver in [ALICE, BOB] {
        let held = claim_for(&mut ledger, receiver, &gold(), 2);
        assert_eq!(held, Err(Held::Ledger(reason)));
        assert_eq!((ledger.accounts(), ledger.tickets()), (1, 1));
        assert_eq!(ledger.supply(TicketIndex(0)), Ok(supply));
    }
    assert_eq!(ledger.find(&BOB), Ok(None));
    // What fits is still credited, and to an index that nobody was given in between.
    let credit = claim_for(&mut ledger, BOB, &gold(), 1).unwrap();
    assert_eq!(credit.account, AccountIndex(1));
}

#[test]
fn a_deposit_that_finds_a_registry_full_gives_back_the_account_it_took() {
    let host = empty();
    // Accounts and tickets: there is room for accounts alone.
    let counts = [0, u32::MAX].map(u32::to_be_bytes).concat();
    host.write_at("/state/counts", 0, &counts).unwrap();
    let mut ledger = open(&host);
    let held = claim_for(&mut ledger, ALICE, &gold(), 1);
    assert_eq!(held, Err(Held::Ledger(Refused::RegistryFull("tickets"))));
    assert_eq!(ledger.accounts(), 0);
    assert_eq!(ledger.find(&ALICE), Ok(None));
}

/// Durable storage under `/state` after one good deposit, and these ones in the same draft.
fn stored_after(then: fn(&mut Ledger<'_, NativeHost>)) -> Vec<(String, Vec<u8>)> {
    let kernel = move |host: &NativeHost| {
        let mut ledger = open(host);
        claim_for(&mut ledger, ALICE, &gold(), u64::MAX).unwrap();
        then(&mut ledger);
        ledger.commit(&Subtree::new(host, "/state")).unwrap();
    };
    let mut pvm = Pvm::originate(Box::new(NativeProgram::new(kernel)), Config::default());
    assert_eq!(pvm.run_level(&[]).unwrap().first_trap(), None);
    pvm.durable().values_under("/state").collect()
}

#[test]
fn held_deposits_change_no_byte_of_the_ledger() {
    let with_held = stored_after(|ledger| {
        let huge = of(TicketContent::String(vec![b'x'; 3_000]));
        for held in [
            unchecked(ledger, b"nobody", &gold(), 1),
            claim_for(ledger, BOB, &gold(), 0),
            claim_for(ledger, BOB, &gold(), BigInt::from(1_u128 << 64)),
            claim_for(ledger, BOB, &huge, 1),
            claim_for(ledger, BOB, &gold(), 1),
        ] {
            assert!(held.is_err());
        }
    });
    assert!(!with_held.is_empty());
    assert_eq!(with_held, stored_after(|_| ()));
}
