//! Why an upgrade's command or page is refused.

use encoding::Kt1Address;
use inbox::deposit::encode_bytes;
use inbox::envelope::{framed_page, transfer_message};
use inbox::upgrade::{UpgradeCommand, hash_of_page};
use tx_kernel::results::ResultCode;

use crate::rollup::{COUNCIL, HELPER, ROLLUP, Rollup, person, source};

fn command(sender: &Kt1Address, order: UpgradeCommand) -> Vec<u8> {
    let payload = encode_bytes(&order.to_bytes());
    transfer_message(&payload, sender, &source(&person(1)), &ROLLUP)
}

#[test]
fn who_sends_a_command_is_looked_at_first() {
    let mut rollup = Rollup::new();
    for (sender, code) in
        [(HELPER, ResultCode::NotTheAdministrator), (COUNCIL, ResultCode::NoUpgrade)]
    {
        assert_eq!(rollup.code(command(&sender, UpgradeCommand::Cancel)), code);
    }
}

#[test]
fn whether_a_page_is_expected_is_looked_at_first() {
    // A page without any bytes of a kernel, and one whose bytes are not those of a module.
    let malformed = vec![0; 32];
    let no_module = [&[0; 32][..], b"no module"].concat();
    for (expected, page, code) in [
        (&no_module, &malformed, ResultCode::PageNotExpected),
        (&malformed, &no_module, ResultCode::PageNotExpected),
        (&malformed, &malformed, ResultCode::Malformed),
        (&no_module, &no_module, ResultCode::NotAKernel),
    ] {
        let mut rollup = Rollup::new();
        let announced = command(&COUNCIL, UpgradeCommand::Announce(hash_of_page(expected)));
        assert_eq!(rollup.code(announced), ResultCode::UpgradeAnnounced);
        assert_eq!(rollup.code(framed_page(&ROLLUP, page)), code);
    }
}
