//! The one form in which a point may arrive: compressed, not the identity, coordinates reduced.
//!
//! This is checked here, before any backend sees the bytes, so that no backend's leniency can
//! become a second encoding of the same key or signature.

/// The field's modulus, big-endian.
pub(crate) const P: [u8; 48] = [
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
];

/// Set in the first byte of the compressed form.
pub(crate) const COMPRESSED: u8 = 0x80;
/// Set in that of the identity.
pub(crate) const IDENTITY: u8 = 0x40;
/// Set where y is the larger of the two that there are.
pub(crate) const SIGN: u8 = 0x20;

/// Whether `point` is the compressed form of a point that is not the identity, each coordinate
/// below the modulus. Whether it lies on the curve is for the backend to say.
pub(crate) fn is_canonical(point: &[u8]) -> bool {
    let Some(flags) = point.first() else { return false };
    if flags & COMPRESSED == 0 || flags & IDENTITY != 0 {
        return false;
    }
    let mut coordinates = point.to_vec();
    coordinates[0] &= !(COMPRESSED | IDENTITY | SIGN);
    coordinates.chunks(P.len()).all(|coordinate| coordinate < &P[..])
}

/// Whether these are the two coordinates of a point other than the identity as they are stored: each
/// below the modulus, not both zero. It was checked before it was stored that they are on the curve.
pub(crate) fn is_stored_form(point: &[u8; 96]) -> bool {
    // Mostly the first byte says it: comparing all of them is dear where nothing compares several at once.
    let is_below = |half: &[u8]| half.first() < P.first() || half < &P[..];
    point.iter().any(|byte| *byte != 0) && point.chunks(P.len()).all(is_below)
}

/// The sign bit of a compressed point, and its bytes without the flags. `None` where they are not
/// those of a compressed point other than the identity.
#[cfg(any(test, feature = "compare", all(target_family = "wasm", not(feature = "blst-in-wasm"))))]
pub(crate) fn without_flags<const N: usize>(bytes: &[u8; N]) -> Option<(bool, [u8; N])> {
    let flags = bytes.first()?;
    let sign = flags & SIGN != 0;
    let expected = flags & COMPRESSED != 0 && flags & IDENTITY == 0;
    let mut bytes = *bytes;
    bytes[0] &= !(COMPRESSED | IDENTITY | SIGN);
    expected.then_some((sign, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_range() {
        let mut key = [0u8; 48];
        assert!(!is_canonical(&key), "not compressed");
        key[0] = COMPRESSED;
        assert!(is_canonical(&key));
        key[0] = COMPRESSED | IDENTITY;
        assert!(!is_canonical(&key), "the identity");
        let mut modulus = P;
        modulus[0] |= COMPRESSED;
        assert!(!is_canonical(&modulus), "x = p is 0 written twice");
        modulus[47] -= 1;
        assert!(is_canonical(&modulus));
        let mut signature = [0u8; 96];
        signature[0] = COMPRESSED;
        signature[48..].copy_from_slice(&P);
        assert!(!is_canonical(&signature), "the second coordinate counts too");
    }
}
