//! Loops that the compiler shall not keep: the counter is a constant in each copy of the body.
//!
//! A sum of products whose places are constants stays out of memory and takes four WASM instructions
//! a product. The kernel is compiled for size, where the compiler unrolls nothing by itself.

/// `each!(K in 0..14 { … })` writes the block once for each number, as the constant `K`.
macro_rules! each {
    ($at:ident in 0..6 $body:block) => { each!(@ $at $body 0 1 2 3 4 5) };
    ($at:ident in 0..7 $body:block) => { each!(@ $at $body 0 1 2 3 4 5 6) };
    ($at:ident in 0..14 $body:block) => { each!(@ $at $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13) };
    ($at:ident in 7..21 $body:block) => { each!(@ $at $body 7 8 9 10 11 12 13 14 15 16 17 18 19 20) };
    ($at:ident in 14..28 $body:block) => {
        each!(@ $at $body 14 15 16 17 18 19 20 21 22 23 24 25 26 27)
    };
    (@ $at:ident $body:block $($number:literal)*) => {
        $({ const $at: usize = $number; $body })*
    };
}

pub(super) use each;
