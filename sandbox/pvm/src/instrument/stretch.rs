//! Where straight-line stretches end.

use wasmparser::Operator;

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

impl Frames {
    /// How many are open, the function itself not counted.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Whether a stretch ends with this operator. Keeps track of the blocks it is in.
    pub(super) fn ends_stretch(
        &mut self,
        operator: &Operator<'_>,
    ) -> Result<bool, wasmparser::Error> {
        Ok(match operator {
            Operator::Block { .. } => self.open(FrameKind::Block, false),
            Operator::Loop { .. } => self.open(FrameKind::Loop, true),
            Operator::If { .. } => self.open(FrameKind::If, true),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.target(*relative_depth);
                true
            }
            Operator::BrTable { targets } => {
                self.target(targets.default());
                for depth in targets.targets() {
                    self.target(depth?);
                }
                true
            }
            Operator::Else | Operator::Return | Operator::Unreachable => true,
            Operator::End => match self.0.pop() {
                Some(Frame { kind: FrameKind::If, .. }) => true,
                // Branches to a loop go to its start.
                Some(Frame { kind: FrameKind::Loop, .. }) => false,
                Some(Frame { kind: FrameKind::Block, targeted }) => targeted,
                None => false,
            },
            _ => false,
        })
    }

    fn open(&mut self, kind: FrameKind, ends_stretch: bool) -> bool {
        self.0.push(Frame { kind, targeted: false });
        ends_stretch
    }

    /// Notes a branch. One to the outermost depth is a return, and no frame.
    fn target(&mut self, depth: u32) {
        let depth = usize::try_from(depth).unwrap_or(usize::MAX);
        if let Some(frame) = self.0.iter_mut().rev().nth(depth) {
            frame.targeted = true;
        }
    }
}
