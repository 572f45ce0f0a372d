//! Secret scalars: public keys and signatures of them. Public ones: coefficients of sums.

use ::blst::{self as blst, blst_p1, blst_p1_affine, blst_p2, blst_p2_affine, blst_scalar};

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
    /// Points, each so many times. The numbers are other than zero and no secrets.
    pub(crate) fn each_times(points: &[(G1, u64)]) -> Vec<G1> {
        let times = |(point, number): &(G1, u64)| {
            let (mut projective, mut product) = (blst_p1::default(), blst_p1::default());
            let scalar = number.to_le_bytes();
            // SAFETY: blst reads one point and as many bytes of the scalar as the bits take, and writes one point
            // each.
            unsafe {
                blst::blst_p1_from_affine(&mut projective, &point.0);
                blst::blst_p1_mult(&mut product, &projective, scalar.as_ptr(), COEFFICIENT_BITS);
            }
            product
        };
        let products: Vec<blst_p1> = points.iter().map(times).collect();
        if products.is_empty() {
            return Vec::new();
        }
        let pointers: Vec<*const blst_p1> = products.iter().map(|one| one as *const _).collect();
        let mut affine = vec![blst_p1_affine::default(); products.len()];
        // SAFETY: the array holds as many pointers to points that outlive the call as blst writes points; they share
        // one division. A number below the group's order never makes the identity of a point that is none.
        unsafe {
            blst::blst_p1s_to_affine(affine.as_mut_ptr(), pointers.as_ptr(), pointers.len());
        }
        affine.into_iter().map(G1).collect()
    }
}

impl G2 {
    /// The sum of points other than the identity, each so many times: Pippenger's way, which shares the doublings.
    /// The numbers are no secrets. `None` of no points.
    pub(crate) fn sum_of_multiples(points: &[(G2, u64)]) -> Option<G2> {
        if points.is_empty() {
            return None;
        }
        let affine = G2::all_to_affine(points.iter().map(|(point, _)| point));
        let pointers: Vec<*const blst_p2_affine> =
            affine.iter().map(|one| one as *const _).collect();
        let scalars: Vec<[u8; 8]> = points.iter().map(|(_, number)| number.to_le_bytes()).collect();
        let scalar_pointers: Vec<*const u8> = scalars.iter().map(|one| one.as_ptr()).collect();
        let mut sum = blst_p2::default();
        // SAFETY: each array holds as many pointers, to what outlives the calls, as there are points; the scratch has
        // as many bytes as blst asks for.
        unsafe {
            let scratch = blst::blst_p2s_mult_pippenger_scratch_sizeof(points.len());
            let mut scratch = vec![0_u64; scratch.div_ceil(size_of::<u64>())];
            blst::blst_p2s_mult_pippenger(
                &mut sum,
                pointers.as_ptr(),
                points.len(),
                scalar_pointers.as_ptr(),
                COEFFICIENT_BITS,
                scratch.as_mut_ptr(),
            );
        }
        Some(G2(sum))
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
