//! What a scenario says of upgrades before the first level: who may order them, how long they take,
//! and which kernels there are to be installed.

use encoding::limits::KERNEL_BYTES;
use inbox::upgrade::{PAGE_DATA_BYTES, pages};
use serde_norway::{Mapping, Value};
use tx_kernel::layout::{ADMINISTRATOR, UPGRADE_DELAY};

use crate::diagnostics::{Diagnostics, all};
use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::fixtures::hash_of;
use crate::item::{found, get, optional_count, text_of};
use crate::words::{Words, is_name};
use layer1::plain::quoted;

/// Keys of a scenario.
pub(crate) const ADMIN: &str = "administrator";
pub(crate) const DELAY: &str = "upgrade delay";
pub(crate) const KERNELS: &str = "kernels";

/// A durable value by its path.
type Config = (String, Vec<u8>);

/// Bytes: the largest kernel of a scenario, a page beyond what the rollup takes.
const LARGEST: usize = KERNEL_BYTES + PAGE_DATA_BYTES;
/// How a module begins: magic number, version 1, a custom section whose length takes five bytes and whose
/// name has none.
const HEAD: [u8; 9] = *b"\0asm\x01\0\0\0\0";
/// Bytes: a module with nothing in it but an empty name.
const SMALLEST: usize = HEAD.len() + 5 + 1;

/// `administrator`: the contract that may order upgrades, as configuration.
pub(crate) fn administrator(
    map: &Mapping,
    fixtures: &mut Fixtures,
) -> Result<Option<Config>, Problem> {
    let Some(value) = get(map, ADMIN) else { return Ok(None) };
    let contract = fixtures.contract(&text_of(value, "a contract")?)?;
    Ok(Some((ADMINISTRATOR.to_owned(), contract.0.to_vec())))
}

/// `upgrade delay`: levels between the last page and the installation, as configuration.
pub(crate) fn delay(map: &Mapping) -> Result<Option<Config>, Problem> {
    let levels = optional_count::<u32>(map, DELAY)?;
    Ok(levels.map(|levels| (UPGRADE_DELAY.to_owned(), levels.to_be_bytes().to_vec())))
}

/// `kernels`: what their names stand for.
pub(crate) fn kernels(map: &Mapping, fixtures: &mut Fixtures) -> Result<(), Diagnostics> {
    let Some(value) = get(map, KERNELS) else { return Ok(()) };
    let Value::Mapping(definitions) = value else {
        return Err(Problem::unexpected(found(value), "a map of names to kernels").into());
    };
    let define = |(name, definition): (&Value, &Value)| -> Result<(), Problem> {
        let name = text_of(name, "a name")?;
        if !is_name(&name) {
            return Err(Problem::unexpected(quoted(&name), "a name for a kernel"));
        }
        let form = format!(
            "a module of NUMBER bytes, or an invalid module of NUMBER bytes ({SMALLEST} to {LARGEST})"
        );
        let definition = text_of(definition, &form)?;
        let kernel = kernel(&name, &definition);
        let kernel = kernel.ok_or_else(|| Problem::unexpected(quoted(&definition), &form))?;
        fixtures.define_kernel(&name, pages(&kernel));
        Ok(())
    };
    all(definitions.iter().map(define)).map(drop)
}

/// The bytes of a kernel: a module with a section that means nothing, filled with what belongs to its name.
fn kernel(name: &str, definition: &str) -> Option<Vec<u8>> {
    let mut words = Words::of(definition);
    let is_module = words.phrase("a module of").is_some();
    if !is_module {
        words.phrase("an invalid module of")?;
    }
    let bytes: usize = words.bounded().filter(|bytes| (SMALLEST..=LARGEST).contains(bytes))?;
    words.phrase("bytes")?;
    words.end()?;
    let mut kernel: Vec<u8> = hash_of("kernel", name).into_iter().cycle().take(bytes).collect();
    if is_module {
        let section = u32::try_from(bytes - HEAD.len() - 5).ok()?;
        let length = (0..5).map(|i| {
            let more = if i < 4 { 0x80 } else { 0 };
            (section >> (7 * i)).to_le_bytes()[0] & 0x7f | more
        });
        let head = HEAD.into_iter().chain(length).chain([0]);
        kernel.iter_mut().zip(head).for_each(|(byte, head)| *byte = head);
    }
    Some(kernel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_modules_of_the_size_asked_for() {
        for bytes in [SMALLEST, 142, 9_000, 2_100_000] {
            let module = kernel("next", &format!("a module of {bytes} bytes")).unwrap();
            assert_eq!(module.len(), bytes);
            wasmparser::validate(&module).unwrap();
            let other = kernel("next", &format!("an invalid module of {bytes} bytes")).unwrap();
            assert_eq!(other.len(), bytes);
            assert!(wasmparser::validate(&other).is_err());
        }
        for wrong in [
            "a module of 14 bytes",
            "a module of 4,198,400 bytes",
            "15 bytes",
            "an invalid module",
            "a module",
        ] {
            assert_eq!(kernel("next", wrong), None, "{wrong}");
        }
    }
}
