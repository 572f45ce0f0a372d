//! blst, which is C and assembler: the backend of native builds, and the only one that signs, as
//! its scalar multiplication takes the same time for every secret. All unsafe code of this crate is
//! here.

#[cfg(not(target_family = "wasm"))]
use ::blst::blst_scalar;
use ::blst::{
    self as blst, BLST_ERROR, blst_fp, blst_fp12, blst_p1, blst_p1_affine, blst_p2, blst_p2_affine,
};

use super::{FP_BYTES, FP12_COEFFICIENTS};
use crate::canonical::is_stored_form;

/// A point of G1 other than the identity: a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G1(blst_p1_affine);

/// A sum of points of G1. Those that are still to be added wait, to be added all at once.
#[derive(Clone, Debug)]
pub(crate) struct G1Sum {
    sum: blst_p1,
    waiting: Vec<blst_p1_affine>,
}

/// A point of G2: a signature, a hashed message or a sum of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct G2(blst_p2);

/// A product of Miller loops, before the final exponentiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product(blst_fp12);

/// A secret scalar, zeroised by blst when dropped.
#[cfg(not(target_family = "wasm"))]
pub(crate) type Scalar = blst::min_pk::SecretKey;

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
    fn is_identity(&self) -> bool {
        // SAFETY: blst reads one point.
        unsafe { blst::blst_p2_is_inf(&self.0) }
    }

    fn to_affine(self) -> blst_p2_affine {
        let mut affine = blst_p2_affine::default();
        // SAFETY: blst reads one point and writes one.
        unsafe { blst::blst_p2_to_affine(&mut affine, &self.0) }
        affine
    }
}

/// The scalar of little-endian bytes; `None` when it is zero or not below the group's order.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn scalar_from_little_endian(bytes: &[u8; 32]) -> Option<Scalar> {
    let mut big_endian = *bytes;
    big_endian.reverse();
    let scalar = Scalar::from_bytes(&big_endian).ok();
    big_endian.fill(0);
    scalar
}

/// The public key of a secret scalar.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn public_point(secret: &Scalar) -> G1 {
    let mut point = blst_p1::default();
    let mut affine = blst_p1_affine::default();
    let scalar: &blst_scalar = secret.into();
    // SAFETY: blst reads one scalar and writes one point each.
    unsafe {
        blst::blst_sk_to_pk_in_g1(&mut point, scalar);
        blst::blst_p1_to_affine(&mut affine, &point);
    }
    G1(affine)
}

/// A hashed message times a secret scalar: a signature.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn sign(secret: &Scalar, hashed: &G2) -> G2 {
    let mut signature = blst_p2::default();
    let scalar: &blst_scalar = secret.into();
    // SAFETY: blst reads one point and one scalar and writes one point.
    unsafe { blst::blst_sign_pk_in_g1(&mut signature, &hashed.0, scalar) }
    G2(signature)
}

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
        let qs: Vec<blst_p2_affine> = pairs.iter().map(|(_, q)| q.to_affine()).collect();
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
