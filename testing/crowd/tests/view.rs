//! A crowd is what the kernel's own view sees.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::{AccountIndex, Amount, Kt1Address, Ticket, TicketContent};
use host::Subtree;
use pvm::{Durable, NativeHost};
use tx_kernel::layout::STATE;
use tx_kernel::view::View;

#[test]
fn everybody_has_what_they_were_given_and_nothing_is_made_or_lost() {
    let gold =
        Ticket { ticketer: Kt1Address([1; 20]), content: TicketContent::String(b"gold".to_vec()) };
    let mut durable = Durable::default();
    // More than are written at once.
    let accounts = (1 << 13) + 3;
    crowd::fill(&mut durable, accounts, &gold, Amount::new(5)).unwrap();
    let last = AccountIndex(accounts - 1);
    crowd::prove(&mut durable, &[(AccountIndex(0), [1; 96]), (last, [2; 96])]).unwrap();

    let host = NativeHost::over(durable);
    let view = View::new(&host);
    let balances = view.balances().unwrap();
    assert_eq!(balances.len(), usize::try_from(accounts).unwrap());
    assert!(balances.iter().all(|one| one.amount == Amount::new(5) && one.ticket == gold));
    assert!(view.unbalanced().unwrap().is_empty());
    let mut ledger = accounts::Ledger::open(Subtree::new(&host, STATE)).unwrap();
    let key = ledger.key(last).unwrap().unwrap();
    assert!(key.proven && key.point == [2; 96]);
    assert_eq!(ledger.key(AccountIndex(1)).unwrap(), None);
}
