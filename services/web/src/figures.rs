//! Figures of a service in Prometheus's text format.

use std::fmt::Display;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// The media type of the format.
const PROMETHEUS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4");

/// Figures, whose names all begin alike.
#[derive(Clone, Debug)]
pub struct Figures {
    prefix: &'static str,
    text: String,
}

impl Figures {
    /// No figures yet.
    #[must_use]
    pub fn new(prefix: &'static str) -> Self {
        Self { prefix, text: String::new() }
    }

    /// A figure that goes up and down, if it is known.
    pub fn gauge(&mut self, name: &str, help: &str, value: Option<impl Display>) {
        let values = value.map(|value| (String::new(), value.to_string()));
        self.family(name, "gauge", help, values);
    }

    /// A figure that only grows.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "counter", help, [(String::new(), value.to_string())]);
    }

    /// A figure for each value of a label.
    pub fn labelled<V: Display>(
        &mut self,
        name: &str,
        kind: FigureKind,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (impl Display, V)>,
    ) {
        let values = values.into_iter();
        let values = values.map(|(of, value)| (format!("{{{label}=\"{of}\"}}"), value.to_string()));
        self.family(name, kind.word(), help, values);
    }

    fn family(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        values: impl IntoIterator<Item = (String, String)>,
    ) {
        let name = format!("{}_{name}", self.prefix);
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        self.text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        for (labels, value) in values {
            self.text.push_str(&format!("{name}{labels} {value}\n"));
        }
    }

    /// All of them.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }
}

impl IntoResponse for Figures {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.text));
        response.headers_mut().insert(CONTENT_TYPE, PROMETHEUS);
        response
    }
}

/// What a figure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// It goes up and down.
    Gauge,
    /// It only grows.
    Counter,
}

impl FigureKind {
    fn word(self) -> &'static str {
        match self {
            FigureKind::Gauge => "gauge",
            FigureKind::Counter => "counter",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_in_prometheuss_format() {
        let mut figures = Figures::new("shop");
        figures.gauge("open", "Whether it is", Some(1));
        figures.gauge("age_seconds", "Since when", None::<u64>);
        figures.counter("sold_total", "How much", 12);
        let stock = [("tea", 3), ("milk", 0)];
        figures.labelled("stock", FigureKind::Gauge, "What is there", "what", stock);
        let none: [(&str, u8); 0] = [];
        figures.labelled("owed_total", FigureKind::Counter, "To whom", "whom", none);
        assert_eq!(
            figures.into_text(),
            "# HELP shop_open Whether it is\n# TYPE shop_open gauge\nshop_open 1\n\
             # HELP shop_sold_total How much\n# TYPE shop_sold_total counter\nshop_sold_total 12\n\
             # HELP shop_stock What is there\n# TYPE shop_stock gauge\n\
             shop_stock{what=\"tea\"} 3\nshop_stock{what=\"milk\"} 0\n"
        );
    }
}
