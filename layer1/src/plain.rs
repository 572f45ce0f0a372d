//! Text that others wrote, made fit to be shown on one line.

/// A text that others wrote, quoted, on one line and not too long.
pub fn quoted(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    if text.chars().count() <= SHOWN_MAX {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN_MAX).collect();
    format!("{:?}…", start)
}

/// A text without line breaks or anything that steers a terminal.
pub fn one_line(text: &str) -> String {
    let spaced = text.trim().replace("\r\n", " ").replace(['\n', '\t'], " ");
    spaced.chars().filter(|c| !c.is_control()).collect()
}
