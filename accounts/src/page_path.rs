//! Paths of pages: a folder that stays, and the number of a page after it. There are several for each transfer, so a path
//! is written over the one before it, in a few instructions: numbers of pages have a fixed number of digits.

/// Bytes after the folder: a slash and seven hexadecimal digits.
const NAME_BYTES: usize = 8;

/// A path that ends in the number of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct PagePath {
    /// The folder, and room for a number.
    bytes: Vec<u8>,
    /// Of what group the folder is.
    group: Option<u32>,
}

impl PagePath {
    /// Makes the folder that of a group, if it is another one's. The root is the same in all calls.
    #[inline(always)]
    pub(crate) fn enter(&mut self, root: &str, group: u32, folder: impl Fn(u32) -> String) {
        if self.group != Some(group) {
            self.set_folder(root, &folder(group));
            self.group = Some(group);
        }
    }

    #[cold]
    fn set_folder(&mut self, root: &str, folder: &str) {
        self.bytes = [root, folder].concat().into_bytes();
        self.bytes.resize(self.bytes.len() + NAME_BYTES, 0);
    }

    /// The path of a page in that folder.
    #[inline(always)]
    pub(crate) fn page(&mut self, page: u32) -> &[u8] {
        if let Some(name) = self.bytes.last_chunk_mut::<NAME_BYTES>() {
            *name = page_name(page);
        }
        &self.bytes
    }
}

/// A slash and the number of a page, below 2^28, in seven lowercase hexadecimal digits. All digits are made at once, in
/// the bytes of one number.
#[inline(always)]
pub(crate) fn page_name(page: u32) -> [u8; NAME_BYTES] {
    // The highest digit comes first, and so belongs into the lowest byte. Halves change places, then bytes, then digits.
    let page = u64::from(page);
    let halves = page >> 16 | (page & 0xffff) << 32;
    let bytes = (halves >> 8 & 0x0000_00ff_0000_00ff) | (halves & 0x0000_00ff_0000_00ff) << 16;
    let digits = (bytes >> 4 & 0x000f_000f_000f_000f) | (bytes & 0x000f_000f_000f_000f) << 8;
    // A one in each byte whose digit is a letter. No byte overflows: a digit is at most 15.
    let letters = digits.wrapping_add(0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    const TO_LETTER: u64 = (b'a' - b'9' - 1) as u64;
    let text =
        digits.wrapping_add(0x3030_3030_3030_3030).wrapping_add(letters.wrapping_mul(TO_LETTER));
    // The eighth digit is a zero, in the place of the slash, which comes just before it.
    text.wrapping_sub(1).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_slash_and_seven_digits() {
        let small = 0..70_000;
        let spread = (0..4_096).map(|n: u32| n.wrapping_mul(40_503) << 4 & 0x0fff_ffff);
        for page in small.chain(spread).chain([0x0fff_ffff, 0x0123_4567, 0x089a_bcde, 204_522_252])
        {
            assert_eq!(page_name(page), *format!("/{page:07x}").as_bytes());
        }
    }

    #[test]
    fn paths_are_folders_with_numbers() {
        let folder = |group| format!("/of/{group}");
        let mut path = PagePath::default();
        for group in [0, 7, 7, 4_294_967_295] {
            for page in [0, 9, 10, 4_097, 0x0fff_ffff, 99] {
                path.enter("/state", group, folder);
                assert_eq!(path.page(page), format!("/state/of/{group}/{page:07x}").as_bytes());
            }
        }
    }
}
