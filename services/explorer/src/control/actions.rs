//! What can be done, each with its form and its command line.

use encoding::Level;
use layer1::plain::{grouped, quoted};

use super::field::{Field, FieldKind};
use super::form::Form;
use crate::failure::Failure;
use crate::limits::PANEL_LEVELS;

/// Something that can be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Action {
    /// Its last step in the path.
    pub name: &'static str,
    /// What it does, above the form.
    pub title: &'static str,
    /// In a sentence.
    pub about: &'static str,
    /// What is on the button.
    pub button: &'static str,
    /// What it takes.
    pub fields: &'static [Field],
    /// Whether it is a message that is signed, and no call of the sandbox's own.
    pub signs: bool,
    /// The arguments of the command line that does it, as things are at the head, if that is known.
    pub arguments: fn(&Form, Option<Level>) -> Result<Vec<String>, Failure>,
}

const fn field(
    name: &'static str,
    label: &'static str,
    usual: &'static str,
    kind: FieldKind,
) -> Field {
    Field { name, label, usual, kind, optional: false }
}

const MEMO: Field = Field { optional: true, ..field("memo", "Memo", "", FieldKind::Text) };

/// All of them, in the order of the page.
pub(crate) const ACTIONS: [Action; 8] = [
    Action {
        name: "mine",
        title: "Bake levels",
        about: "What waits goes into the first of them.",
        button: "Bake",
        fields: &[field("levels", "Levels", "1", FieldKind::Number)],
        signs: false,
        arguments: |form, _| {
            let levels = form.number("levels")?;
            at_most(levels.parse().ok())?;
            positional(&["dev", "mine"], &[levels])
        },
    },
    Action {
        name: "warp",
        title: "Warp",
        about: "Bakes until the head is a level, or so many levels further: +20.",
        button: "Warp",
        fields: &[field("to", "Level, or +levels", "+20", FieldKind::Text)],
        signs: false,
        arguments: |form, head| {
            let to = form.needed("to")?;
            at_most(levels(&to, head)?)?;
            positional(&["dev", "warp"], &[to])
        },
    },
    Action {
        name: "deposit",
        title: "Deposit",
        about: "The demo ticket comes from layer 1 with the next level.",
        button: "Deposit",
        fields: &[
            field("to", "For whom", "dev1", FieldKind::Account),
            field("amount", "How much", "100", FieldKind::Number),
        ],
        signs: false,
        arguments: |form, _| {
            positional(&["dev", "deposit"], &[form.needed("to")?, form.number("amount")?])
        },
    },
    Action {
        name: "pay",
        title: "Pay",
        about: "Signed with a key that everybody knows, and given to the node: it is in the next level.",
        button: "Pay",
        fields: &[
            field("from", "From", "dev0", FieldKind::Payer),
            field("to", "To", "dev1", FieldKind::Account),
            field("amount", "How much", "5", FieldKind::Text),
            field("ticket", "Of which ticket", "demo", FieldKind::Text),
            MEMO,
        ],
        signs: true,
        arguments: |form, _| {
            let mut options = vec!["send".to_owned()];
            options.extend(memo(form));
            options.extend(SENT.map(str::to_owned));
            // What was paid once can be paid again.
            options.push("--again".to_owned());
            let values = ["amount", "ticket", "from", "to"].map(|name| form.needed(name));
            behind(options, values.into_iter().collect::<Result<_, _>>()?)
        },
    },
    Action {
        name: "withdraw",
        title: "Withdraw",
        about: "The ticketer pays somebody on layer 1, once that can be executed.",
        button: "Withdraw",
        fields: &[
            field("from", "From", "dev0", FieldKind::Payer),
            field("amount", "How much", "7", FieldKind::Text),
            field("ticket", "Of which ticket", "demo", FieldKind::Text),
            field("to", "For whom on layer 1", "bootstrap1", FieldKind::Layer1),
            MEMO,
        ],
        signs: true,
        arguments: |form, _| {
            let mut options = vec!["withdraw".to_owned()];
            options.push(format!("--from={}", form.needed("from")?));
            options.push(format!("--to={}", form.needed("to")?));
            options.extend(memo(form));
            options.extend(SENT.map(str::to_owned));
            behind(options, vec![form.needed("amount")?, form.needed("ticket")?])
        },
    },
    Action {
        name: "execute",
        title: "Execute a withdrawal",
        about: "Layer 1 executes a message of an outbox once its commitment is cemented.",
        button: "Execute",
        fields: &[
            field("level", "Level of the outbox", "", FieldKind::Number),
            field("index", "Its index there", "0", FieldKind::Number),
        ],
        signs: false,
        arguments: |form, _| {
            positional(&["dev", "execute"], &[form.number("level")?, form.number("index")?])
        },
    },
    Action {
        name: "snapshot",
        title: "Take a snapshot",
        about: "Gives the state as it is a name to come back to.",
        button: "Take it",
        fields: &[field("name", "Name", "here", FieldKind::Text)],
        signs: false,
        arguments: |form, _| positional(&["dev", "snapshot"], &[form.needed("name")?]),
    },
    Action {
        name: "revert",
        title: "Go back",
        about: "To a snapshot, or to the end of a level: what came after it is gone.",
        button: "Go back",
        fields: &[field("to", "Snapshot or level", "here", FieldKind::Text)],
        signs: false,
        arguments: |form, _| positional(&["dev", "revert"], &[form.needed("to")?]),
    },
];

