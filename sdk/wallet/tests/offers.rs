//! Offers that are not what was meant, in every way in which they can be: none of them is signed.

use batcher_api::{OfferError, OfferEvent};
use bls::Suite;
use client::Builder;
use encoding::{AccountIndex, Amount, Counter, Hash32, Level, RollupAddress, TicketIndex};
use inbox::v2::{Action, Batch, Memo, Name, Operation, TicketName, Transaction};
use wallet::batcher::cosign::CoSigner;
use wallet::batcher::difference::Part;
use wallet::batcher::offer::OfferProblem;
use wallet::transaction::Signable;

use crate::common::{ROLLUP, account, secret, ticket};
use crate::fake_batcher::{content, offer};

/// My index.
const ME: AccountIndex = AccountIndex(12);

/// What I have sent: five to account 3, named by address, as a payment without an index is.
fn payment() -> Transaction {
    Transaction {
        expires: Some(Level(240)),
        operations: vec![Operation {
            signer: Name::Address(account(1)),
            counter: Counter::new(7),
            memo: None,
            actions: vec![Action::Transfers {
                ticket: TicketName::Full(ticket("gold")),
                to: vec![(Name::Address(account(3)), Amount::new(5))],
            }],
        }],
    }
}

/// Somebody else's.
fn others(number: u32) -> Transaction {
    let mut other = payment();
    other.operations[0].signer = Name::Index(AccountIndex(number));
    other
}

fn sent(transaction: Transaction) -> Signable {
    let mut signable = Signable::new(ROLLUP, transaction).unwrap();
    signable.sign(&secret(1)).unwrap();
    signable
}

fn batch(transactions: &[Transaction]) -> Batch {
    let builder = Builder::new().expires(Level(300));
    transactions.iter().fold(builder, |builder, one| builder.transaction(one.clone())).build()
}

fn event(batch: &Batch, rollup: &RollupAddress) -> OfferEvent {
    let (id, content) = content(batch, rollup);
    serde_json::from_value(offer(&id, &content, &[account(1)])).unwrap()
}

/// What comes of an offer, for somebody who has sent the payment.
fn signed(batch: &Batch) -> Result<Vec<Hash32>, OfferProblem> {
    let key = secret(1);
    let mut cosigner = CoSigner::new(ROLLUP, &key, Some(ME));
    cosigner.means(&sent(payment()));
    let event = event(batch, &ROLLUP);
    let signed = cosigner.sign(&event)?;
    // It is a signature of the batch, by the key.
    let signature = hex::decode(&signed.signature.signature).unwrap().try_into().unwrap();
    let signature = bls::Signature::from_compressed(&signature).unwrap();
    let payload = Batch { signature: Some([0; 96]), ..batch.clone() }.signing_payload(&ROLLUP);
    assert!(key.public_key().verify(Suite::Pop, &payload.to_sign(), &signature));
    assert_eq!(signed.offer.batch, payload.digest);
    Ok(signed.offer.transactions)
}

#[test]
fn what_was_meant_is_signed_whoever_else_is_in_it() {
    let hash = sent(payment()).hash();
    for with in [vec![], vec![others(3)], vec![others(3), others(4)]] {
        assert_eq!(signed(&batch(&[vec![payment()], with].concat())), Ok(vec![hash]));
    }
}

