//! Text that others wrote, made fit to be shown: nothing in it steers a terminal, reorders what stands
//! beside it, or is there without being seen.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::RangeInclusive;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Characters that are to be ignored where they cannot be shown (Default_Ignorable_Code_Point of
/// Unicode), as far as their category does not say so already: fillers, joiners, selectors.
const IGNORABLE: [RangeInclusive<char>; 10] = [
    '\u{034f}'..='\u{034f}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a character is seen, and does nothing but that. Not so are controls, line and paragraph
/// separators, format characters (those of bidirectional text and of no width among them), and what
/// Unicode has no character for.
#[must_use]
pub fn is_shown(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let category = c.general_category();
    let acts = matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    );
    !acts && !IGNORABLE.iter().any(|range| range.contains(&c))
}

/// A text as it can be written to a terminal: whatever is not shown is written as `\u{202e}`, but for
/// the ends of lines and tabs.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |c, out| {
        // Writing to a text does not fail.
        let _ = write!(out, "{}", c.escape_unicode());
    })
}

/// JSON as it can be written to a terminal: the same JSON, with `\u202e` for whatever is not shown. Only
/// its texts can have such characters.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    escaped(json, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

fn escaped(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let stays = |c: char| c == '\n' || c == '\t' || is_shown(c);
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if stays(c) { out.push(c) } else { escape(c, &mut out) }
    }
    Cow::Owned(out)
}

/// A text that others wrote, quoted, on one line and not too long.
#[must_use]
pub fn quoted(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let start: String = text.chars().take(SHOWN_MAX).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    visible(&format!("{start:?}{more}")).into_owned()
}

/// A text on one line: ends of lines and tabs are blanks, and whatever else is not shown is written as
/// [`visible`] writes it.
#[must_use]
pub fn one_line(text: &str) -> String {
    let breaks = ['\n', '\r', '\t', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    visible(&text.trim().replace("\r\n", " ").replace(breaks, " ")).into_owned()
}

/// A whole number with its thousands set apart: how many there are of something. What names something, such as a level
/// or a counter, is written as it is.
#[must_use]
pub fn grouped(number: impl std::fmt::Display) -> String {
    let number = number.to_string();
    let mut out = String::new();
    for (at, digit) in number.chars().enumerate() {
        if at > 0 && (number.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One or more of each kind that is not shown.
    const UNSEEN: &str = "\0\u{7}\u{8}\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{34f}\u{61c}\u{70f}\u{115f}\
        \u{180b}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\
        \u{202c}\u{202d}\u{202e}\u{2060}\u{2061}\u{2064}\u{2065}\u{2066}\u{2067}\u{2068}\u{2069}\
        \u{206a}\u{206f}\u{3164}\u{e000}\u{fe0f}\u{feff}\u{ffa0}\u{fff0}\u{fff9}\u{fffb}\u{ffff}\
        \u{1d173}\u{e0001}\u{e0041}\u{e0100}\u{f0000}\u{10ffff}";

    #[test]
    fn whatever_is_not_shown_is_written_out() {
        for c in UNSEEN.chars() {
            assert!(!is_shown(c), "{}", c.escape_unicode());
            let text = format!("a{c}b");
            assert_eq!(visible(&text), format!("a{}b", c.escape_unicode()));
            assert!(one_line(&text).chars().all(is_shown), "{}", c.escape_unicode());
            assert!(quoted(&text).chars().all(is_shown), "{}", c.escape_unicode());
            let json = serde_json::to_string(&text).unwrap();
            let seen = visible_json(&json);
            assert!(seen.chars().all(is_shown), "{seen}");
            assert_eq!(serde_json::from_str::<String>(&seen).unwrap(), text);
        }
    }

    #[test]
    fn no_character_of_any_plane_is_let_through_that_unicode_calls_a_format_or_a_control() {
        for c in '\0'..=char::MAX {
            let shown = is_shown(c);
            let category = c.general_category();
            if matches!(category, GeneralCategory::Format | GeneralCategory::Control) {
                assert!(!shown, "{}", c.escape_unicode());
            }
            if c.is_alphanumeric() && !IGNORABLE.iter().any(|range| range.contains(&c)) {
                assert!(shown, "{}", c.escape_unicode());
            }
        }
    }

    #[test]
    fn texts_of_all_writing_systems_stay_as_they_are() {
        for text in
            ["", "naïve", "e\u{301}", "हिन्दी", "ไทย", "日本語　テスト", "עברית", "→ 🙂", "a\n\tb"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
            assert!(matches!(visible_json(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        assert_eq!(one_line("\u{2028}a\r\nb\tc\u{85}d "), "a b c d");
        assert_eq!(one_line("gold\u{202e}dlog"), "gold\\u{202e}dlog");
        assert_eq!(one_line(&one_line("x\u{1b}[2J")), "x\\u{1b}[2J");
        assert_eq!(quoted("a\u{3164}\"\u{1b}"), "\"a\\u{3164}\\\"\\u{1b}\"");
        assert!(quoted(&"é".repeat(61)).ends_with("\"…"));
        assert!(!quoted(&"é".repeat(60)).contains('…'));
    }
}
