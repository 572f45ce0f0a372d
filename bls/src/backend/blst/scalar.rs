//! Secret scalars: public keys and signatures of them. Public ones: coefficients of sums.

use ::blst::{self as blst, blst_p1, blst_p1_affine, blst_p2, blst_scalar};

use super::{G1, G2};

/// A secret scalar, zeroised by blst when dropped.
pub(crate) type Scalar = blst::min_pk::SecretKey;

/// The scalar of little-endian bytes; `None` when it is zero or not below the group's order.
pub(crate) fn scalar_from_little_endian(bytes: &[u8; 32]) -> Option<Scalar> {
    let mut big_endian = *bytes;
    big_endian.reverse();
    let scalar = Scalar::from_bytes(&big_endian).ok();
    big_endian.fill(0);
    scalar
}

/// The public key of a secret scalar.
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

/// Bits of a coefficient.
const COEFFICIENT_BITS: usize = 64;

impl G1 {
    /// The point, so many times. The number is other than zero and no secret.
    pub(crate) fn times(&self, number: u64) -> G1 {
        let (mut point, mut product) = (blst_p1::default(), blst_p1::default());
        let mut affine = blst_p1_affine::default();
        let scalar = number.to_le_bytes();
        // SAFETY: blst reads one point and as many bytes of the scalar as the bits take, and writes one point each.
        // A number below the group's order never makes the identity of a point that is none.
        unsafe {
            blst::blst_p1_from_affine(&mut point, &self.0);
            blst::blst_p1_mult(&mut product, &point, scalar.as_ptr(), COEFFICIENT_BITS);
            blst::blst_p1_to_affine(&mut affine, &product);
        }
        G1(affine)
    }
}

impl G2 {
    /// The point, so many times. The number is no secret.
    pub(crate) fn times(&self, number: u64) -> G2 {
        let mut product = blst_p2::default();
        let scalar = number.to_le_bytes();
        // SAFETY: as in `G1::times`.
        unsafe {
            blst::blst_p2_mult(&mut product, &self.0, scalar.as_ptr(), COEFFICIENT_BITS);
        }
        G2(product)
    }
}

/// A hashed message times a secret scalar: a signature.
pub(crate) fn sign(secret: &Scalar, hashed: &G2) -> G2 {
    let mut signature = blst_p2::default();
    let scalar: &blst_scalar = secret.into();
    // SAFETY: blst reads one point and one scalar and writes one point.
    unsafe { blst::blst_sign_pk_in_g1(&mut signature, &hashed.0, scalar) }
    G2(signature)
}
