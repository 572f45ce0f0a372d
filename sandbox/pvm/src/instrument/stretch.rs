//! Where straight-line stretches end, and what the ticks of blocks and branches are charged to.
//!
//! A branch that is taken costs the end of its block, and one with a condition some steps more. Whether it is
//! taken is not known where it stands. So a loop, and the end of a block that something branches to, are charged
//! as if a taken `br_if` had led there, and whatever else leads there is charged so much less.

use crate::ticks::{PER_BLOCK_END, PER_CHOICE, PER_EMPTY_BLOCK_END, PER_INSTRUCTION};
use wasmparser::Operator;

/// What a taken `br_if` costs beyond the instruction: it becomes a `br`, which ends its block.
const TAKEN: i64 = (PER_CHOICE + PER_BLOCK_END).cast_signed();
/// The ticks of an operator that is no instruction.
const STEP: i64 = PER_INSTRUCTION.cast_signed();
const BLOCK_END: i64 = PER_BLOCK_END.cast_signed();
const CHOICE: i64 = PER_CHOICE.cast_signed();
/// What the end of a block costs less where there is nothing in it, as on the side of an `if` that is not
/// there.
const EMPTY: i64 = (PER_BLOCK_END - PER_EMPTY_BLOCK_END).cast_signed();
/// What a `return` costs less than the end of its function.
const RETURN: i64 = -CHOICE;

/// The blocks, loops and `if`s that are open.
#[derive(Default)]
pub(super) struct Frames(Vec<Frame>);

struct Frame {
    kind: FrameKind,
    /// Whether a branch goes to it.
    targeted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Block,
    Loop,
    If,
}

impl FrameKind {
    /// Whether what comes after a branch to it is charged as if a taken `br_if` had led there. An `if` is not:
    /// its end is also come to from its condition.
    fn is_joined(self) -> bool {
        self != Self::If
    }
}

/// What an operator is to the stretches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether the stretch ends with it.
    pub(super) ends: bool,
    /// Ticks beyond those of the instruction it may be, for this stretch.
    pub(super) extra: i64,
    /// Ticks for the next stretch.
    pub(super) after: i64,
}

impl Step {
    fn of(ends: bool, extra: i64) -> Self {
        Self { ends, extra, after: 0 }
    }
}

impl Frames {
    /// How many are open, the function itself not counted.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Takes note of the next operator.
    pub(super) fn step(&mut self, operator: &Operator<'_>) -> Result<Step, wasmparser::Error> {
        Ok(match operator {
            Operator::Block { .. } => {
                self.open(FrameKind::Block);
                Step::of(false, STEP)
            }
            Operator::Loop { .. } => {
                self.open(FrameKind::Loop);
                Step { ends: true, extra: -TAKEN, after: TAKEN + STEP }
            }
            // It becomes a block, which ends once, on whichever side.
            Operator::If { .. } => {
                self.open(FrameKind::If);
                Step { ends: true, extra: CHOICE + BLOCK_END - EMPTY, after: EMPTY }
            }
            Operator::Else => Step { ends: true, extra: 0, after: EMPTY },
            Operator::Br { relative_depth } => {
                let joined = self.target(*relative_depth);
                Step::of(true, if joined { BLOCK_END - TAKEN } else { BLOCK_END })
            }
            Operator::BrIf { relative_depth } => {
                self.target(*relative_depth);
                Step::of(true, 0)
            }
            Operator::BrTable { targets } => {
                for depth in targets.targets() {
                    self.target(depth?);
                }
                let joined = self.target(targets.default());
                Step::of(true, if joined { 0 } else { TAKEN })
            }
            // The ends of the `if`s around it have been charged, and never come.
            Operator::Return => {
                let ifs = self.0.iter().filter(|frame| frame.kind == FrameKind::If).count();
                let ifs = i64::try_from(ifs).unwrap_or(i64::MAX);
                Step::of(true, RETURN.saturating_sub(BLOCK_END.saturating_mul(ifs)))
            }
            Operator::Unreachable => Step::of(true, 0),
            Operator::Nop => Step::of(false, STEP),
            Operator::End => match self.0.pop() {
                Some(Frame { kind: FrameKind::If, .. }) => Step::of(true, 0),
                // Branches to a loop go to its start.
                Some(Frame { kind: FrameKind::Block, targeted: true }) => {
                    Step { ends: true, extra: BLOCK_END - TAKEN, after: TAKEN }
                }
                Some(_) => Step::of(false, BLOCK_END),
                // The end of the function is part of the call.
                None => Step::default(),
            },
            _ => Step::default(),
        })
    }

    fn open(&mut self, kind: FrameKind) {
        self.0.push(Frame { kind, targeted: false });
    }

    /// Notes a branch; says whether what it goes to is charged for it. One to the outermost depth is a
    /// return, and goes to no frame.
    fn target(&mut self, depth: u32) -> bool {
        let depth = usize::try_from(depth).unwrap_or(usize::MAX);
        self.0.iter_mut().rev().nth(depth).is_some_and(|frame| {
            frame.targeted = true;
            frame.kind.is_joined()
        })
    }
}