#[test]
fn every_part_that_differs_is_told_and_nothing_is_signed() {
    let changed = |change: &dyn Fn(&mut Transaction)| {
        let mut other = payment();
        change(&mut other);
        other
    };
    let pays = |transaction: &mut Transaction, to: Name, amount: u64| {
        let Action::Transfers { to: receivers, .. } = &mut transaction.operations[0].actions[0]
        else {
            panic!()
        };
        *receivers = vec![(to, Amount::new(amount))];
    };
    let own = |transaction: &mut Transaction| transaction.operations[0].clone();
    type Change<'a> = (Part, &'a dyn Fn(&mut Transaction), &'a str);
    let somebody = account(4).to_string();
    let cases: [Change<'_>; 10] = [
        (Part::Receiver, &|one| pays(one, Name::Address(account(4)), 5), &somebody),
        (Part::Receiver, &|one| pays(one, Name::Index(AccountIndex(3)), 5), "account 3"),
        (Part::Amount, &|one| pays(one, Name::Address(account(3)), 50), "50 instead of 5"),
        (Part::Expiry, &|one| one.expires = Some(Level(241)), "241 instead of 240"),
        (Part::Expiry, &|one| one.expires = None, "none instead of 240"),
        (Part::Memo, &|one| one.operations[0].memo = Some(Memo::Bytes(vec![1])), "01"),
        (Part::Signer, &|one| one.operations[0].signer = Name::Index(ME), "account 12"),
        (
            Part::Ticket,
            &|one| {
                let Action::Transfers { ticket, .. } = &mut one.operations[0].actions[0] else {
                    panic!()
                };
                *ticket = TicketName::Index(TicketIndex(0));
            },
            "#0",
        ),
        (
            Part::Actions,
            &|one| {
                let more = own(one).actions;
                one.operations[0].actions.extend(more);
            },
            "2 of them",
        ),
        (
            Part::Others,
            &|one| one.operations.push(others(3).operations.remove(0)),
            "1 others instead of 0",
        ),
    ];
    for (part, change, word) in cases {
        let problem = signed(&batch(&[changed(change)])).unwrap_err();
        let told = problem.to_string();
        let OfferProblem::NotMeant { number: 0, differences } = problem else { panic!("{told}") };
        let parts: Vec<Part> = differences.iter().map(|one| one.part).collect();
        assert_eq!(parts, [part], "{told}");
        assert!(told.contains(word) && told.contains(part.word()), "{word}: {told}");
        // What is right beside it does not make it right.
        let mut other = changed(change);
        other.operations[0].counter = Counter::new(8);
        let both = signed(&batch(&[payment(), other])).unwrap_err();
        assert!(
            matches!(both, OfferProblem::OtherCounter { number: 1, counter } if counter.get() == 8),
            "{both}"
        );
    }
}

#[test]
fn nothing_more_is_signed_under_whatever_name() {
    let mut more = payment();
    more.operations[0].counter = Counter::new(8);
    let name = |name| {
        let mut one = more.clone();
        one.operations[0].signer = name;
        one
    };
    // By address, by index, and by a registration of my key.
    for one in [name(Name::Address(account(1))), name(Name::Index(ME))] {
        let problem = signed(&batch(&[payment(), one])).unwrap_err();
        assert!(matches!(problem, OfferProblem::OtherCounter { .. }), "{problem}");
    }
    let registered = Batch {
        registrations: vec![client::registration(&secret(1))],
        ..batch(&[payment(), name(Name::Registration(0))])
    };
    let problem = signed(&registered).unwrap_err();
    assert!(matches!(problem, OfferProblem::OtherCounter { .. }), "{problem}");
    // My own payment under that name is mine, as its own form is the one that I have signed.
    let mut same = payment();
    same.operations[0].signer = Name::Registration(0);
    let same = Batch { registrations: registered.registrations, ..batch(&[same]) };
    assert_eq!(signed(&same), Ok(vec![sent(payment()).hash()]));

    // As a row of a group that is another one's.
    let row = inbox::v2::Transfer {
        signer: ME,
        counter: Counter::new(8),
        to: Name::Address(account(4)),
        amount: Amount::new(1),
    };
    let builder = Builder::new().transaction(payment());
    let problem = signed(&rows(builder, row)).unwrap_err();
    assert!(matches!(problem, OfferProblem::OtherCounter { number: 0, .. }), "{problem}");

    let twice = signed(&batch(&[payment(), payment()])).unwrap_err();
    assert!(matches!(twice, OfferProblem::Twice { .. }), "{twice}");
    let nothing = signed(&batch(&[others(3)])).unwrap_err();
    assert_eq!(nothing, OfferProblem::NothingOfMine(account(1)));
}

/// A batch with a row in it.
fn rows(builder: Builder, row: inbox::v2::Transfer) -> Batch {
    builder.transfer(&TicketName::Full(ticket("gold")), None, row).build()
}

