//! The versions of the PVM: what each changed, and which protocol brings which.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A version of the WASM PVM. A rollup keeps the one it was originated with until a protocol that
/// brings another one is activated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `2.0.0`, of Mumbai.
    V0,
    /// `2.0.0-r1`, of Nairobi: three more host functions, deeper calls.
    V1,
    /// `2.0.0-r2`, of Oxford: `store_exists`.
    V2,
    /// `2.0.0-r3`, of rollups originated under Oxford: `reveal`.
    V3,
    /// `2.0.0-r4`, of Paris: more ticks.
    V4,
    /// `2.0.0-r5`, of Quebec up to Tallinn.
    V5,
    /// `2.0.0-r6`, of Ushuaia: the `nds_*` host functions.
    #[default]
    V6,
}

/// What is no version of the PVM.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no version of the PVM: 0 to 6, or 2.0.0 to 2.0.0-r6")]
pub struct UnknownVersion(pub String);

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 7] =
        [Self::V0, Self::V1, Self::V2, Self::V3, Self::V4, Self::V5, Self::V6];

    /// What the PVM writes to `/readonly/wasm_version`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V0 => "2.0.0",
            Self::V1 => "2.0.0-r1",
            Self::V2 => "2.0.0-r2",
            Self::V3 => "2.0.0-r3",
            Self::V4 => "2.0.0-r4",
            Self::V5 => "2.0.0-r5",
            Self::V6 => "2.0.0-r6",
        }
    }

    /// The version of a name, as in `/readonly/wasm_version`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == name)
    }

    /// The version that rollups get when a protocol is activated, by the name that its
    /// `Protocol_migration` message carries. Other names change nothing.
    #[must_use]
    pub fn of_protocol(name: &str) -> Option<Self> {
        match name {
            "nairobi_017" => Some(Self::V1),
            // V3 came with new originations only.
            "oxford_018" => Some(Self::V2),
            "paris_019" | "paris_020" => Some(Self::V4),
            "quebec_021" | "r022_022" | "s023_023" | "t024_024" => Some(Self::V5),
            "u025_025" | "alpha_current" => Some(Self::V6),
            _ => None,
        }
    }

    /// How many functions of a module may be open at once, `kernel_run` included and host functions not;
    /// with one more, the PVM is stuck.
    #[must_use]
    pub const fn max_call_depth(self) -> usize {
        match self {
            Self::V0 => 299,
            _ => 59_999,
        }
    }

    /// The ticks one call of `kernel_run` may take in a rollup that is originated with this version; with
    /// more, the PVM is stuck.
    #[must_use]
    pub const fn ticks_per_call(self) -> u64 {
        match self {
            Self::V0 | Self::V1 | Self::V2 | Self::V3 => 11_000_000_000,
            Self::V4 | Self::V5 | Self::V6 => 50_000_000_000_000,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Version {
    type Err = UnknownVersion;

    /// A number from 0 to 6, or a name.
    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        let by_number = || Self::ALL.get(text.parse::<usize>().ok()?).copied();
        let found = Self::from_name(text).or_else(by_number);
        found.ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_read_and_nothing_else() {
        for (number, version) in Version::ALL.into_iter().enumerate() {
            assert_eq!(number.to_string().parse(), Ok(version));
            assert_eq!(version.name().parse(), Ok(version));
        }
        for wrong in ["", "7", "-1", "r6", "2.0.0-r7", "2.0.0-r0"] {
            assert_eq!(wrong.parse::<Version>(), Err(UnknownVersion(wrong.to_owned())));
        }
    }
}
