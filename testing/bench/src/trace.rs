//! What is paid to whom: random transfers, the same for the same seed, and how much there is to say
//! about them.

use std::collections::BTreeSet;

/// How receivers are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receivers {
    /// Every account as often as any other.
    Uniform,
    /// By Zipf's law: the first accounts get most.
    Skewed,
}

/// One transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who pays; each payer pays once, in increasing order.
    pub from: u32,
    /// Who is paid.
    pub to: u32,
    /// How much.
    pub amount: u64,
}

/// Transfers among accounts.
#[derive(Clone, Debug)]
pub struct Trace {
    /// How many accounts there are.
    pub accounts: u32,
    /// The transfers.
    pub transfers: Vec<Transfer>,
    /// What it takes to write the trace down, in bits, if one knows how it was made.
    pub entropy_bits: f64,
}

/// Amounts are 1 to 999 of these.
const POWERS: [u64; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const MANTISSAS: u64 = 999;
/// What every account begins with: enough for any number of payments.
pub const BALANCE: u64 = 1 << 40;

impl Receivers {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Receivers::Uniform => "uniform",
            Receivers::Skewed => "skewed",
        }
    }
}

/// Makes `n` transfers among `accounts`.
pub fn generate(n: usize, accounts: u32, receivers: Receivers, seed: u64) -> Trace {
    let mut random = Random(seed);
    let mut payers = BTreeSet::new();
    while payers.len() < n {
        payers.insert(random.below(accounts));
    }
    let mut entropy_bits = log2_choose(accounts, n);
    let transfers = payers.into_iter().map(|from| {
        let to = loop {
            let (to, bits) = receivers.choose(&mut random, accounts);
            if to != from {
                entropy_bits += bits;
                break to;
            }
        };
        let mantissa = 1 + u64::from(random.below(999));
        let power = random.below(7);
        let power = usize::try_from(power).ok().and_then(|at| POWERS.get(at)).unwrap_or(&1);
        entropy_bits += f64::log2((MANTISSAS * 7) as f64);
        Transfer { from, to, amount: mantissa * power }
    });
    let transfers = transfers.collect();
    Trace { accounts, transfers, entropy_bits }
}

impl Receivers {
    /// A receiver, and the bits that its choice takes.
    fn choose(self, random: &mut Random, accounts: u32) -> (u32, f64) {
        match self {
            Receivers::Uniform => (random.below(accounts), f64::from(accounts).log2()),
            Receivers::Skewed => {
                // The continuous form: account k gets what lies between ln(k + 1) and ln(k + 2).
                let all = (f64::from(accounts) + 1.0).ln();
                let at = (random.unit() * all).exp() - 1.0;
                let k = random_floor(at).min(accounts - 1);
                let share = ((f64::from(k) + 2.0) / (f64::from(k) + 1.0)).ln() / all;
                (k, -share.log2())
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
fn random_floor(at: f64) -> u32 {
    at as u32
}

/// Bits to say which `n` of `all` it is, whatever their order.
fn log2_choose(all: u32, n: usize) -> f64 {
    (0..n).map(|i| ((f64::from(all) - i as f64) / (i as f64 + 1.0)).log2()).sum()
}

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        let product = u128::from(self.draw()) * u128::from(end);
        u32::try_from(product >> 64).unwrap_or(0)
    }

    fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payers_are_distinct_and_the_entropy_is_what_it_should_be() {
        let trace = generate(1_000, 1 << 20, Receivers::Uniform, 1);
        assert!(trace.transfers.windows(2).all(|pair| pair[0].from < pair[1].from));
        assert!(trace.transfers.iter().all(|transfer| transfer.from != transfer.to));
        // About 11.5 bits of payer, 20 of receiver, 12.8 of amount.
        let each = trace.entropy_bits / 1_000.0;
        assert!((44.0..44.6).contains(&each), "{each}");
        let skewed = generate(1_000, 1 << 20, Receivers::Skewed, 1);
        assert!(skewed.entropy_bits < trace.entropy_bits - 4_000.0);
        assert_eq!(
            generate(9, 99, Receivers::Skewed, 7).transfers,
            generate(9, 99, Receivers::Skewed, 7).transfers
        );
    }
}
