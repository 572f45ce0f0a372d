//! Inverses by division steps: Bernstein and Yang, Fast constant-time gcd computation and modular
//! inversion, 2019. Ours takes as long as the number asks for, as nothing here is secret.
//!
//! A division step looks at the lowest bits of two numbers alone. So 28 steps are found from the
//! lowest words, as a matrix, and then done on the whole numbers at once.

use super::number::{MODULUS, Number, WORDS};
use super::product::{LIMB_BITS, LIMB_MASK, LIMBS, Limbs, P, add_product, limbs, quotient};
use super::unroll::each;

/// Division steps that are done at once.
const STEPS: u32 = LIMB_BITS;
/// Rounds after which the second number is zero for certain: ⌊(49 · 381 + 57) / 17⌋ steps are enough
/// (theorem 11.2).
const ROUNDS: i64 = 40;
/// Bits that are cleared with one multiple of the first number.
const CLEARED: u32 = 6;

/// The size of an inverse, in units of p: each round adds half of it at most.
pub(super) const SIZE: i64 = 1 + ROUNDS / 2;

/// The inverse modulo p, which is between −p and p times [`SIZE`]; that of zero is zero.
pub(super) fn inverse(number: &Number) -> [i64; WORDS] {
    let (mut f, mut g) = (limbs(&MODULUS), limbs(&number.0));
    // Modulo p, f is d times the number, and g is e times it.
    let (mut d, mut e) = ([0; LIMBS], [0; LIMBS]);
    e[0] = 1;
    let mut delta = 1;
    for _ in 0..ROUNDS {
        if g == [0; LIMBS] {
            break;
        }
        let [of_f, of_g] = steps(&mut delta, lowest(&f), lowest(&g));
        (f, g) = (combined(of_f, &f, &g), combined(of_g, &f, &g));
        (d, e) = (combined(of_f, &d, &e), combined(of_g, &d, &e));
    }
    // Now f is the greatest common divisor, 1 or −1; or ±p, where d is zero modulo p.
    if f[LIMBS - 1] < 0 {
        d = d.map(i64::wrapping_neg);
    }
    words(&d)
}

/// The lowest bits of a number, more than there are steps.
fn lowest(limbs: &Limbs) -> i64 {
    limbs[0] | limbs[1] << LIMB_BITS
}

/// [`STEPS`] division steps: the coefficients of f and g in the new f and in the new g, times 2²⁸.
/// The sizes of the two coefficients of each add up to at most 2²⁸.
fn steps(delta: &mut i64, mut f: i64, mut g: i64) -> [[i64; 2]; 2] {
    let ([mut u, mut v], [mut q, mut r]) = ([1i64, 0i64], [0i64, 1i64]);
    let mut left = STEPS;
    loop {
        // As long as g is even, it is halved: as f's coefficients are those of f times 2²⁸ in the end, they are
        // doubled in its place.
        let zeros = (g | (1 << left)).trailing_zeros();
        g >>= zeros;
        (u, v) = (u << zeros, v << zeros);
        *delta = delta.wrapping_add(i64::from(zeros));
        left = left.wrapping_sub(zeros);
        if left == 0 {
            return [[u, v], [q, r]];
        }
        if *delta > 0 {
            *delta = delta.wrapping_neg();
            (f, g) = (g, f.wrapping_neg());
            (u, v, q, r) = (q, r, u.wrapping_neg(), v.wrapping_neg());
        }
        // The two do not change places before delta is positive. Until then, each step adds f to g where g is
        // odd: all of them add a multiple of f that is −g / f modulo a power of two. 1/f = f(2 − f²) modulo 64.
        let until = u32::try_from(delta.wrapping_neg().wrapping_add(1)).unwrap_or(1);
        let mask = (1i64 << until.min(left).min(CLEARED)) - 1;
        let minus_inverse = f.wrapping_mul(f.wrapping_mul(f).wrapping_sub(2));
        let multiple = g.wrapping_mul(minus_inverse) & mask;
        g = add_product(g, multiple, f);
        q = add_product(q, multiple, u);
        r = add_product(r, multiple, v);
    }
}

/// `(m₀·x + m₁·y + k·p) / 2²⁸`, with the k that makes it divisible. As it is between −2²⁷ and 2²⁷, the result is
/// larger than x and y by at most p / 2. For f and g, which are divisible, it is zero.
fn combined([m0, m1]: [i64; 2], x: &Limbs, y: &Limbs) -> Limbs {
    let column = |at: usize, carry| add_product(add_product(carry, m0, x[at]), m1, y[at]);
    let mut result = [0; LIMBS];
    let k = quotient(column(0, 0));
    let mut carry = 0;
    each!(K in 0..14 {
        carry = add_product(column(K, carry), k, P[K]);
        // The lowest limb is zero now, and leaves its place to the next.
        result[(K + LIMBS - 1) % LIMBS] = carry & LIMB_MASK;
        carry >>= LIMB_BITS;
    });
    result[LIMBS - 1] = carry;
    result
}

/// Limbs as words, none of which is carried.
fn words(limbs: &Limbs) -> [i64; WORDS] {
    let mut words = [0; WORDS];
    each!(K in 0..7 { words[K] = limbs[2 * K].wrapping_add(limbs[2 * K + 1] << LIMB_BITS); });
    words
}
