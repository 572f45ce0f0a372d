//! The fields of forms.

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What is said beside it.
    pub label: &'static str,
    /// What it has before anybody writes into it.
    pub usual: &'static str,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it can be left empty.
    pub optional: bool,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// Any text.
    Text,
    /// Digits.
    Number,
    /// One of the accounts that can pay.
    Payer,
    /// An account, of which those that can pay are proposed.
    Account,
    /// An account of layer 1, of which those that have names are proposed.
    Layer1,
}

impl FieldKind {
    /// The list of proposals, by its id in the page.
    pub(crate) fn list(self) -> Option<&'static str> {
        match self {
            FieldKind::Account => Some("accounts"),
            FieldKind::Layer1 => Some("layer1"),
            FieldKind::Text | FieldKind::Number | FieldKind::Payer => None,
        }
    }
}