#[test]
fn a_row_is_signed_only_if_its_own_form_is_what_was_signed() {
    let row = inbox::v2::Transfer {
        signer: ME,
        counter: Counter::new(7),
        to: Name::Index(AccountIndex(3)),
        amount: Amount::new(5),
    };
    let gold = TicketName::Index(TicketIndex(0));
    let own = row.to_transaction(&gold, Some(Level(240)));
    let known = {
        // The index is known as a final level of a node says it.
        let json = serde_json::json!({
            "version": 1, "rollup": ROLLUP.to_string(), "tickets": {},
            "accounts": {"12": account(1).to_string()},
        });
        let folder = std::env::temp_dir().join(format!("toru-row-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{ROLLUP}.json")), json.to_string()).unwrap();
        let known = wallet::indexes::KnownIndexes::in_folder(&folder, &ROLLUP).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        known
    };
    let mut sent = Signable::named_by(ROLLUP, own, &known).unwrap();
    sent.sign(&secret(1)).unwrap();
    let key = secret(1);
    let mut cosigner = CoSigner::new(ROLLUP, &key, Some(ME));
    cosigner.means(&sent);
    let other = inbox::v2::Transfer { signer: AccountIndex(4), ..row };
    let with = |expires: Option<i32>, ticket: &TicketName, rows: &[inbox::v2::Transfer]| {
        let add = |builder: Builder, row: &inbox::v2::Transfer| {
            builder.transfer(ticket, expires.map(Level), *row)
        };
        let batch = rows.iter().fold(Builder::new(), add).build();
        cosigner.sign(&event(&batch, &ROLLUP)).map(|signed| signed.offer.transactions)
    };
    assert_eq!(with(Some(240), &gold, &[row, other]), Ok(vec![sent.hash()]));
    type Row = inbox::v2::Transfer;
    let cases: [(Option<i32>, TicketName, Row, Part); 5] = [
        (None, gold.clone(), row, Part::Expiry),
        (Some(300), gold.clone(), row, Part::Expiry),
        (Some(240), TicketName::Index(TicketIndex(1)), row, Part::Ticket),
        (Some(240), gold.clone(), Row { to: Name::Index(AccountIndex(9)), ..row }, Part::Receiver),
        (Some(240), gold.clone(), Row { amount: Amount::new(50), ..row }, Part::Amount),
    ];
    for (expires, ticket, row, part) in cases {
        let problem = with(expires, &ticket, &[row, other]).unwrap_err();
        let OfferProblem::NotMeant { differences, .. } = &problem else { panic!("{problem}") };
        assert_eq!(differences.iter().map(|one| one.part).collect::<Vec<_>>(), [part], "{problem}");
    }
    let more = Row { counter: Counter::new(8), ..row };
    let problem = with(Some(240), &gold, &[row, more, other]).unwrap_err();
    assert!(matches!(problem, OfferProblem::OtherCounter { .. }), "{problem}");

    // A record and a file of such a transaction are read by whoever knows the index, and by nobody else.
    let file = sent.to_json();
    let read = Signable::from_json_named_by(file.as_bytes(), &known).unwrap();
    assert_eq!(read, sent);
    let unknown = Signable::from_json(file.as_bytes()).unwrap_err();
    assert_eq!(unknown, wallet::error::FileError::SignerByIndex(ME));
    let lie = file.replacen(&account(1).to_string(), &account(2).to_string(), 1);
    let lie = Signable::from_json_named_by(lie.as_bytes(), &known).unwrap_err();
    assert_eq!(lie, wallet::error::FileError::OtherSigners);
}

#[test]
fn whoever_could_be_named_unseen_signs_no_batch() {
    let key = secret(1);
    let mut cosigner = CoSigner::new(ROLLUP, &key, None);
    cosigner.means(&sent(payment()));
    assert!(!cosigner.meant().can_sign());
    // The row may be mine: whoever knows which index I get can write it beforehand.
    let row = inbox::v2::Transfer {
        signer: AccountIndex(77),
        counter: Counter::new(8),
        to: Name::Address(account(4)),
        amount: Amount::new(1_000),
    };
    let batch = rows(Builder::new().transaction(payment()), row);
    let problem = cosigner.sign(&event(&batch, &ROLLUP)).unwrap_err();
    assert_eq!(problem, OfferProblem::NoIndex(account(1)));
}

