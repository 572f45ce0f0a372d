//! The texts of a YAML file, each with its place and with what it belongs to.

use std::ops::{ControlFlow, Range};

pub(crate) use crate::yaml_events::Style;
use crate::yaml_events::{EventKind, each_event};

/// A text in a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub value: String,
    /// Where it is, in bytes, with its quotes.
    pub range: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
    pub style: Style,
    /// Whether a comma would end it, if it has no quotes.
    pub in_brackets: bool,
    pub parent: Parent,
}

/// What a text belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// It is a key of a map that is the value of this key, or in the list that is.
    Key(String),
    /// It is the value of this key.
    Value(String),
    /// It is an item of the list that is the value of this key.
    ItemOf(String),
}

/// A list or a map that has begun.
struct Open {
    in_brackets: bool,
    /// The key whose value this is, or that of the map around it.
    of: String,
    /// In a map: the key that has been read, and whether its value is due.
    key: Option<String>,
    is_map: bool,
}

/// All texts, in their order.
///
/// # Errors
/// When the file is not YAML.
pub(crate) fn scalars(text: &str) -> Result<Vec<Scalar>, String> {
    let (mut all, mut open) = (Vec::new(), Vec::<Open>::new());
    let ended = each_event::<()>(text, |event| {
        match &event.kind {
            EventKind::Sequence { in_brackets } | EventKind::Mapping { in_brackets } => {
                let of = open.last_mut().map(|last| match last.is_map {
                    true => last.key.take().unwrap_or_default(),
                    false => last.of.clone(),
                });
                let is_map = matches!(event.kind, EventKind::Mapping { .. });
                let in_brackets = *in_brackets || open.last().is_some_and(|last| last.in_brackets);
                open.push(Open { in_brackets, of: of.unwrap_or_default(), key: None, is_map });
            }
            EventKind::End => drop(open.pop()),
            EventKind::Alias => {
                if let Some(last) = open.last_mut() {
                    last.key = if last.key.is_some() { None } else { Some(String::new()) };
                }
            }
            EventKind::Scalar { value, style } => {
                let value = String::from_utf8_lossy(value).into_owned();
                let parent = match open.last_mut() {
                    Some(last) if last.is_map => match last.key.take() {
                        Some(key) => Parent::Value(key),
                        None => {
                            last.key = Some(value.clone());
                            Parent::Key(last.of.clone())
                        }
                    },
                    Some(last) => Parent::ItemOf(last.of.clone()),
                    None => Parent::ItemOf(String::new()),
                };
                let in_brackets = open.last().is_some_and(|last| last.in_brackets);
                let (range, line, style) = (event.range.clone(), event.line, *style);
                all.push(Scalar { value, range, line, style, in_brackets, parent });
            }
        }
        ControlFlow::Continue(())
    });
    ended.map(|_| all).map_err(|_| "the text cannot be read".to_owned())
}
