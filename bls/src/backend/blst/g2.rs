//! Points of G2: signatures and hashed messages.

use ::blst::{self as blst, BLST_ERROR, blst_p2, blst_p2_affine};

/// A point of G2: a signature, a hashed message or a sum of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G2(pub(super) blst_p2);

impl G2 {
    /// Decompresses, and checks curve and subgroup.
    pub(crate) fn decompress(bytes: &[u8; 96]) -> Option<G2> {
        let mut affine = blst_p2_affine::default();
        let mut point = blst_p2::default();
        // SAFETY: blst reads 96 bytes and writes one point each; checked as in `G1::decompress`.
        let in_group = unsafe {
            let decoded =
                blst::blst_p2_uncompress(&mut affine, bytes.as_ptr()) == BLST_ERROR::BLST_SUCCESS;
            blst::blst_p2_from_affine(&mut point, &affine);
            decoded && !blst::blst_p2_is_inf(&point) && blst::blst_p2_affine_in_g2(&affine)
        };
        in_group.then_some(G2(point))
    }

    /// The 96-byte compressed form.
    pub(crate) fn compress(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        // SAFETY: blst writes 96 bytes.
        unsafe { blst::blst_p2_compress(bytes.as_mut_ptr(), &self.0) }
        bytes
    }

    /// Hashes `prefix ‖ message` to a point.
    pub(crate) fn hash(dst: &[u8], prefix: &[u8], message: &[u8]) -> G2 {
        let mut point = blst_p2::default();
        // SAFETY: each pointer comes with its length; blst writes one point.
        unsafe {
            blst::blst_hash_to_g2(
                &mut point,
                message.as_ptr(),
                message.len(),
                dst.as_ptr(),
                dst.len(),
                prefix.as_ptr(),
                prefix.len(),
            );
        }
        G2(point)
    }

    /// The sum.
    pub(crate) fn add(&self, other: &G2) -> G2 {
        let mut sum = blst_p2::default();
        // SAFETY: blst reads two points and writes one; this addition also doubles.
        unsafe { blst::blst_p2_add_or_double(&mut sum, &self.0, &other.0) }
        G2(sum)
    }

    /// Whether this is the identity, as a sum may be.
    pub(super) fn is_identity(&self) -> bool {
        // SAFETY: blst reads one point.
        unsafe { blst::blst_p2_is_inf(&self.0) }
    }

    /// Points other than the identity, in affine form: they share one division.
    pub(super) fn all_to_affine<'a>(points: impl Iterator<Item = &'a G2>) -> Vec<blst_p2_affine> {
        let points: Vec<*const blst_p2> = points.map(|point| &point.0 as *const _).collect();
        let mut affine = vec![blst_p2_affine::default(); points.len()];
        if !points.is_empty() {
            // SAFETY: the array holds as many pointers to points that outlive the call as blst writes points.
            unsafe {
                blst::blst_p2s_to_affine(affine.as_mut_ptr(), points.as_ptr(), points.len());
            }
        }
        affine
    }
}
