//! What a contract can be called with: the type of its parameter, and the entrypoints in it.

use crate::michelson::{Node, ParseError, section};
use crate::types::{TypeError, check};

/// Bytes: the longest name of an entrypoint.
pub const NAME_MAX: usize = 31;
/// The entrypoint of a call that names none.
pub const DEFAULT: &str = "default";

/// The type of a contract's parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The whole type, with the annotations that name entrypoints.
    root: Node,
    /// The name of the whole, if the script gives it one.
    name: Option<String>,
}

/// Why a text has no type of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// It is not Michelson.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// It has no section of that name.
    #[error("there is no section \"parameter\" in it")]
    NoParameter,
    /// The section has not one type.
    #[error("the section \"parameter\" has {0} arguments (expected 1, a type)")]
    Arguments(usize),
    /// What the section has is not a type.
    #[error("parameter: {0}")]
    Type(#[from] TypeError),
    /// Two entrypoints have one name.
    #[error("the entrypoint {0} is there twice")]
    Twice(String),
}

impl Parameter {
    /// That of a type, which may have annotations.
    ///
    /// # Errors
    /// When it is not a type, or two entrypoints have one name.
    pub fn new(root: Node) -> Result<Self, ScriptError> {
        Self::named(root, None)
    }

    fn named(root: Node, name: Option<String>) -> Result<Self, ScriptError> {
        check(&root)?;
        let parameter = Self { root, name };
        let mut names: Vec<&str> = parameter.list().iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ScriptError::Twice(pair[0].to_owned())),
            None => Ok(parameter),
        }
    }

    /// That of a script: its code and its storage are not looked at, and may have macros.
    ///
    /// # Errors
    /// When the text has no section `parameter` with a type.
    pub fn of_script(text: &str) -> Result<Self, ScriptError> {
        let section = section(text, "parameter")?.ok_or(ScriptError::NoParameter)?;
        Self::of_section(section)
    }

    /// That of the section `parameter …`.
    ///
    /// # Errors
    /// As for [`Self::of_script`].
    pub fn of_section(section: Node) -> Result<Self, ScriptError> {
        let Node::Prim { prim, mut args, annots } = section else {
            return Err(ScriptError::NoParameter);
        };
        if prim.name() != "parameter" {
            return Err(ScriptError::NoParameter);
        }
        match (args.pop(), args.len()) {
            (Some(root), 0) => Self::named(root, annots.iter().find_map(|one| entrypoint(one))),
            (None, _) => Err(ScriptError::Arguments(0)),
            (Some(_), others) => Err(ScriptError::Arguments(others + 1)),
        }
    }

    /// The section `parameter …` that this is the content of.
    #[must_use]
    pub fn to_section(&self) -> Option<Node> {
        let prim = crate::michelson::Prim::from_name("parameter")?;
        let annots = self.name.iter().map(|name| format!("%{name}")).collect();
        Some(Node::Prim { prim, args: vec![self.root.clone()], annots })
    }

    /// The whole type.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The type that an entrypoint takes; `None` if no entrypoint has that name. If none is named
    /// `default`, that is the whole type.
    #[must_use]
    pub fn entrypoint(&self, name: &str) -> Option<&Node> {
        let name = if name.is_empty() { DEFAULT } else { name };
        let named = self.list().into_iter().find(|(found, _)| *found == name);
        let found = named.map(|(_, node)| node);
        found.or_else(|| (name == DEFAULT).then_some(&self.root))
    }

    /// The entrypoints that have names, in the order of the type.
    #[must_use]
    pub fn list(&self) -> Vec<(&str, &Node)> {
        let mut found = Vec::new();
        match &self.name {
            Some(name) => {
                found.push((name.as_str(), &self.root));
                collect_below(&self.root, &mut found);
            }
            None => collect(&self.root, &mut found),
        }
        found
    }
}

/// The type of an entrypoint without the annotation that names it, as layer 1's node tells it.
#[must_use]
pub fn unnamed(node: &Node) -> Node {
    match node {
        Node::Prim { prim, args, annots } => {
            let others = annots.iter().filter(|annot| !annot.starts_with('%'));
            Node::Prim { prim: *prim, args: args.clone(), annots: others.cloned().collect() }
        }
        other => other.clone(),
    }
}

/// The name that an annotation gives an entrypoint.
fn entrypoint(annot: &str) -> Option<String> {
    name_of(annot).map(str::to_owned)
}

fn name_of(annot: &str) -> Option<&str> {
    let name = annot.strip_prefix('%')?;
    (!name.is_empty() && name.len() <= NAME_MAX).then_some(name)
}

