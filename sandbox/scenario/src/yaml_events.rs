//! YAML event by event, with the place of each, by the scanner of the library that reads it for us.
//!
//! This is the only file that calls that scanner.

use std::mem::MaybeUninit;
use std::ops::{ControlFlow, Range};
use std::slice;

use unsafe_libyaml_norway as unsafe_yaml;

/// The text is not YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotYaml;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// Over several lines, behind `|` or `>`.
    Block,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind<'e> {
    Scalar {
        value: &'e [u8],
        style: Style,
    },
    /// The beginning of a list, in brackets or not.
    Sequence {
        in_brackets: bool,
    },
    /// The beginning of a map, in brackets or not.
    Mapping {
        in_brackets: bool,
    },
    /// The end of a list or of a map.
    End,
    Alias,
}

/// An event and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event<'e> {
    pub kind: EventKind<'e>,
    /// From which byte to which.
    pub range: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
}

/// Calls `on` for each event, up to the end or until it breaks.
pub(crate) fn each_event<T>(
    text: &str,
    mut on: impl FnMut(&Event<'_>) -> ControlFlow<T>,
) -> Result<Option<T>, NotYaml> {
    let length = u64::try_from(text.len()).map_err(|_| NotYaml)?;
    let mut parser = MaybeUninit::<unsafe_yaml::yaml_parser_t>::uninit();
    let parser = parser.as_mut_ptr();
    // SAFETY: the parser is initialised before anything else is done with it, and deleted once, after
    // its last use. It stays where it is, and the text outlives it.
    unsafe {
        if unsafe_yaml::yaml_parser_initialize(parser).fail {
            return Err(NotYaml);
        }
        unsafe_yaml::yaml_parser_set_encoding(parser, unsafe_yaml::YAML_UTF8_ENCODING);
        unsafe_yaml::yaml_parser_set_input_string(parser, text.as_ptr(), length);
        let ended = events(parser, &mut on);
        unsafe_yaml::yaml_parser_delete(parser);
        ended
    }
}

/// Goes from event to event.
///
/// # Safety
/// The parser is initialised and has its input.
unsafe fn events<T>(
    parser: *mut unsafe_yaml::yaml_parser_t,
    on: &mut impl FnMut(&Event<'_>) -> ControlFlow<T>,
) -> Result<Option<T>, NotYaml> {
    loop {
        let mut event = MaybeUninit::<unsafe_yaml::yaml_event_t>::uninit();
        let event = event.as_mut_ptr();
        // SAFETY: the parser is one that the caller has made; it has not failed, as this would have
        // ended then. It writes the event, which is read after that, and deleted once, after its last use.
        unsafe {
            if unsafe_yaml::yaml_parser_parse(parser, event).fail {
                return Err(NotYaml);
            }
            let is_end = matches!(
                (*event).type_,
                unsafe_yaml::YAML_NO_EVENT | unsafe_yaml::YAML_STREAM_END_EVENT
            );
            let broken = read(&*event).map(|event| on(&event));
            unsafe_yaml::yaml_event_delete(event);
            match broken {
                Some(ControlFlow::Break(value)) => return Ok(Some(value)),
                _ if is_end => return Ok(None),
                _ => {}
            }
        }
    }
}

/// An event of the scanner as ours, if it is one that matters.
///
/// # Safety
/// The scanner has written the event, and it has not been deleted.
unsafe fn read(event: &unsafe_yaml::yaml_event_t) -> Option<Event<'_>> {
    // SAFETY: the type of the event says which member of the union has been written. A scalar's value is as
    // long as it says, and lives until the event is deleted.
    let kind = unsafe {
        match event.type_ {
            unsafe_yaml::YAML_SCALAR_EVENT => {
                let scalar = &event.data.scalar;
                let length = usize::try_from(scalar.length).ok()?;
                let value = slice::from_raw_parts(scalar.value, length);
                let style = match scalar.style {
                    unsafe_yaml::YAML_PLAIN_SCALAR_STYLE => Style::Plain,
                    unsafe_yaml::YAML_SINGLE_QUOTED_SCALAR_STYLE => Style::SingleQuoted,
                    unsafe_yaml::YAML_DOUBLE_QUOTED_SCALAR_STYLE => Style::DoubleQuoted,
                    _ => Style::Block,
                };
                EventKind::Scalar { value, style }
            }
            unsafe_yaml::YAML_SEQUENCE_START_EVENT => EventKind::Sequence {
                in_brackets: event.data.sequence_start.style
                    == unsafe_yaml::YAML_FLOW_SEQUENCE_STYLE,
            },
            unsafe_yaml::YAML_MAPPING_START_EVENT => EventKind::Mapping {
                in_brackets: event.data.mapping_start.style == unsafe_yaml::YAML_FLOW_MAPPING_STYLE,
            },
            unsafe_yaml::YAML_SEQUENCE_END_EVENT | unsafe_yaml::YAML_MAPPING_END_EVENT => {
                EventKind::End
            }
            unsafe_yaml::YAML_ALIAS_EVENT => EventKind::Alias,
            _ => return None,
        }
    };
    let at = |number: u64| usize::try_from(number).ok();
    let (start, end) = (at(event.start_mark.index)?, at(event.end_mark.index)?);
    Some(Event { kind, range: start..end, line: at(event.start_mark.line)? + 1 })
}
