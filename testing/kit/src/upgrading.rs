//! Rollups whose kernel is replaced: what the administrator and the senders of pages send, and a twin
//! whose native half runs the next kernel from the moment at which the WASM half does.

use encoding::{Hash32, Kt1Address, RollupAddress, Source};
use inbox::deposit::encode_bytes;
use inbox::envelope::{framed_page, transfer_message};
use inbox::upgrade::{UpgradeCommand, hash_of_page, pages};
use kernel_wasm::EMBEDDED;
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::{ADMINISTRATOR, UPGRADE_DELAY};

use crate::Twin;

/// The next kernel as WASM.
pub static NEXT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/next_kernel.wasm"));

/// The contract that may order upgrades.
pub const COUNCIL: Kt1Address = Kt1Address([0xad; 20]);

/// The delay of upgrades, in levels.
pub const DELAY: i32 = 3;

/// Where the PVM has the kernel that it runs.
const INSTALLED: &str = "/kernel/boot.wasm";

/// Whether another kernel has taken the place of the first.
pub fn is_upgraded(durable: &Durable) -> bool {
    durable.get(INSTALLED).as_deref() != Some(EMBEDDED)
}

/// Two rollups with an administrator and a short delay.
pub fn rollup() -> Twin {
    let program = NativeProgram::new(|host: &NativeHost| {
        if is_upgraded(&host.durable()) {
            next_kernel::run(host);
        } else {
            tx_kernel::kernel_run(host);
        }
    });
    let mut native = Pvm::originate(Box::new(program), Config::default());
    native.durable_mut().set(INSTALLED, EMBEDDED).unwrap();
    let wasm = Pvm::originate_wasm(EMBEDDED, Config::default()).unwrap();
    let mut twin = Twin::of(native, wasm);
    twin.set(ADMINISTRATOR, &COUNCIL.0);
    twin.set(UPGRADE_DELAY, &DELAY.to_be_bytes());
    twin
}

/// An order by a contract.
pub fn order(rollup: &RollupAddress, sender: &Kt1Address, order: UpgradeCommand) -> Vec<u8> {
    let payload = encode_bytes(&order.to_bytes());
    transfer_message(&payload, sender, &Source { curve: 0, hash: [9; 20] }, rollup)
}

/// The council's announcement of a kernel.
pub fn announce(rollup: &RollupAddress, kernel: &[u8]) -> Vec<u8> {
    let first = pages(kernel).first().map_or(Hash32([0; 32]), |page| hash_of_page(page));
    order(rollup, &COUNCIL, UpgradeCommand::Announce(first))
}

/// The messages of a kernel's pages.
pub fn page_messages(rollup: &RollupAddress, kernel: &[u8]) -> Vec<Vec<u8>> {
    pages(kernel).iter().map(|page| framed_page(rollup, page)).collect()
}
