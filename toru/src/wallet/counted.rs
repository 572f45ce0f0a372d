//! Numbers of things in words.

use explain::text::grouped;

/// Lines of a file that are named.
const LINES_TOLD: usize = 5;

/// So many of something.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(&count.to_string()))
}

/// Lines of a file: the first of them, and how many more.
pub(super) fn lines_told(lines: &[u64]) -> String {
    let shown: Vec<String> = lines.iter().take(LINES_TOLD).map(ToString::to_string).collect();
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    match lines.len().checked_sub(LINES_TOLD).filter(|more| *more > 0) {
        None => format!("{noun} {}", shown.join(", ")),
        Some(more) => {
            format!("{noun} {} and {} more", shown.join(", "), grouped(&more.to_string()))
        }
    }
}
