//! One function of a module, with the counting in it.

use super::cost::{self, Cost, MAX_EXTRA};
use super::error::InstrumentError;
use super::module::{Shifted, slice};
use super::stretch::Frames;
use super::types::Types;
use crate::meter::LONG_BULK_BYTES;
use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{BlockType, Encode, Instruction, ValType};
use wasmparser::{FunctionBody, Operator};

/// What all functions of a module are written with.
pub(super) struct Plan<'a> {
    /// The module as it was.
    pub(super) wasm: &'a [u8],
    /// How it counts, if it does.
    pub(super) counting: Option<Counting>,
    /// How it counts the calls that are open, if it does.
    pub(super) nesting: Option<Nesting>,
    /// Where functions are now.
    pub(super) shifted: Shifted,
    /// All types.
    pub(super) types: Types,
}

/// How instructions and ticks are counted.
#[derive(Clone, Copy)]
pub(super) struct Counting {
    /// The global that instructions and ticks are counted in.
    pub(super) meter: u32,
    /// The global that the ticks of bulk operators are counted in.
    pub(super) bulk: u32,
    /// The function to call when the ration is used up.
    pub(super) poll: u32,
    /// The functions to call at entry and at exit.
    pub(super) hooks: Option<(u32, u32)>,
}

/// How open calls are counted.
#[derive(Clone, Copy)]
pub(super) struct Nesting {
    /// The global that has their number.
    pub(super) depth: u32,
    /// The function to call when there are as many as may be.
    pub(super) too_deep: u32,
    /// How many that is.
    pub(super) most: u32,
}

/// Locals that are added to each function.
#[derive(Clone, Copy)]
struct Scratch {
    /// The length of a bulk operator.
    length: u32,
    /// How many calls were open before this one; only where they are counted.
    depth: u32,
    /// The meter, where it is looked at: fewer reads of the global make loops a sixth faster.
    meter: u32,
}

