//! The terms of one ticket, and what they come to.

use num_bigint::BigInt;

/// A term: how much, or why that is not known, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is, in words.
    pub what: &'static str,
    /// The same as a field of JSON.
    pub field: &'static str,
    /// How much, in the smallest units; otherwise why it is not known.
    pub amount: Result<BigInt, String>,
    /// Who was asked for what.
    pub source: String,
}

/// The terms of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What is locked at the ticketer. `None` if the ticket stands for nothing that is locked.
    pub locked: Option<Term>,
    /// The ticketer's supply, as far as it stands for something. `None` as for `locked`.
    pub supply: Option<Term>,
    /// The rollup's tickets on layer 1.
    pub layer1: Term,
    /// What the rollup owes, wherever it is.
    pub rollup: Vec<Term>,
}

/// How two neighbours of the chain are to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// In words: which is to be as much as which.
    pub what: &'static str,
    /// The same as a field of JSON.
    pub field: &'static str,
    /// What it came to.
    pub state: LinkState,
}

/// What a link comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It holds; so much more is on the left.
    Closed(BigInt),
    /// It does not hold; so much more is on the left, or less.
    Open(BigInt),
    /// A term is not known.
    Unknown,
}

/// What the terms of a ticket come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every link holds.
    Closed,
    /// One does not.
    Open,
    /// Not all terms are known, and what is known does not contradict.
    Unknown,
}

impl Chain {
    /// What the rollup owes in all; `None` if a term of it is not known.
    #[must_use]
    pub fn owed(&self) -> Option<BigInt> {
        self.rollup.iter().map(|term| term.amount.as_ref().ok()).sum()
    }

    /// Its links, from what is locked to what is owed.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let known = |term: &Term| term.amount.as_ref().ok().cloned();
        let at_least = |left: Option<BigInt>, right: Option<BigInt>| match (left, right) {
            (Some(left), Some(right)) if left >= right => LinkState::Closed(left - right),
            (Some(left), Some(right)) => LinkState::Open(left - right),
            _ => LinkState::Unknown,
        };
        let mut links = Vec::new();
        let here = known(&self.layer1);
        if let (Some(locked), Some(supply)) = (&self.locked, &self.supply) {
            links.push(Link {
                what: "locked - supply, at least 0",
                field: "locked_beyond_supply",
                state: at_least(known(locked), known(supply)),
            });
            links.push(Link {
                what: "supply - the rollup's, at least 0",
                field: "supply_beyond_rollup",
                state: at_least(known(supply), here.clone()),
            });
            if supply.amount.is_err() {
                links.push(Link {
                    what: "locked - the rollup's, at least 0",
                    field: "locked_beyond_rollup",
                    state: at_least(known(locked), here.clone()),
                });
            }
        }
        // What is owed is known at least as far as its terms are: none of them is less than zero.
        let least: BigInt = self.rollup.iter().filter_map(known).sum();
        let state = match (here, self.owed()) {
            (Some(here), Some(owed)) if here == owed => LinkState::Closed(BigInt::ZERO),
            (Some(here), Some(owed)) => LinkState::Open(here - owed),
            (Some(here), None) if here < least => LinkState::Open(here - least),
            _ => LinkState::Unknown,
        };
        links.push(Link {
            what: "the rollup's - owed, exactly 0",
            field: "rollup_beyond_owed",
            state,
        });
        links
    }

    /// What all of it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let links = self.links();
        let has = |wanted: fn(&LinkState) -> bool| links.iter().any(|link| wanted(&link.state));
        if has(|state| matches!(state, LinkState::Open(_))) {
            Verdict::Open
        } else if has(|state| *state == LinkState::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Closed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `?` is a term that is not known.
    fn term(text: &str) -> Term {
        let amount = text.parse().map_err(|_| "nobody tells".to_owned());
        Term { what: "some", field: "some", amount, source: "here".to_owned() }
    }

    fn chain(locked: &str, supply: &str, layer1: &str, rollup: &[&str]) -> Chain {
        Chain {
            locked: Some(term(locked)),
            supply: Some(term(supply)),
            layer1: term(layer1),
            rollup: rollup.iter().map(|text| term(text)).collect(),
        }
    }

    #[test]
    fn a_chain_is_closed_open_or_not_known() {
        use Verdict::{Closed, Open, Unknown};
        for (locked, supply, layer1, rollup, expected) in [
            ("10", "10", "10", &["7", "3"][..], Closed),
            // Others may hold tickets, and a ticketer may be given more than it minted for.
            ("12", "11", "10", &["7", "3"], Closed),
            ("9", "10", "10", &["10"], Open),
            ("10", "9", "10", &["10"], Open),
            ("10", "10", "10", &["9"], Open),
            ("10", "10", "10", &["11"], Open),
            ("?", "10", "10", &["10"], Unknown),
            ("10", "?", "10", &["10"], Unknown),
            ("10", "10", "?", &["10"], Unknown),
            ("10", "10", "10", &["10", "?"], Unknown),
            // What is known contradicts all the same.
            ("9", "?", "10", &["10"], Open),
            ("?", "9", "10", &["10"], Open),
            ("10", "10", "10", &["11", "?"], Open),
            ("9", "10", "10", &["?"], Open),
            ("0", "0", "0", &[], Closed),
        ] {
            let chain = chain(locked, supply, layer1, rollup);
            assert_eq!(chain.verdict(), expected, "{locked} {supply} {layer1} {rollup:?}");
        }
    }

    #[test]
    fn what_stands_for_nothing_has_the_rollups_own_link_alone() {
        let mut chain = chain("0", "0", "10", &["7", "3"]);
        (chain.locked, chain.supply) = (None, None);
        assert_eq!((chain.links().len(), chain.verdict()), (1, Verdict::Closed));
        chain.rollup.push(term("1"));
        assert_eq!(chain.links()[0].state, LinkState::Open((-1).into()));
        assert_eq!(chain.owed(), Some(11.into()));
    }
}
