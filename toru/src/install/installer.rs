//! The installer of a kernel, and the pages that it reveals, as bytes.

use std::collections::BTreeSet;
use std::mem;

use pvm::PreimageHash;
use tezos_smart_rollup_encoding::dac::pages::prepare_preimages;
use tezos_smart_rollup_host::path::{OwnedPath, PATH_MAX_SIZE, RefPath};
use tezos_smart_rollup_installer::installer::with_config_program;
use tezos_smart_rollup_installer::{KERNEL_BOOT_PATH, PREPARE_KERNEL_PATH};
use tezos_smart_rollup_installer_config::binary::owned::{
    OwnedBytes, OwnedConfigInstruction, OwnedConfigProgram,
};

use crate::setup::{Instruction, Set};
use layer1::plain::quoted;

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
    /// The setup takes away what the installer needs.
    #[error("the setup moves {}, where the installer has the kernel", quoted(.0))]
    MovedAway(String),
    /// The setup moves what is not there: the installer would fail there in every level, for ever.
    #[error("the setup moves {}, but nothing before that writes to it", quoted(.0))]
    Nothing(String),
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
    /// The hashes that the setup reveals, beside the kernel: whoever has their pages has to give them to
    /// the nodes too.
    pub reveals: Vec<PreimageHash>,
}

/// Makes the installer of a kernel that follows these instructions too.
///
/// They come before the kernel: whatever goes wrong on the way, there is no kernel without its
/// configuration.
///
/// # Errors
/// When the installer could not do it, or does not fit the operation.
pub fn prepare(kernel: &[u8], setup: &[Instruction]) -> Result<Installation, InstallError> {
    let mut pages = Vec::new();
    let root = prepare_preimages(kernel, |hash, page| pages.push((hash.into(), page)))
        .map_err(|error| InstallError::Pages(error.to_string()))?;
    let mut written = Written::default();
    let program = setup.iter().map(|instruction| order(instruction, &mut written));
    let mut program = program.collect::<Result<Vec<_>, _>>()?;
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
    let reveals = setup.iter().filter_map(|instruction| match instruction {
        Instruction::Reveal { hash, .. } => Some(*hash),
        _ => None,
    });
    Ok(Installation { root: root.into(), pages, installer, reveals: reveals.collect() })
}

/// The paths that have been written to before an instruction.
#[derive(Default)]
struct Written(BTreeSet<String>);

impl Written {
    /// Moves them as the storage does. Says whether there were any.
    fn move_tree(&mut self, from: &str, to: &str) -> bool {
        let (moved, stay): (BTreeSet<String>, _) =
            mem::take(&mut self.0).into_iter().partition(|path| is_below(path, from));
        self.0 = stay;
        self.0.retain(|path| !is_below(path, to));
        self.0.extend(moved.iter().map(|path| format!("{to}{}", &path[from.len()..])));
        !moved.is_empty()
    }
}

/// Whether a path is another one, or below it.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn order(
    instruction: &Instruction,
    written: &mut Written,
) -> Result<OwnedConfigInstruction, InstallError> {
    match instruction {
        Instruction::Set(one) => {
            let order = set(one)?;
            written.0.insert(one.path.clone());
            Ok(order)
        }
        Instruction::Reveal { hash, to } => {
            let path = writable(to)?;
            written.0.insert(to.clone());
            Ok(OwnedConfigInstruction::reveal_instr(hash.into(), path))
        }
        Instruction::Move { from, to } => {
            // What is above the kernel takes it along, or replaces it.
            let is_above = |path: &str| OF_THE_INSTALLER.iter().any(|taken| is_below(taken, path));
            if is_above(from) {
                return Err(InstallError::MovedAway(from.clone()));
            }
            if is_above(to) {
                return Err(InstallError::Path(to.clone()));
            }
            let order = OwnedConfigInstruction::move_instr(writable(from)?, writable(to)?);
            match written.move_tree(from, to) {
                true => Ok(order),
                false => Err(InstallError::Nothing(from.clone())),
            }
        }
    }
}

/// A path, unless the installer has its own business there.
fn writable(path: &str) -> Result<OwnedPath, InstallError> {
    let refused = || InstallError::Path(path.to_owned());
    if OF_THE_INSTALLER.iter().any(|taken| is_below(path, taken)) {
        return Err(refused());
    }
    OwnedPath::try_from(path.to_owned()).map_err(|_| refused())
}

fn set(set: &Set) -> Result<OwnedConfigInstruction, InstallError> {
    let path = writable(&set.path)?;
    let most = ORDER_BYTES_MAX.saturating_sub(ORDER_OVERHEAD_BYTES + set.path.len());
    if set.value.len() > most {
        let (path, bytes) = (set.path.clone(), set.value.len());
        return Err(InstallError::Value { path, bytes, most });
    }
    Ok(OwnedConfigInstruction::set_instr(OwnedBytes(set.value.clone()), path))
}