/// What is sent goes to the node at once, and nobody is asked.
const SENT: [&str; 2] = ["--via=node", "--yes"];

/// The action of a name.
pub(crate) fn action(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// Fails for more levels than a form may have baked; nothing stands for more than can be counted.
fn at_most(levels: Option<u32>) -> Result<(), Failure> {
    match levels {
        Some(0..=PANEL_LEVELS) => Ok(()),
        _ => Err(Failure::malformed(format!(
            "A form has at most {} levels baked at once. toru dev warp bakes more.",
            grouped(PANEL_LEVELS)
        ))),
    }
}

/// How many levels a warp bakes: nothing for more than can be counted.
fn levels(to: &str, head: Option<Level>) -> Result<Option<u32>, Failure> {
    if let Some(further) = to.strip_prefix('+') {
        let digits = !further.is_empty() && further.bytes().all(|byte| byte.is_ascii_digit());
        return match digits {
            true => Ok(further.parse().ok()),
            false => Err(not_a_level(to)),
        };
    }
    let level: i64 = to.parse().map_err(|_| not_a_level(to))?;
    let head = head.ok_or_else(|| {
        Failure::malformed("The node does not tell its level: say how many levels further, as +20.")
    })?;
    // What is not ahead is refused by the command itself.
    Ok(u32::try_from(level.saturating_sub(head.0.into()).max(0)).ok())
}

fn not_a_level(text: &str) -> Failure {
    let text = quoted(text);
    Failure::malformed(format!("{text} is neither a level nor + and a number of levels."))
}

fn memo(form: &Form) -> Option<String> {
    let memo = form.value("memo");
    (!memo.is_empty()).then(|| format!("--memo={memo}"))
}

fn positional(command: &[&str], values: &[String]) -> Result<Vec<String>, Failure> {
    behind(command.iter().map(|word| (*word).to_owned()).collect(), values.to_vec())
}

/// Values behind a command and its options. None of them is taken for an option.
fn behind(mut arguments: Vec<String>, values: Vec<String>) -> Result<Vec<String>, Failure> {
    if values.iter().any(|value| value.starts_with('-')) {
        arguments.push("--".to_owned());
    }
    arguments.extend(values);
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_a_command_line_and_no_value_is_an_option() {
        let line = |name: &str, body: &str| {
            let made = action(name)
                .map(|action| (action.arguments)(&Form::read(body.as_bytes()), Some(Level(100))));
            made.and_then(Result::ok).map(|arguments| arguments.join(" "))
        };
        for (name, body, expected) in [
            ("mine", "levels=3", Some("dev mine 3")),
            ("mine", "levels=-3", None),
            ("mine", "levels=", None),
            ("mine", "levels=10000", Some("dev mine 10000")),
            ("mine", "levels=10001", None),
            ("mine", "levels=99999999999999999999", None),
            ("warp", "to=%2B20", Some("dev warp +20")),
            ("warp", "to=%2B10000", Some("dev warp +10000")),
            ("warp", "to=%2B10001", None),
            ("warp", "to=%2B1000000000", None),
            ("warp", "to=%2B99999999999999999999", None),
            ("warp", "to=%2B%2B1", None),
            ("warp", "to=%2B", None),
            ("warp", "to=10100", Some("dev warp 10100")),
            ("warp", "to=10101", None),
            ("warp", "to=1000000000", None),
            ("warp", "to=9223372036854775807", None),
            ("warp", "to=99999999999999999999", None),
            ("warp", "to=5", Some("dev warp 5")),
            ("warp", "to=x", None),
            ("deposit", "to=dev1&amount=5", Some("dev deposit dev1 5")),
            ("deposit", "to=--endpoint%3Dx&amount=5", Some("dev deposit -- --endpoint=x 5")),
            (
                "pay",
                "from=dev0&to=dev1&amount=5&ticket=demo&memo=-x",
                Some("send --memo=-x --via=node --yes --again 5 demo dev0 dev1"),
            ),
            ("pay", "from=dev0&to=&amount=5&ticket=demo", None),
            (
                "withdraw",
                "from=dev0&to=bootstrap1&amount=7&ticket=demo",
                Some("withdraw --from=dev0 --to=bootstrap1 --via=node --yes 7 demo"),
            ),
            ("execute", "level=7&index=0", Some("dev execute 7 0")),
            ("execute", "level=x&index=0", None),
            ("snapshot", "name=here", Some("dev snapshot here")),
            ("revert", "to=here", Some("dev revert here")),
            ("stop", "", None),
        ] {
            assert_eq!(line(name, body).as_deref(), expected, "{name} {body}");
        }
    }

    #[test]
    fn what_a_form_has_before_anybody_writes_is_a_command_unless_a_field_is_empty() {
        for action in ACTIONS {
            let usual = (action.arguments)(&Form::usual(action.fields), None);
            let is_whole =
                action.fields.iter().all(|field| field.optional || !field.usual.is_empty());
            assert_eq!(usual.is_ok(), is_whole, "{}", action.name);
        }
    }
}
