//! How large the words of an element can become, whatever they are: carried along in tests, where
//! every product checks that its operands are small enough. Outside of tests this is nothing.
//!
//! Sums and differences carry nothing from word to word. A word has 56 bits and room for sums in the
//! others; of its two limbs the lower one always has 28 bits, and the upper one has what the sum adds.
//! With upper limbs up to A·2²⁸ and B·2²⁸, a column of a product adds up to at most
//! `7 + 6·A·B` or `7·(A + B)` times 2⁵⁶. All products of a column and [its reduction](super::product) must fit
//! 63 bits, that is, 128·2⁵⁶.

#[cfg(not(test))]
pub(super) use nothing::Worst;
#[cfg(test)]
pub(super) use tracked::{COLUMN, ROOM, Worst};

#[cfg(not(test))]
mod nothing {
    /// Nothing: the bounds are data of the tests.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::backend::wasm) struct Worst;

    impl Worst {
        pub(in crate::backend::wasm) const CARRIED: Worst = Worst;

        pub(in crate::backend::wasm) const fn plus(self, _: Worst) -> Worst {
            self
        }

        pub(in crate::backend::wasm) const fn minus(self, _: Worst) -> Worst {
            self
        }

        pub(in crate::backend::wasm) const fn carried(self) -> Worst {
            self
        }

        pub(in crate::backend::wasm) const fn shrunk(self) -> Worst {
            self
        }

        pub(in crate::backend::wasm) const fn of_value(_: i64) -> Worst {
            Worst
        }

        pub(in crate::backend::wasm) const fn of_product(self, _: Worst) -> Worst {
            self
        }

        pub(in crate::backend::wasm) const fn of_pairs(_: [Worst; 2], _: [Worst; 2]) -> Worst {
            Worst
        }
    }
}

#[cfg(test)]
mod tracked {
    /// The unit of a column: a product of two full limbs.
    pub(in crate::backend::wasm) const COLUMN: i128 = 1 << 56;
    /// So much of a column the products may fill. The reduction takes the rest.
    pub(in crate::backend::wasm) const ROOM: i64 = 123;
    /// Words below which nothing has overflowed, in units of 2⁵⁶.
    const WORD: i64 = 64;
    /// p, in units of values.
    const P: i64 = 1_000;

    /// The bounds of an element.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::backend::wasm) struct Worst {
        /// No word is less than so many times 2⁵⁶.
        low: i64,
        /// Every word is less than so many times 2⁵⁶.
        high: i64,
        /// The number is between −p and p times a thousandth of this.
        value: i64,
    }

    impl Worst {
        /// Of a reduction's result, and of canonical numbers.
        pub(in crate::backend::wasm) const CARRIED: Worst = Worst { low: 0, high: 1, value: P };

        /// Of words of 56 bits and of either sign, whose number is between −p and p times so much.
        pub(in crate::backend::wasm) const fn of_value(value: i64) -> Worst {
            Worst { low: -1, high: 1, value: value * P }
        }

        pub(in crate::backend::wasm) const fn plus(self, other: Worst) -> Worst {
            Worst {
                low: self.low + other.low,
                high: self.high + other.high,
                value: self.value + other.value,
            }
            .checked()
        }

        pub(in crate::backend::wasm) const fn minus(self, other: Worst) -> Worst {
            Worst {
                low: self.low - other.high,
                high: self.high - other.low,
                value: self.value + other.value,
            }
            .checked()
        }

        pub(in crate::backend::wasm) const fn carried(self) -> Worst {
            Worst { low: 0, high: 1, value: self.value }
        }

        /// Of the element less so many times p as it has of it. That many times p fits a word.
        pub(in crate::backend::wasm) const fn shrunk(self) -> Worst {
            assert!(self.value <= WORD * P, "the multiple of p overflows");
            Worst { low: 0, high: 1, value: 2 * P }
        }

        /// Of the product, if it may be made.
        pub(in crate::backend::wasm) const fn of_product(self, other: Worst) -> Worst {
            assert!(self.column(other) <= ROOM, "the columns overflow");
            Worst::reduced(self.value * other.value)
        }

        /// Of both parts of the product of two pairs, if it may be made.
        pub(in crate::backend::wasm) const fn of_pairs(
            one: [Worst; 2],
            other: [Worst; 2],
        ) -> Worst {
            let [one, other] = [one[0].or(one[1]), other[0].or(other[1])];
            assert!(2 * one.column(other) <= ROOM, "the columns overflow");
            Worst::reduced(2 * one.value * other.value)
        }

        /// Of the reduction of so many millionths of p²: half of p is the quotients' part, and R is more than
        /// 2,500 times p.
        const fn reduced(product: i64) -> Worst {
            let value = P / 2 + 2 + product / (P * 2_500);
            assert!(value < P, "the result is not between −p and p");
            Worst { low: 0, high: 1, value }
        }

        const fn column(self, other: Worst) -> i64 {
            let (one, other) = (self.limb(), other.limb());
            max(7 + 6 * one * other, 7 * (one + other))
        }

        /// The size of the upper limbs.
        const fn limb(self) -> i64 {
            max(-self.low, self.high)
        }

        const fn or(self, other: Worst) -> Worst {
            Worst {
                low: -max(-self.low, -other.low),
                high: max(self.high, other.high),
                value: max(self.value, other.value),
            }
        }

        const fn checked(self) -> Worst {
            assert!(self.limb() <= WORD, "the words overflow");
            self
        }
    }

    const fn max(one: i64, other: i64) -> i64 {
        if one > other { one } else { other }
    }
}
