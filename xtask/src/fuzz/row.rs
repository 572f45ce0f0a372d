//! The row of a target, from what libFuzzer and the shell's `times` have printed.

pub(super) const HEAD: &str = "| target | executions | seconds | CPU seconds | edges | the last after \
                               | features | inputs kept |\n|---|---|---|---|---|---|---|---|";

/// Lines with `cov:` tell what had been reached after so many executions.
pub(super) fn of(target: &str, log: &str, seconds: u64) -> String {
    let (mut edges, mut newest, mut features, mut kept) = (0, 0, 0, 0);
    for line in log.lines().filter(|line| line.contains(" cov: ")) {
        let now = after(line, "cov:");
        (features, kept) = (after(line, "ft:"), after(line, "corp:"));
        if now > edges {
            edges = now;
            newest = number(line.trim_start_matches('#'));
        }
    }
    let stat = "stat::number_of_executed_units:";
    let executions = log.lines().find_map(|line| line.strip_prefix(stat)).map_or(0, number);
    let cpu = log.lines().last().map_or(0, cpu_seconds);
    format!(
        "| `{target}` | {executions} | {seconds} | {cpu} | {edges} | {newest} | {features} | {kept} |"
    )
}

/// The number after a word.
fn after(line: &str, word: &str) -> u64 {
    let mut words = line.split_whitespace().skip_while(|one| *one != word);
    words.nth(1).map_or(0, number)
}

/// The digits at the start of a text.
fn number(text: &str) -> u64 {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap_or(0)
}

/// The user's time of a line `1m2.5s 0m0.1s`.
fn cpu_seconds(line: &str) -> u64 {
    let user = line.split_whitespace().next().unwrap_or_default();
    let (minutes, seconds) = user.split_once('m').unwrap_or(("0", user));
    number(minutes).saturating_mul(60).saturating_add(number(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_what_was_reached_and_when() {
        let log = "#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0\n\
                   #77\tNEW    cov: 12 ft: 30 corp: 5/9b lim: 4\n\
                   #900\tREDUCE cov: 12 ft: 31 corp: 6/8b lim: 4\n\
                   stat::number_of_executed_units: 1000\n\
                   0m0.001s 0m0.002s\n1m2.500s 0m0.100s\n";
        assert_eq!(of("level", log, 65), "| `level` | 1000 | 65 | 62 | 12 | 77 | 31 | 6 |");
    }
}