/// Entrypoints are the branches of `or`, however deep, and the whole.
fn collect<'a>(node: &'a Node, found: &mut Vec<(&'a str, &'a Node)>) {
    if let Node::Prim { annots, .. } = node
        && let Some(name) = annots.iter().find_map(|annot| name_of(annot))
    {
        found.push((name, node));
    }
    collect_below(node, found);
}

fn collect_below<'a>(node: &'a Node, found: &mut Vec<(&'a str, &'a Node)>) {
    if let Node::Prim { prim, args, .. } = node
        && prim.name() == "or"
    {
        args.iter().for_each(|branch| collect(branch, found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::michelson::text;

    const EXCHANGER: &str = "parameter (or (pair %burn address (ticket (pair nat (option bytes)))) (address %mint)) ;\n\
        storage unit ; code { UNPAIR ; IF_LEFT { ASSERT_CMPEQ } { FAIL } }";

    fn type_of(parameter: &Parameter, name: &str) -> Option<String> {
        parameter.entrypoint(name).map(text)
    }

    #[test]
    fn entrypoints_of_scripts_in_use() {
        let exchanger = Parameter::of_script(EXCHANGER).unwrap();
        let burn = "(pair %burn address (ticket (pair nat (option bytes))))";
        assert_eq!(type_of(&exchanger, "burn").as_deref(), Some(burn));
        assert_eq!(type_of(&exchanger, "mint").as_deref(), Some("(address %mint)"));
        assert_eq!(type_of(&exchanger, "withdraw"), None);
        let whole = text(exchanger.root());
        assert_eq!(type_of(&exchanger, "default"), Some(whole.clone()));
        assert_eq!(type_of(&exchanger, ""), Some(whole));
        let names: Vec<&str> = exchanger.list().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["burn", "mint"]);
        // In braces, as scripts are written too, whatever comes first.
        let braces = format!("{{ storage unit ; view \"x\" unit unit {{ FAIL }} ; {EXCHANGER} }}");
        assert_eq!(Parameter::of_script(&braces), Ok(exchanger));
    }

    #[test]
    fn a_default_of_its_own_and_a_name_of_the_whole() {
        let own = Parameter::of_script("parameter (or (unit %default) (nat %add))").unwrap();
        assert_eq!(type_of(&own, "default").as_deref(), Some("(unit %default)"));
        // The whole has no name then.
        assert_eq!(type_of(&own, "root"), None);
        for script in
            ["parameter %root (or (unit %default) nat)", "parameter (or %root (unit %default) nat)"]
        {
            let named = Parameter::of_script(script).unwrap();
            assert!(
                type_of(&named, "root")
                    .is_some_and(|whole| whole.starts_with("(or") || whole.starts_with("or")),
                "{script}"
            );
            assert_eq!(type_of(&named, "default").as_deref(), Some("(unit %default)"));
            let section = named.to_section().unwrap();
            assert_eq!(Parameter::of_section(section), Ok(named));
        }
        let add = unnamed(own.entrypoint("add").unwrap());
        assert_eq!(text(&add), "nat");
        assert_eq!(text(&unnamed(&crate::michelson::parse("(nat %a :b)").unwrap())), "(nat :b)");
        // Only branches of `or` are entrypoints.
        let fields = Parameter::of_script("parameter (pair (nat %a) (or (nat %b) nat))").unwrap();
        assert_eq!(fields.list(), []);
        let deep = Parameter::of_script("parameter (or (or %both (nat %a) nat) nat)").unwrap();
        assert_eq!(deep.list().len(), 2);
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for (script, expected) in [
            ("storage unit", "there is no section \"parameter\" in it"),
            ("", "there is no section \"parameter\" in it"),
            ("parameter", "the section \"parameter\" has 0 arguments (expected 1, a type)"),
            (
                "parameter unit unit",
                "the section \"parameter\" has 2 arguments (expected 1, a type)",
            ),
            ("parameter (pair nat)", "parameter: pair takes 2 types or more, and has 1"),
            ("parameter (Pair 1 2)", "parameter: Pair is no type"),
            ("parameter (or (nat %a) (nat %a))", "the entrypoint a is there twice"),
            ("parameter (ticket 7)", "parameter: 7 is no type"),
        ] {
            let error = Parameter::of_script(script).unwrap_err();
            assert_eq!(error.to_string(), expected, "{script}");
        }
        let long = "n".repeat(NAME_MAX + 1);
        let unnamed = Parameter::of_script(&format!("parameter (or (nat %{long}) nat)")).unwrap();
        assert_eq!(unnamed.list(), []);
        assert!(matches!(Parameter::of_script("parameter (nat"), Err(ScriptError::Parse(_))));
    }
}
