//! A part of durable storage under one root, so that the same code works on the committed state
//! and on the working copy.

use crate::{Host, HostError, RawRollupCore};

/// The subtree under a root; paths are relative to it and begin with a slash.
#[derive(Debug)]
pub struct Subtree<'h, H: RawRollupCore> {
    host: &'h H,
    root: &'static str,
}

impl<H: RawRollupCore> Clone for Subtree<'_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: RawRollupCore> Copy for Subtree<'_, H> {}

impl<'h, H: RawRollupCore> Subtree<'h, H> {
    /// The subtree of `host` under `root`.
    pub fn new(host: &'h H, root: &'static str) -> Self {
        Subtree { host, root }
    }

    /// The host.
    pub fn host(&self) -> &'h H {
        self.host
    }

    /// The root.
    pub fn root(&self) -> &'static str {
        self.root
    }

    /// The whole path of a relative one.
    pub fn path(&self, relative: &str) -> String {
        [self.root, relative].concat()
    }

    /// See [`Host::read`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, HostError> {
        self.host.read(&self.path(path))
    }

    /// See [`Host::read_at`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn read_at(&self, path: &str, offset: usize, max: usize) -> Result<Vec<u8>, HostError> {
        self.host.read_at(&self.path(path), offset, max)
    }

    /// See [`Host::read_record`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn read_record<const N: usize>(
        &self,
        path: &str,
        what: &'static str,
    ) -> Result<Option<[u8; N]>, HostError> {
        self.host.read_record(&self.path(path), what)
    }

    /// See [`Host::write_at`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn write_at(&self, path: &str, offset: usize, bytes: &[u8]) -> Result<(), HostError> {
        self.host.write_at(&self.path(path), offset, bytes)
    }

    /// Writes a value that is no shorter than the one before it.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), HostError> {
        self.write_at(path, 0, bytes)
    }

    /// See [`Host::delete`].
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn delete(&self, path: &str) -> Result<(), HostError> {
        self.host.delete(&self.path(path))
    }
}

/// The path that ends in a number, in decimal, below a folder with its slash. Some are composed in every run: formatting
/// would take a few hundred instructions each.
#[must_use]
pub fn numbered(folder: &str, number: u64) -> String {
    let mut power = 1_u64;
    while number / power >= 10 {
        power = power.saturating_mul(10);
    }
    let mut path = String::with_capacity(folder.len() + 20);
    path.push_str(folder);
    while power > 0 {
        let digit = u32::try_from(number / power % 10).unwrap_or(0);
        path.push(char::from_digit(digit, 10).unwrap_or('0'));
        power /= 10;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_decimal() {
        let near = (0..20).map(|power| 10_u64.pow(power));
        let numbers = near.flat_map(|power| [power - 1, power, power.saturating_mul(7)]);
        for number in numbers.chain([u64::MAX, u64::MAX - 1]) {
            assert_eq!(numbered("/a/", number), format!("/a/{number}"));
        }
    }
}
