//! Drawings, as SVG that stands in the page: what they show is in their texts as well.

use std::fmt::{self, Write};

use askama::filters::{Html, HtmlSafe, escape};
use layer1::plain::one_line;

/// A drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drawing(String);

impl HtmlSafe for Drawing {}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is drawn: a value for each place, from left to right, and where there is none, nothing.
#[derive(Debug)]
pub(crate) struct Series<'s> {
    /// A name for the drawing's parts that no other drawing of the page has.
    pub id: &'static str,
    /// What it shows.
    pub title: &'s str,
    /// The unit of its values, after a number.
    pub unit: &'s str,
    /// What a place is, before its label.
    pub place: &'s str,
    /// The label of each place, with its value and how that is written.
    pub values: Vec<(String, Option<(f64, String)>)>,
}

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;
/// What is above the highest value.
const ABOVE: f64 = 6.0;

/// Bars from a common ground.
pub(crate) fn bars(series: &Series<'_>) -> Drawing {
    let most = most(series);
    let each = WIDTH / places(series);
    let mut inside = String::new();
    for (at, (label, value)) in series.values.iter().enumerate() {
        let Some((value, words)) = value else { continue };
        // What is little is still seen, and nothing is not.
        let height = if *value > 0.0 { (value / most * (HEIGHT - ABOVE)).max(1.5) } else { 0.0 };
        let (x, y) = (number(at) * each, HEIGHT - height);
        let width = (each * 0.8).max(0.5);
        let title = title_of(series, label, words);
        let _ = write!(
            inside,
            "<rect class=\"bar\" x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\">{title}</rect>"
        );
    }
    drawing(series, &inside)
}

/// A line with steps: each value holds until the next one.
pub(crate) fn steps(series: &Series<'_>) -> Drawing {
    let most = most(series);
    let each = WIDTH / places(series);
    let (mut line, mut dots) = (String::new(), String::new());
    for (at, (label, value)) in series.values.iter().enumerate() {
        let Some((value, words)) = value else { continue };
        let y = HEIGHT - (value / most * (HEIGHT - ABOVE)).max(0.0);
        let (from, to) = (number(at) * each, number(at + 1) * each);
        let first = if line.is_empty() { 'M' } else { 'L' };
        let _ = write!(line, "{first}{from:.2} {y:.2}L{to:.2} {y:.2}");
        let title = title_of(series, label, words);
        let _ = write!(
            dots,
            "<rect class=\"spot\" x=\"{from:.2}\" y=\"0\" width=\"{each:.2}\" height=\"{HEIGHT}\">{title}</rect>"
        );
    }
    drawing(series, &format!("<path class=\"line\" d=\"{line}\"/>{dots}"))
}

fn most(series: &Series<'_>) -> f64 {
    let values = series.values.iter().filter_map(|(_, value)| value.as_ref());
    values.map(|(value, _)| *value).fold(f64::MIN_POSITIVE, f64::max)
}

fn places(series: &Series<'_>) -> f64 {
    number(series.values.len().max(1))
}

/// A place as a number: there are as many as fit on a page.
fn number(places: usize) -> f64 {
    u32::try_from(places).map_or(f64::from(u32::MAX), f64::from)
}

fn title_of(series: &Series<'_>, label: &str, words: &str) -> String {
    let text = format!("{} {label}: {words}{}", series.place, series.unit);
    format!("<title>{}</title>", escaped(&text))
}

fn escaped(text: &str) -> String {
    let Ok(escaped) = escape(one_line(text), Html);
    escaped.to_string()
}

/// What it shows in a sentence, for those who do not see it.
fn described(series: &Series<'_>) -> String {
    let known: Vec<_> = series
        .values
        .iter()
        .filter_map(|(label, value)| value.as_ref().map(|(value, words)| (label, *value, words)))
        .collect();
    let highest = known.iter().fold(None, |highest: Option<&(_, f64, _)>, one| match highest {
        Some(before) if before.1 >= one.1 => Some(before),
        _ => Some(one),
    });
    match (known.first(), known.last(), highest) {
        (Some((from, _, _)), Some((to, _, last)), Some((at, _, most))) => {
            let (place, unit) = (series.place, series.unit);
            format!(
                "From {place} {from} to {place} {to}. The most is {most}{unit}, at {place} {at}; the last is {last}{unit}."
            )
        }
        _ => "There is nothing to draw yet.".to_owned(),
    }
}

fn drawing(series: &Series<'_>, inside: &str) -> Drawing {
    let (id, title) = (series.id, escaped(series.title));
    let description = escaped(&described(series));
    Drawing(format!(
        "<figure class=\"drawing\"><figcaption>{title}</figcaption>\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\"><title id=\"{id}-title\">{title}</title>\
         <desc id=\"{id}-text\">{description}</desc>{inside}</svg>\
         <p class=\"described\">{description}</p></figure>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: Vec<(String, Option<(f64, String)>)>) -> Series<'static> {
        Series { id: "x", title: "a <b>", unit: " bytes", place: "level", values }
    }

    #[test]
    fn a_drawing_says_what_it_shows() {
        let value = |level: &str, value: f64| (level.to_owned(), Some((value, value.to_string())));
        let all = vec![value("1", 3.0), ("2".to_owned(), None), value("3", 9.0), value("4", 0.0)];
        let drawn = bars(&series(all)).to_string();
        assert_eq!(drawn.matches("<rect").count(), 3);
        assert!(drawn.contains("The most is 9 bytes, at level 3; the last is 0 bytes."), "{drawn}");
        assert!(drawn.contains("a &#60;b&#62;") && !drawn.contains("<b>"));
        assert!(drawn.contains("<title>level 1: 3 bytes</title>"));
        // Nothing that a strict policy would not let through.
        assert!(!drawn.contains("style="));
    }

    #[test]
    fn nothing_can_be_drawn_too() {
        for drawn in [bars(&series(vec![])), steps(&series(vec![]))] {
            let drawn = drawn.to_string();
            assert!(drawn.contains("nothing to draw yet") && !drawn.contains("NaN"), "{drawn}");
        }
        let flat = steps(&series(vec![("1".to_owned(), Some((0.0, "0".to_owned())))])).to_string();
        assert!(!flat.contains("NaN") && !flat.contains("inf"), "{flat}");
    }
}
