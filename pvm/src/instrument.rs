//! Counting instructions: makes a module count, itself, the operators it executes.
//!
//! # What is counted
//!
//! Every operator executed, one each, but `block`, `loop`, `else`, `end` and `nop`, which do
//! nothing when the program runs. `if` counts: it is a branch. A call counts one, and then what
//! the callee executes; a host call counts one.
//!
//! The count is kept in one 64-bit global and added up by straight-line stretches, at the start of
//! each. A stretch ends after `if`, `br`, `br_if`, `br_table`, `return`, `unreachable`, and
//! where another branch may join: at the start of a loop, at `else`, at the `end` of an `if`, and
//! at the `end` of a block that something branches to. So a stretch is entered at its start only,
//! and left at its end only - unless it traps: then all of it has been counted, as have the
//! stretches of the callers from which it was called.
//!
//! Nothing else is changed: operators are copied byte by byte. The number is therefore the same on
//! every engine, and a property of the module alone.

use std::ops::Range;
use thiserror::Error;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, Encode, ExportKind, ExportSection, GlobalSection, GlobalType,
    Instruction, Module, RawSection, Section, SectionId, ValType,
};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

/// The name the counter is exported by, unless the module has that one already.
const COUNTER: &str = "__pvm_instructions";

/// A module that counts.
pub(crate) struct Instrumented {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// The name the counter, a mutable `i64` global, is exported by.
    pub(crate) counter: String,
}

/// Why a module could not be instrumented. None of these befalls a module that is valid.
#[derive(Debug, Error)]
pub(crate) enum InstrumentError {
    /// It does not parse.
    #[error("{0}")]
    Parse(#[from] wasmparser::Error),
    /// It cannot be written again.
    #[error("{0}")]
    Reencode(#[from] wasm_encoder::reencode::Error),
    /// A part of it lies outside of the file.
    #[error("bytes {0:?} lie outside of the module")]
    OutOfFile(Range<u64>),
}

/// Makes a valid module count. Expects that it imports functions only.
pub(crate) fn instrument(wasm: &[u8]) -> Result<Instrumented, InstrumentError> {
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    let mut export_names = Vec::new();
    let mut bodies = Vec::new();
    let mut sections: Vec<(u8, Vec<u8>)> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::GlobalSection(section) => {
                RoundtripReencoder.parse_global_section(&mut globals, section)?;
            }
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    export_names.push(export?.name);
                }
                RoundtripReencoder.parse_export_section(&mut exports, section)?;
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            // Code is written anew; names and the like are nothing that runs.
            Payload::CodeSectionStart { .. } | Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let section = RawSection { id, data: slice(wasm, range)? };
                    sections.push(encoded(id, &section));
                }
            }
        }
    }

    let mut counter = COUNTER.to_owned();
    while export_names.contains(&counter.as_str()) {
        counter.push('_');
    }
    // No global is imported, so this is the index after the last.
    let index = globals.len();
    let counter_type = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    globals.global(counter_type, &ConstExpr::i64_const(0));
    exports.export(&counter, ExportKind::Global, index);
    let mut code = CodeSection::new();
    for body in &bodies {
        code.raw(&instrument_body(wasm, body, index)?);
    }

    sections.push(encoded(SectionId::Global.into(), &globals));
    sections.push(encoded(SectionId::Export.into(), &exports));
    if !bodies.is_empty() {
        sections.push(encoded(SectionId::Code.into(), &code));
    }
    sections.sort_by_key(|(id, _)| place(*id));
    let mut wasm = Module::HEADER.to_vec();
    wasm.extend(sections.into_iter().flat_map(|(_, bytes)| bytes));
    Ok(Instrumented { wasm, counter })
}

fn encoded(id: u8, section: &impl Section) -> (u8, Vec<u8>) {
    let mut bytes = Vec::new();
    section.append_to(&mut bytes);
    (id, bytes)
}

/// Where a section stands among the others. That is the order of ids, but for two latecomers.
fn place(id: u8) -> u8 {
    if id == u8::from(SectionId::DataCount) {
        2 * u8::from(SectionId::Element) + 1
    } else if id == u8::from(SectionId::Tag) {
        2 * u8::from(SectionId::Memory) + 1
    } else {
        id.saturating_mul(2)
    }
}

fn slice(wasm: &[u8], range: Range<u64>) -> Result<&[u8], InstrumentError> {
    let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
    let found = bounds.and_then(|(start, end)| wasm.get(start..end));
    found.ok_or(InstrumentError::OutOfFile(range))
}

/// A block, loop or `if` that is open.
struct Frame {
    kind: FrameKind,
    /// Whether a branch goes to it.
    targeted: bool,
}

#[derive(PartialEq, Eq)]
enum FrameKind {
    Block,
    Loop,
    If,
}

/// The body of a function with the counting in it, without its size in front.
fn instrument_body(
    wasm: &[u8],
    body: &FunctionBody<'_>,
    counter: u32,
) -> Result<Vec<u8>, InstrumentError> {
    let mut reader = body.get_operators_reader()?;
    let mut stretch_start = reader.original_position();
    let mut out = slice(wasm, body.range().start..stretch_start)?.to_vec();
    let mut frames: Vec<Frame> = Vec::new();
    let mut count = 0_i64;
    while !reader.eof() {
        let operator = reader.read()?;
        if !matches!(
            operator,
            Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::Else
                | Operator::End
                | Operator::Nop
        ) {
            count += 1;
        }
        if ends_stretch(&operator, &mut frames)? {
            let end = reader.original_position();
            charge(&mut out, counter, count);
            out.extend_from_slice(slice(wasm, stretch_start..end)?);
            (stretch_start, count) = (end, 0);
        }
    }
    charge(&mut out, counter, count);
    out.extend_from_slice(slice(wasm, stretch_start..body.range().end)?);
    Ok(out)
}

/// Whether a stretch ends with this operator. Keeps track of the blocks it is in.
fn ends_stretch(operator: &Operator<'_>, frames: &mut Vec<Frame>) -> Result<bool, InstrumentError> {
    let mut open = |kind| frames.push(Frame { kind, targeted: false });
    Ok(match operator {
        Operator::Block { .. } => {
            open(FrameKind::Block);
            false
        }
        Operator::Loop { .. } => {
            open(FrameKind::Loop);
            true
        }
        Operator::If { .. } => {
            open(FrameKind::If);
            true
        }
        Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
            target(frames, *relative_depth);
            true
        }
        Operator::BrTable { targets } => {
            target(frames, targets.default());
            for depth in targets.targets() {
                target(frames, depth?);
            }
            true
        }
        Operator::Else | Operator::Return | Operator::Unreachable => true,
        Operator::End => match frames.pop() {
            Some(Frame { kind: FrameKind::If, .. }) => true,
            // Branches to a loop go to its start.
            Some(Frame { kind: FrameKind::Loop, .. }) => false,
            Some(Frame { kind: FrameKind::Block, targeted }) => targeted,
            None => false,
        },
        _ => false,
    })
}

/// Notes a branch. One to the outermost depth is a return, and no frame.
fn target(frames: &mut [Frame], depth: u32) {
    let depth = usize::try_from(depth).unwrap_or(usize::MAX);
    if let Some(frame) = frames.iter_mut().rev().nth(depth) {
        frame.targeted = true;
    }
}

fn charge(out: &mut Vec<u8>, counter: u32, count: i64) {
    if count > 0 {
        Instruction::GlobalGet(counter).encode(out);
        Instruction::I64Const(count).encode(out);
        Instruction::I64Add.encode(out);
        Instruction::GlobalSet(counter).encode(out);
    }
}
