//! Points of G1, public keys, and their sums.

use ::blst::{self as blst, BLST_ERROR, blst_p1, blst_p1_affine};

use crate::backend::FP_BYTES;
use crate::canonical::is_stored_form;

/// A point of G1 other than the identity: a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G1(pub(super) blst_p1_affine);

/// A sum of points of G1. Those that are still to be added wait, to be added all at once.
#[derive(Clone, Debug)]
pub(crate) struct G1Sum {
    sum: blst_p1,
    waiting: Vec<blst_p1_affine>,
}

impl G1 {
    /// The generator's negative: the signature's partner in the check of a product.
    pub(crate) fn minus_generator() -> G1 {
        // SAFETY: blst's is a constant point.
        G1(unsafe { blst::BLS12_381_NEG_G1 })
    }

    /// Decompresses, and checks curve and subgroup.
    pub(crate) fn decompress(bytes: &[u8; 48]) -> Option<G1> {
        let mut point = blst_p1_affine::default();
        // SAFETY: blst reads 48 bytes and writes one point; the point is valid when it is checked.
        let in_group = unsafe {
            blst::blst_p1_uncompress(&mut point, bytes.as_ptr()) == BLST_ERROR::BLST_SUCCESS
                && !blst::blst_p1_affine_is_inf(&point)
                && blst::blst_p1_affine_in_g1(&point)
        };
        in_group.then_some(G1(point))
    }

    /// Reads the 96-byte form of a point that was checked before it was stored. Nothing but its form
    /// is looked at again.
    pub(crate) fn load(bytes: &[u8; 96]) -> Option<G1> {
        if !is_stored_form(bytes) {
            return None;
        }
        let mut point = blst_p1_affine::default();
        // SAFETY: blst reads 48 bytes twice and writes one coordinate each.
        unsafe {
            blst::blst_fp_from_bendian(&mut point.x, bytes.as_ptr());
            blst::blst_fp_from_bendian(&mut point.y, bytes.as_ptr().add(FP_BYTES));
        }
        Some(G1(point))
    }

    /// The 96-byte form, x and y big-endian.
    pub(crate) fn store(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        // SAFETY: blst writes 96 bytes.
        unsafe { blst::blst_p1_affine_serialize(bytes.as_mut_ptr(), &self.0) }
        bytes
    }

    /// The 48-byte form.
    pub(crate) fn compress(&self) -> [u8; 48] {
        let mut bytes = [0; 48];
        // SAFETY: blst writes 48 bytes.
        unsafe { blst::blst_p1_affine_compress(bytes.as_mut_ptr(), &self.0) }
        bytes
    }

    /// Some bits of the point, the same for the same point: a comparison that costs next to
    /// nothing.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.0.x.l[0]
    }
}

/// Points that are added at once: so many share one division.
const ADDED_AT_ONCE: usize = 256;

impl G1Sum {
    /// The sum of nothing.
    pub(crate) fn new() -> G1Sum {
        G1Sum { sum: blst_p1::default(), waiting: Vec::new() }
    }

    /// The same, with room for so many points that are to be added.
    pub(crate) fn with_capacity(points: usize) -> G1Sum {
        let waiting = Vec::with_capacity(points.min(ADDED_AT_ONCE));
        G1Sum { sum: blst_p1::default(), waiting }
    }

    /// Adds a point.
    pub(crate) fn add(&mut self, point: &G1) {
        self.waiting.push(point.0);
        if self.waiting.len() == ADDED_AT_ONCE {
            self.sum = self.total();
            self.waiting.clear();
        }
    }

    fn total(&self) -> blst_p1 {
        if self.waiting.is_empty() {
            return self.sum;
        }
        let points: Vec<*const blst_p1_affine> =
            self.waiting.iter().map(|point| point as *const _).collect();
        let (mut added, mut sum) = (blst_p1::default(), blst_p1::default());
        // SAFETY: the array holds so many pointers to points that outlive the call; blst reads two
        // points and writes one. Both additions also double, and know the identity.
        unsafe {
            blst::blst_p1s_add(&mut added, points.as_ptr(), points.len());
            blst::blst_p1_add_or_double(&mut sum, &self.sum, &added);
        }
        sum
    }

    /// The sum, unless it is the identity.
    pub(crate) fn point(&self) -> Option<G1> {
        let total = self.total();
        let mut affine = blst_p1_affine::default();
        // SAFETY: blst reads one point and writes one.
        unsafe {
            if blst::blst_p1_is_inf(&total) {
                return None;
            }
            blst::blst_p1_to_affine(&mut affine, &total);
        }
        Some(G1(affine))
    }
}
