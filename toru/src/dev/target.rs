//! How far `toru dev warp` bakes: to a level, or so many levels on.

use std::str::FromStr;

/// Where to: a level, or so many levels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A level.
    Level(i32),
    /// So many after the head.
    On(u32),
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let target = match text.strip_prefix('+') {
            // A sign of their own would be read as well.
            Some(levels) if levels.starts_with(|c: char| c.is_ascii_digit()) => {
                levels.parse().ok().map(Self::On)
            }
            Some(_) => None,
            None => text.parse().ok().map(Self::Level),
        };
        target.ok_or("a level, or +N for N levels on")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        assert_eq!("12".parse(), Ok(Target::Level(12)));
        assert_eq!("-3".parse(), Ok(Target::Level(-3)));
        assert_eq!("+12".parse(), Ok(Target::On(12)));
        for wrong in ["", "+", "+-1", "++1", "x", "99999999999"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