impl Plan<'_> {
    /// The body of a function, without its size in front. The index is that in the module as it
    /// was.
    pub(super) fn body(
        &mut self,
        function: u32,
        body: &FunctionBody<'_>,
    ) -> Result<Vec<u8>, InstrumentError> {
        let ty = self.types.of_function(function)?.clone();
        let locals = locals(body)?;
        let length = u32::try_from(ty.params().len()).unwrap_or(u32::MAX).saturating_add(locals);
        let scratch = Scratch {
            length,
            depth: length.saturating_add(1),
            meter: length.saturating_add(self.scratch_i32()),
        };
        let nests = self.nesting.is_some() && self.calls(body)?;
        let wrapped = nests || self.hooks().is_some();
        let mut out = self.header(body)?;
        self.open_call(scratch, nests, &mut out);
        if let Some(Counting { meter, hooks: Some((enter, _)), .. }) = self.counting {
            Instruction::GlobalGet(meter).encode(&mut out);
            Instruction::I32Const(function.cast_signed()).encode(&mut out);
            Instruction::Call(enter).encode(&mut out);
        }
        if wrapped {
            let results = ty.results().iter().map(|ty| utils::val_type(&mut self.shifted, *ty));
            let results = results.collect::<Result<Vec<ValType>, _>>()?;
            Instruction::Block(self.block_type(&results)).encode(&mut out);
        }

        let mut reader = body.get_operators_reader()?;
        let mut frames = Frames::default();
        let mut cost = Cost::default();
        let mut stretch = Vec::new();
        // Functions and loops look at the meter: without one of them nothing runs for ever.
        let mut polls = true;
        let mut extra_once = cost::entry(&ty, locals);
        while !reader.eof() {
            let start = reader.original_position();
            let operator = reader.read()?;
            let depth = frames.depth();
            let step = frames.step(&operator)?;
            cost.add(&operator, step.extra);
            let end = wrapped.then_some(depth);
            if self.operator(&operator, end, scratch, &mut stretch)? {
                stretch.extend_from_slice(slice(self.wasm, start..reader.original_position())?);
            }
            if step.ends || reader.eof() {
                self.charge(scratch, &mut out, cost, extra_once, polls);
                out.append(&mut stretch);
                cost = Cost { instructions: 0, extra: step.after };
                extra_once = 0;
                polls = matches!(operator, Operator::Loop { .. });
            }
        }
        if let Some(Counting { meter, hooks: Some((_, leave)), .. }) = self.counting {
            Instruction::GlobalGet(meter).encode(&mut out);
            Instruction::Call(leave).encode(&mut out);
        }
        if let Some(Nesting { depth, .. }) = self.nesting.filter(|_| nests) {
            Instruction::LocalGet(scratch.depth).encode(&mut out);
            Instruction::GlobalSet(depth).encode(&mut out);
        }
        if wrapped {
            Instruction::End.encode(&mut out);
        }
        Ok(out)
    }

    /// The 32-bit locals of [`Scratch`]. Those that are not needed would cost time in every call.
    fn scratch_i32(&self) -> u32 {
        1 + u32::from(self.nesting.is_some())
    }

    fn hooks(&self) -> Option<(u32, u32)> {
        self.counting.and_then(|counting| counting.hooks)
    }

    /// Whether a function may call one of the module.
    fn calls(&self, body: &FunctionBody<'_>) -> Result<bool, InstrumentError> {
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } if function_index < self.shifted.imported => {}
                Operator::Call { .. } | Operator::CallIndirect { .. } => return Ok(true),
                _ => {}
            }
        }
        Ok(false)
    }

    /// Counts the call, unless as many are open as may be. One that calls nothing is not counted: nobody would see it.
    fn open_call(&self, scratch: Scratch, nests: bool, out: &mut Vec<u8>) {
        let Some(Nesting { depth, too_deep, most }) = self.nesting else { return };
        Instruction::GlobalGet(depth).encode(out);
        if nests {
            Instruction::LocalTee(scratch.depth).encode(out);
        }
        Instruction::I32Const(most.cast_signed()).encode(out);
        Instruction::I32GeU.encode(out);
        Instruction::If(BlockType::Empty).encode(out);
        Instruction::Call(too_deep).encode(out);
        Instruction::End.encode(out);
        if nests {
            Instruction::LocalGet(scratch.depth).encode(out);
            Instruction::I32Const(1).encode(out);
            Instruction::I32Add.encode(out);
            Instruction::GlobalSet(depth).encode(out);
        }
    }

    /// The declarations of locals, with those of [`Scratch`] after them.
    fn header(&self, body: &FunctionBody<'_>) -> Result<Vec<u8>, InstrumentError> {
        let reader = body.get_locals_reader()?;
        let (count, first) = (reader.get_count(), reader.original_position());
        let end = body.get_operators_reader()?.original_position();
        let mut out = Vec::new();
        count.saturating_add(2).encode(&mut out);
        out.extend_from_slice(slice(self.wasm, first..end)?);
        self.scratch_i32().encode(&mut out);
        ValType::I32.encode(&mut out);
        1_u32.encode(&mut out);
        ValType::I64.encode(&mut out);
        Ok(out)
    }

    fn block_type(&mut self, results: &[ValType]) -> BlockType {
        match results {
            [] => BlockType::Empty,
            [result] => BlockType::Result(*result),
            _ => BlockType::FunctionType(self.types.index_of(&[], results)),
        }
    }

    /// Writes what stands for an operator, or before it. Says whether the operator itself is to be
    /// copied after that. `end` is how many blocks are open, if the whole body is in one that a return goes to the
    /// end of.
    fn operator(
        &mut self,
        operator: &Operator<'_>,
        end: Option<usize>,
        scratch: Scratch,
        out: &mut Vec<u8>,
    ) -> Result<bool, InstrumentError> {
        match operator {
            Operator::Call { function_index } => {
                Instruction::Call(self.shifted.function_index(*function_index)?).encode(out);
                Ok(false)
            }
            Operator::RefFunc { function_index } => {
                Instruction::RefFunc(self.shifted.function_index(*function_index)?).encode(out);
                Ok(false)
            }
            // What is to be done last stands after that block.
            Operator::Return if end.is_some() => {
                let end = end.and_then(|end| u32::try_from(end).ok());
                Instruction::Br(end.unwrap_or(u32::MAX)).encode(out);
                Ok(false)
            }
            _ => {
                if let Some((counting, ticks)) = self.counting.zip(cost::per_byte(operator)) {
                    counting.charge_bulk(out, scratch.length, ticks);
                }
                Ok(true)
            }
        }
    }

    /// Adds to the meter, and looks at it if so wished.
    fn charge(
        &self,
        scratch: Scratch,
        out: &mut Vec<u8>,
        cost: Cost,
        extra_once: i64,
        polls: bool,
    ) {
        let Some(counting @ Counting { meter, .. }) = self.counting else { return };
        // What no instruction pays for is not charged: between two polls, the lower half of the
        // meter must not overflow.
        let cost =
            if cost.instructions > 0 { cost.on_meter() } else { cost.extra.clamp(-MAX_EXTRA, 0) };
        if cost + extra_once != 0 {
            Instruction::GlobalGet(meter).encode(out);
            Instruction::I64Const(cost + extra_once).encode(out);
            Instruction::I64Add.encode(out);
            if polls {
                Instruction::LocalTee(scratch.meter).encode(out);
            }
            Instruction::GlobalSet(meter).encode(out);
        } else if polls {
            Instruction::GlobalGet(meter).encode(out);
            Instruction::LocalSet(scratch.meter).encode(out);
        }
        if polls {
            Instruction::LocalGet(scratch.meter).encode(out);
            Instruction::I64Const(0).encode(out);
            Instruction::I64GeS.encode(out);
            counting.poll_if(out);
        }
    }
}

impl Counting {
    /// Adds the ticks of a bulk operator, whose length is on the stack. A long one polls: it may
    /// take as long as a million instructions.
    fn charge_bulk(&self, out: &mut Vec<u8>, length: u32, ticks: u64) {
        Instruction::LocalTee(length).encode(out);
        Instruction::GlobalGet(self.bulk).encode(out);
        Instruction::LocalGet(length).encode(out);
        Instruction::I64ExtendI32U.encode(out);
        Instruction::I64Const(ticks.cast_signed()).encode(out);
        Instruction::I64Mul.encode(out);
        Instruction::I64Add.encode(out);
        Instruction::GlobalSet(self.bulk).encode(out);
        Instruction::LocalGet(length).encode(out);
        Instruction::I32Const(LONG_BULK_BYTES).encode(out);
        Instruction::I32GeU.encode(out);
        self.poll_if(out);
    }

    /// Calls the poll function if what is on the stack is true.
    fn poll_if(&self, out: &mut Vec<u8>) {
        Instruction::If(BlockType::Empty).encode(out);
        Instruction::GlobalGet(self.meter).encode(out);
        Instruction::GlobalGet(self.bulk).encode(out);
        Instruction::Call(self.poll).encode(out);
        Instruction::GlobalSet(self.meter).encode(out);
        Instruction::End.encode(out);
    }
}

/// How many locals a function declares beside its parameters.
fn locals(body: &FunctionBody<'_>) -> Result<u32, InstrumentError> {
    let mut all = 0_u32;
    for group in body.get_locals_reader()? {
        all = all.saturating_add(group?.0);
    }
    Ok(all)
}