#[test]
fn only_what_was_signed_and_sent_is_meant() {
    let key = secret(1);
    let good = batch(&[payment()]);
    let refused =
        |cosigner: &CoSigner<'_>, batch: &Batch| cosigner.sign(&event(batch, &ROLLUP)).unwrap_err();
    let mut cosigner = CoSigner::new(ROLLUP, &key, Some(ME));
    assert!(matches!(refused(&cosigner, &good), OfferProblem::OtherCounter { .. }));
    // Nobody has signed it, or it is for another rollup.
    cosigner.means(&Signable::new(ROLLUP, payment()).unwrap());
    let mut elsewhere = Signable::new(RollupAddress([9; 20]), payment()).unwrap();
    elsewhere.sign(&key).unwrap();
    cosigner.means(&elsewhere);
    assert!(matches!(refused(&cosigner, &good), OfferProblem::OtherCounter { .. }));
    cosigner.means(&sent(payment()));
    cosigner.sign(&event(&good, &ROLLUP)).unwrap();
    cosigner.meant_mut().forget(&sent(payment()).hash());
    assert!(matches!(refused(&cosigner, &good), OfferProblem::OtherCounter { .. }));

    // What never expires is only signed in a batch that does.
    let endless = Transaction { expires: None, ..payment() };
    cosigner.means(&sent(endless.clone()));
    cosigner.sign(&event(&batch(std::slice::from_ref(&endless)), &ROLLUP)).unwrap();
    let without_end = Batch { expires: None, ..batch(&[endless]) };
    assert!(matches!(refused(&cosigner, &without_end), OfferProblem::NoEnd { .. }));
}

#[test]
fn what_cannot_be_read_or_is_another_batch_is_not_signed() {
    let key = secret(1);
    let mut cosigner = CoSigner::new(ROLLUP, &key, Some(ME));
    cosigner.means(&sent(payment()));
    let good = event(&batch(&[payment()]), &ROLLUP);
    let content = hex::decode(&good.content).unwrap();
    let with = |change: &dyn Fn(&mut OfferEvent)| {
        let mut other = good.clone();
        change(&mut other);
        cosigner.sign(&other).unwrap_err()
    };
    for length in 0..content.len() {
        let problem = with(&|one| one.content = hex::encode(&content[..length]));
        assert!(matches!(problem, OfferProblem::Content(_)), "{length}: {problem}");
    }
    for at in 0..content.len() {
        let mut other = content.clone();
        other[at] ^= 1;
        with(&|one| one.content = hex::encode(&other));
    }
    let digest = with(&|one| one.batch = Hash32([1; 32]).to_string());
    assert!(matches!(digest, OfferProblem::Content(OfferError::OtherDigest { .. })), "{digest}");
    let elsewhere = event(&batch(&[payment()]), &RollupAddress([9; 20]));
    let problem = cosigner.sign(&elsewhere).unwrap_err();
    assert!(matches!(problem, OfferProblem::Content(OfferError::OtherDigest { .. })), "{problem}");
    assert_eq!(with(&|one| one.batch = "x".into()), OfferProblem::Field("batch"));
    assert_eq!(with(&|one| one.content = "xy".into()), OfferProblem::Field("content"));
    let long = with(&|one| one.content = "00".repeat(16_385));
    assert_eq!(long, OfferProblem::TooLong(16_385));

    // Whoever is marked as having signed for itself is asked for all the same: the mark is not signed.
    let marked = Batch {
        individually_signed: inbox::v2::IndividuallySigned::Everybody,
        ..batch(&[{
            let mut other = payment();
            other.operations[0].counter = Counter::new(8);
            other
        }])
    };
    let (id, _) = crate::fake_batcher::content(&marked, &ROLLUP);
    let body = Batch { signature: Some([0; 96]), ..marked }.encode();
    let event = offer(&id, &body[..body.len() - 96], &[account(1)]);
    let problem = cosigner.sign(&serde_json::from_value(event).unwrap()).unwrap_err();
    assert!(matches!(problem, OfferProblem::OtherCounter { .. }), "{problem}");
}
