//! Paths of pages under construction: a folder that stays, and a number in decimal after it. Nothing is allocated but
//! once: there are several paths for each transfer.

/// The most digits of a number.
const DIGITS: usize = 10;

/// A path that ends in the number of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct PagePath {
    /// The folder, and room for a number.
    bytes: Vec<u8>,
    folder: usize,
    /// Of what group the folder is.
    group: Option<u32>,
}

impl PagePath {
    /// Makes the folder that of a group, if it is another one's. The root is the same in all calls.
    #[inline]
    pub(crate) fn enter(&mut self, root: &str, group: u32, folder: impl Fn(u32) -> String) {
        if self.group != Some(group) {
            self.bytes = [root, &folder(group)].concat().into_bytes();
            self.folder = self.bytes.len();
            self.bytes.resize(self.folder + DIGITS, 0);
            self.group = Some(group);
        }
    }

    /// The path of a page in that folder.
    pub(crate) fn page(&mut self, page: u32) -> &[u8] {
        let more = page.checked_ilog10().and_then(|digits| usize::try_from(digits).ok());
        let end = self.folder + 1 + more.unwrap_or(0);
        let digits = self.bytes.get_mut(self.folder..end).unwrap_or_default();
        let mut rest = page;
        for digit in digits.iter_mut().rev() {
            let tens = rest / 10;
            // Below ten: nothing wraps.
            let [low, ..] = rest.wrapping_sub(tens.wrapping_mul(10)).to_le_bytes();
            *digit = b'0' | low;
            rest = tens;
        }
        self.bytes.get(..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_folders_with_numbers_in_decimal() {
        let folder = |group| format!("/of/{group}/");
        let mut path = PagePath::default();
        for group in [0, 7, 7, 4_294_967_295] {
            for page in [0, 9, 10, 4_097, 1_000, 9_999, 999_999_999, u32::MAX, u32::MAX - 1, 99] {
                path.enter("/state", group, folder);
                assert_eq!(path.page(page), format!("/state/of/{group}/{page}").as_bytes());
            }
        }
    }
}
