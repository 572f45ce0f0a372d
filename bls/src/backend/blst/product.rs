//! Products of Miller loops.

use ::blst::{self as blst, blst_fp, blst_fp12, blst_p1_affine, blst_p2_affine};

use super::{G1, G2};
use crate::backend::{FP_BYTES, FP12_COEFFICIENTS};

/// A product of Miller loops, before the final exponentiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product(blst_fp12);

impl Product {
    /// The empty product.
    pub(crate) fn one() -> Product {
        Product(blst_fp12::default())
    }

    /// The product of the Miller loops of all pairs, which share their squarings. A pair with the
    /// identity contributes one.
    pub(crate) fn of_pairs(pairs: &[(G1, G2)]) -> Product {
        let pairs: Vec<&(G1, G2)> = pairs.iter().filter(|(_, q)| !q.is_identity()).collect();
        if pairs.is_empty() {
            return Product::one();
        }
        let qs = G2::all_to_affine(pairs.iter().map(|(_, q)| q));
        let q_pointers: Vec<*const blst_p2_affine> = qs.iter().map(|q| q as *const _).collect();
        let p_pointers: Vec<*const blst_p1_affine> =
            pairs.iter().map(|(p, _)| &p.0 as *const _).collect();
        let mut product = blst_fp12::default();
        // SAFETY: both arrays hold `pairs.len()` pointers to points that outlive the call.
        unsafe {
            blst::blst_miller_loop_n(
                &mut product,
                q_pointers.as_ptr(),
                p_pointers.as_ptr(),
                pairs.len(),
            );
        }
        Product(product)
    }

    /// The product of two.
    pub(crate) fn times(&self, other: &Product) -> Product {
        let mut product = blst_fp12::default();
        // SAFETY: blst reads two elements and writes one.
        unsafe { blst::blst_fp12_mul(&mut product, &self.0, &other.0) }
        Product(product)
    }

    /// Whether the final exponentiation makes this one: whether a product of pairings is one.
    pub(crate) fn is_one_when_exponentiated(&self) -> bool {
        // SAFETY: blst reads two elements.
        unsafe { blst::blst_fp12_finalverify(&self.0, &Product::one().0) }
    }

    /// The twelve coefficients, each big-endian, in the order of the tower.
    pub(crate) fn coefficients(&self) -> [[u8; FP_BYTES]; FP12_COEFFICIENTS] {
        let mut out = [[0; FP_BYTES]; FP12_COEFFICIENTS];
        let fps = self.0.fp6.iter().flat_map(|fp6| &fp6.fp2).flat_map(|fp2| &fp2.fp);
        for (bytes, fp) in out.iter_mut().zip(fps) {
            // SAFETY: blst writes 48 bytes.
            unsafe { blst::blst_bendian_from_fp(bytes.as_mut_ptr(), fp) }
        }
        out
    }

    /// Reads [`Product::coefficients`] back.
    pub(crate) fn from_coefficients(bytes: &[[u8; FP_BYTES]; FP12_COEFFICIENTS]) -> Product {
        let mut product = blst_fp12::default();
        let fps = product.fp6.iter_mut().flat_map(|fp6| &mut fp6.fp2).flat_map(|fp2| &mut fp2.fp);
        for (bytes, fp) in bytes.iter().zip(fps) {
            let fp: &mut blst_fp = fp;
            // SAFETY: blst reads 48 bytes and writes one coefficient.
            unsafe { blst::blst_fp_from_bendian(fp, bytes.as_ptr()) }
        }
        Product(product)
    }
}
