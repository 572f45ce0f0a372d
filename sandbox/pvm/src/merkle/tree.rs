//! Small trees that are made anew each time: the part of a state that is not durable storage.

use super::{Dir, Hash, Kind, Label, contents};

/// A tree.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// Bytes.
    Contents(Vec<u8>),
    /// Children by name, one at least.
    Directory(Vec<Entry>),
    /// A directory that somebody else keeps.
    Kept(Hash),
}

/// A child: its name, and what it is.
pub(crate) type Entry = (&'static str, Tree);

/// The name of a child of a small directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed {
    name: &'static str,
    kind: Kind,
}

impl Label for Fixed {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.name.as_bytes())
    }
}

impl Tree {
    /// What it is.
    fn kind(&self) -> Kind {
        match self {
            Self::Contents(_) => Kind::Contents,
            Self::Directory(_) | Self::Kept(_) => Kind::Directory,
        }
    }

    /// Its hash. Trees are no deeper than they are written down.
    pub(crate) fn hash(&self) -> Hash {
        match self {
            Self::Contents(bytes) => contents(bytes),
            // An empty directory is none at all, and none is made.
            Self::Directory(children) => small_directory(children).hash().unwrap_or_default(),
            Self::Kept(hash) => *hash,
        }
    }

    /// The child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Directory(children) => {
                children.iter().find(|(own, _)| *own == name).map(|(_, child)| child)
            }
            Self::Contents(_) | Self::Kept(_) => None,
        }
    }
}

/// The directory of these children.
pub(crate) fn small_directory(children: &[Entry]) -> Dir<Fixed> {
    children.iter().map(|(name, tree)| (Fixed { name, kind: tree.kind() }, tree.hash())).collect()
}
