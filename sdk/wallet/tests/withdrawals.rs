//! Withdrawals over a node that answers as Octez's does: on the disk before they are sent, and followed.

use crate::common::{Octez, account, secret, usdt};
use encoding::{Amount, Counter, Entrypoint, Level};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use wallet::bundle::bundle;
use wallet::patience::Patience;
use wallet::session::Session;
use wallet::transaction::Signable;
use wallet::withdrawal::WithdrawalStage;
use wallet::withdrawal_log::WithdrawalLog;
use wallet::withdrawals::WithdrawError;

fn transaction(session: &Session, moves: Vec<Action>) -> Signable {
    let (signer, counter) = (Name::Address(account(1)), Counter::FIRST);
    let operation = Operation { signer, counter, memo: None, actions: moves };
    let transaction = Transaction { expires: Some(Level(99)), operations: vec![operation] };
    Signable::new(*session.rollup(), transaction).unwrap()
}

#[test]
fn a_withdrawal_is_logged_before_it_is_sent_and_one_at_a_time() {
    let octez = Octez::start();
    octez.deposit(account(1), &usdt(), 20);
    octez.bake(1);
    let folder = std::env::temp_dir().join(format!("toru-withdrawals-{}", std::process::id()));
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let log = WithdrawalLog::new(&folder, session.rollup());
    let state = session.state().unwrap();
    let withdraw = vec![Action::Withdraw {
        ticket: TicketName::Full(usdt()),
        to: usdt().ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: None,
        amount: Amount::new(5),
    }];
    let to = vec![(Name::Address(account(2)), Amount::new(1))];
    let pay = vec![Action::Transfers { ticket: TicketName::Full(usdt()), to }];

    let mut payment = transaction(&session, pay);
    let refused = session.sign_withdrawal(&log, &state, &mut payment, &secret(1));
    assert!(matches!(refused, Err(WithdrawError::NotAWithdrawal)), "{refused:?}");
    assert!(log.read().unwrap().is_empty() && payment.missing() == [account(1)]);

    let mut signable = transaction(&session, withdraw);
    session.sign_withdrawal(&log, &state, &mut signable, &secret(1)).unwrap();
    assert_eq!(log.read().unwrap()[0].withdrawal.hash, signable.hash());
    let stage = || {
        let view = session.withdrawal_view().unwrap();
        let all = session.track_withdrawals(&view, &log).unwrap();
        (all[0].stage, all[0].id.map(|id| view.stage(id).unwrap().0))
    };
    assert_eq!(stage(), (WithdrawalStage::Sent, None));
    let messages = bundle(session.rollup(), std::slice::from_ref(&signable), &[]).unwrap();
    session.deliver(&messages, &Patience::none()).unwrap();
    let again = session.sign_withdrawal(&log, &state, &mut signable, &secret(1));
    assert!(matches!(again, Err(WithdrawError::InFlight(of)) if of == account(1)), "{again:?}");
    octez.bake(1);
    // This node shows no outbox: it was applied, and is found nowhere.
    assert_eq!(stage(), (WithdrawalStage::NotFound, None));
    std::fs::remove_dir_all(&folder).unwrap();
}
