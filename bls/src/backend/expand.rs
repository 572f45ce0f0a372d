//! The bytes that are hashed to a point: `expand_message_xmd` of RFC 9380 with SHA-256, for the backends that have no
//! hash to the curve of their own.

use cryptoxide::hashing::sha2::Context256;

/// What SHA-256 puts out.
pub(super) const DIGEST_BYTES: usize = 32;
/// The block size of SHA-256.
const BLOCK_BYTES: usize = 64;
/// Uniform bytes for one coefficient, so many that their remainder is as good as uniform.
pub(super) const UNIFORM_BYTES: usize = 64;
/// Two elements of two coefficients each.
pub(super) const EXPANDED_BYTES: usize = 4 * UNIFORM_BYTES;

/// `expand_message_xmd` (5.3.1). The tag must have less than 256 bytes.
pub(super) fn expand(dst: &[u8], prefix: &[u8], message: &[u8]) -> [u8; EXPANDED_BYTES] {
    debug_assert!(dst.len() <= usize::from(u8::MAX), "a longer tag would have to be hashed");
    let tag = |hash: Context256| {
        let length = u8::try_from(dst.len()).unwrap_or(u8::MAX);
        hash.update(dst).update(&[length]).finalize()
    };
    let length = u16::try_from(EXPANDED_BYTES).unwrap_or(u16::MAX).to_be_bytes();
    let start = Context256::new()
        .update(&[0; BLOCK_BYTES])
        .update(prefix)
        .update(message)
        .update(&length)
        .update(&[0]);
    let start = tag(start);

    let mut expanded = [0; EXPANDED_BYTES];
    let mut last = [0; DIGEST_BYTES];
    for (chunk, number) in expanded.chunks_mut(DIGEST_BYTES).zip(1u8..) {
        for (byte, of_start) in last.iter_mut().zip(start) {
            *byte ^= of_start;
        }
        last = tag(Context256::new().update(&last).update(&[number]));
        chunk.copy_from_slice(&last);
    }
    expanded
}
