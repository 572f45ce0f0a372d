//! What BLS costs natively at the least, from blst's own operations, timed in this process.

use cpu_time::ThreadTime;

use blst::{blst_fp12, blst_p1, blst_p1_affine, blst_p2, blst_p2_affine};

/// Seconds of one operation each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Floors {
    /// A Miller loop that shares its squarings with others.
    pub miller: f64,
    /// The final exponentiation.
    pub exponentiation: f64,
    /// A message hashed to the curve.
    pub hash: f64,
    /// A key added to a sum.
    pub addition: f64,
}

const PAIRS: usize = 32;
const ADDITIONS: usize = 4_096;

impl Floors {
    /// Times each operation, the least of several rounds.
    pub fn measure() -> Floors {
        let mut floors = Floors { miller: 1.0, exponentiation: 1.0, hash: 1.0, addition: 1.0 };
        for _ in 0..8 {
            let now = once();
            floors.miller = floors.miller.min(now.miller);
            floors.exponentiation = floors.exponentiation.min(now.exponentiation);
            floors.hash = floors.hash.min(now.hash);
            floors.addition = floors.addition.min(now.addition);
        }
        floors
    }

    /// The least for `n` signers of `n` messages: a pairing each, and the signature's.
    pub fn own(&self, n: f64) -> f64 {
        (n + 1.0) * self.miller + self.exponentiation + n * self.hash
    }

    /// The least for `n` signers of one message.
    pub fn batch(&self, n: f64) -> f64 {
        2.0 * self.miller + self.exponentiation + self.hash + n * self.addition
    }
}

fn once() -> Floors {
    let hashed: Vec<blst_p2> = (0..PAIRS).map(hash).collect();
    let begun = ThreadTime::now();
    for i in 0..PAIRS {
        std::hint::black_box(hash(i));
    }
    let hash_time = begun.elapsed().as_secs_f64() / PAIRS as f64;

    let affine: Vec<blst_p2_affine> = hashed
        .iter()
        .map(|point| {
            let mut affine = blst_p2_affine::default();
            // SAFETY: blst reads one point and writes one.
            unsafe { blst::blst_p2_to_affine(&mut affine, point) };
            affine
        })
        .collect();
    // SAFETY: blst returns a pointer to a constant of its own.
    let generator: blst_p1_affine = unsafe { *blst::blst_p1_affine_generator() };
    let qs: Vec<*const blst_p2_affine> = affine.iter().map(|q| q as *const _).collect();
    let ps: Vec<*const blst_p1_affine> =
        vec![&generator; PAIRS].into_iter().map(|p| p as *const _).collect();
    let mut product = blst_fp12::default();
    let begun = ThreadTime::now();
    // SAFETY: both arrays hold so many pointers to points that outlive the call.
    unsafe { blst::blst_miller_loop_n(&mut product, qs.as_ptr(), ps.as_ptr(), PAIRS) };
    let miller = begun.elapsed().as_secs_f64() / PAIRS as f64;

    let mut end = blst_fp12::default();
    let begun = ThreadTime::now();
    // SAFETY: blst reads one element and writes one.
    unsafe { blst::blst_final_exp(&mut end, &product) };
    let exponentiation = begun.elapsed().as_secs_f64();
    std::hint::black_box(end);

    let mut sum = blst_p1::default();
    // SAFETY: blst reads one point and writes one.
    unsafe { blst::blst_p1_from_affine(&mut sum, &generator) };
    let begun = ThreadTime::now();
    for _ in 0..ADDITIONS {
        let before = sum;
        // SAFETY: blst reads two points and writes one; this addition also doubles.
        unsafe { blst::blst_p1_add_or_double_affine(&mut sum, &before, &generator) };
    }
    let addition = begun.elapsed().as_secs_f64() / ADDITIONS as f64;
    std::hint::black_box(sum);
    Floors { miller, exponentiation, hash: hash_time, addition }
}

fn hash(i: usize) -> blst_p2 {
    const DST: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
    let message = i.to_be_bytes();
    let mut point = blst_p2::default();
    // SAFETY: each pointer comes with its length; blst writes one point.
    unsafe {
        blst::blst_hash_to_g2(
            &mut point,
            message.as_ptr(),
            message.len(),
            DST.as_ptr(),
            DST.len(),
            std::ptr::null(),
            0,
        );
    }
    point
}
