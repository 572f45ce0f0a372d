//! The installer of a kernel, and the pages that it reveals, as bytes.

use pvm::PreimageHash;
use tezos_smart_rollup_encoding::dac::pages::prepare_preimages;
use tezos_smart_rollup_host::path::{OwnedPath, PATH_MAX_SIZE, RefPath};
use tezos_smart_rollup_installer::installer::with_config_program;
use tezos_smart_rollup_installer::{KERNEL_BOOT_PATH, PREPARE_KERNEL_PATH};
use tezos_smart_rollup_installer_config::binary::owned::{
    OwnedBytes, OwnedConfigInstruction, OwnedConfigProgram,
};

use crate::plain::quoted;
use crate::setup::Set;

/// Bytes: the most that an operation of layer 1 may have.
const OPERATION_BYTES_MAX: usize = 32_768;
/// Bytes: what an origination has beside the kernel, at most: its branch, the source with its fees,
/// the rollup's type, a signature, and the reveal of a key, which may share the operation. With our
/// type and a tz4 for the source that is below 500.
const ORIGINATION_HEADER_BYTES: usize = 1_024;
/// Bytes: the most that an installer may have.
pub const INSTALLER_BYTES_MAX: usize = OPERATION_BYTES_MAX - ORIGINATION_HEADER_BYTES;

/// Bytes: the most that one order to the installer may have. It reads each into a buffer that holds
/// two of the SDK's longest paths, each with its length, and a tag; by a longer one it would trap in
/// every level, for ever.
const ORDER_BYTES_MAX: usize = 2 * (1 + PATH_MAX_SIZE) + 1;
/// Bytes: what an order to write a value has beside path and value: a tag and their lengths.
const ORDER_OVERHEAD_BYTES: usize = 1 + 4 + 1;

/// What a setup cannot write: here the installer has its own business.
const OF_THE_INSTALLER: [&str; 4] =
    ["/kernel/boot.wasm", "/kernel/env/reboot", "/installer", "/__installer_kernel"];

/// Why there is no installer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// It does not fit the operation that originates the rollup.
    #[error(
        "the installer has {bytes} bytes, {INSTALLER_BYTES_MAX} are the most that fit one operation"
    )]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// The setup writes where the installer does.
    #[error("the setup writes to {}, where the installer has the kernel", quoted(.0))]
    Path(String),
    /// A value does not fit the installer's memory.
    #[error(
        "the value for {} has {bytes} bytes, {most} are the most that the installer writes there",
        quoted(path)
    )]
    Value {
        /// Where it should go.
        path: String,
        /// How many it has.
        bytes: usize,
        /// How many it could have.
        most: usize,
    },
    /// The SDK could not encode it.
    #[error("the kernel has no pages: {0}")]
    Pages(String),
}

/// All that a rollup begins with.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The hash of the page from which all others are found.
    pub root: PreimageHash,
    /// The pages, each with its hash, in no order that matters.
    pub pages: Vec<(PreimageHash, Vec<u8>)>,
    /// The installer, a WASM module.
    pub installer: Vec<u8>,
}

/// Makes the installer of a kernel that writes these values too.
///
/// The values come before the kernel: whatever goes wrong on the way, there is no kernel without
/// its configuration.
pub fn prepare(kernel: &[u8], sets: &[Set]) -> Result<Installation, InstallError> {
    let mut pages = Vec::new();
    let root = prepare_preimages(kernel, |hash, page| pages.push((hash.into(), page)))
        .map_err(|error| InstallError::Pages(error.to_string()))?;
    let mut program = sets.iter().map(set).collect::<Result<Vec<_>, _>>()?;
    let owned = |path: RefPath<'_>| OwnedPath::from(path);
    program.push(OwnedConfigInstruction::reveal_instr(root.clone(), owned(PREPARE_KERNEL_PATH)));
    program.push(OwnedConfigInstruction::move_instr(
        owned(PREPARE_KERNEL_PATH),
        owned(KERNEL_BOOT_PATH),
    ));
    let installer = with_config_program(OwnedConfigProgram(program));
    if installer.len() > INSTALLER_BYTES_MAX {
        return Err(InstallError::TooLarge { bytes: installer.len() });
    }
    Ok(Installation { root: root.into(), pages, installer })
}

fn set(set: &Set) -> Result<OwnedConfigInstruction, InstallError> {
    let refused = || InstallError::Path(set.path.clone());
    let taken = OF_THE_INSTALLER.iter().any(|taken| {
        set.path.strip_prefix(taken).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if taken {
        return Err(refused());
    }
    let most = ORDER_BYTES_MAX.saturating_sub(ORDER_OVERHEAD_BYTES + set.path.len());
    if set.value.len() > most {
        let (path, bytes) = (set.path.clone(), set.value.len());
        return Err(InstallError::Value { path, bytes, most });
    }
    let path = OwnedPath::try_from(set.path.clone()).map_err(|_| refused())?;
    Ok(OwnedConfigInstruction::set_instr(OwnedBytes(set.value.clone()), path))
}
