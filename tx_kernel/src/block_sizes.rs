//! The sizes that blocks of memory have in the WASM: powers of two while they are small, thirty-two from one power to the
//! next when they are large.

/// Bytes: the smallest block. No type asks for a greater alignment.
pub(crate) const LEAST: usize = 16;
/// Bytes, as a power of two: the largest small block.
const SMALL_POWER: u32 = 16;
/// The largest size that is small.
pub(crate) const LARGEST_SMALL: usize = SMALL_POWER as usize;
/// Sizes of large blocks from one power of two to the next, as a power of two.
const STEPS_POWER: u32 = 5;
const STEPS: usize = 1 << STEPS_POWER;
/// How many sizes there are.
pub(crate) const SIZES: usize = LARGEST_SMALL + 1 + (usize::BITS - SMALL_POWER) as usize * STEPS;

/// Which size a request of so many bytes takes: the smallest that is large enough.
pub(crate) fn size_for(bytes: usize) -> usize {
    let bytes = bytes.max(LEAST);
    let power = usize::BITS - (bytes - 1).leading_zeros();
    if power <= SMALL_POWER {
        return power as usize;
    }
    // The steps begin at the power below.
    let steps = ((bytes - 1) >> (power - 1 - STEPS_POWER)) - STEPS;
    LARGEST_SMALL + 1 + ((power - 1 - SMALL_POWER) as usize) * STEPS + steps
}

/// Bytes of a block of this size, if memory can be so large.
pub(crate) fn bytes_of(size: usize) -> Option<usize> {
    let Some(large) = size.checked_sub(LARGEST_SMALL + 1) else { return Some(1 << size) };
    let step = SMALL_POWER as usize + large / STEPS - STEPS_POWER as usize;
    (STEPS + large % STEPS + 1).checked_mul(1 << step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_takes_the_smallest_size_that_is_large_enough() {
        let near = (0..31).flat_map(|power| {
            let middle = 1_usize << power;
            [middle - 1, middle, middle + 1, middle + middle / 3, middle / 7 * 11]
        });
        for bytes in near.chain(0..70_000) {
            let size = size_for(bytes);
            assert!(bytes_of(size).unwrap() >= bytes.max(LEAST), "{bytes}");
            let smaller = size.checked_sub(1).and_then(bytes_of).unwrap();
            assert!(smaller < bytes.max(LEAST), "{bytes}");
            assert!(size < SIZES);
        }
    }

    #[test]
    fn sizes_grow_and_large_ones_by_a_thirty_second_at_most() {
        for size in 4..LARGEST_SMALL + 14 * STEPS {
            let [one, next] = [size, size + 1].map(|size| bytes_of(size).unwrap());
            assert!(one < next && next.is_multiple_of(LEAST), "{size}");
            assert!(size <= LARGEST_SMALL || (next - one) * STEPS <= one, "{size}");
            assert_eq!(size_for(one), size);
        }
    }
}
