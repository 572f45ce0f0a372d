//! What a contract that we do not know would take, by the types of its entrypoints: deposits by our helper, and
//! withdrawals.

use encoding::TicketContent;
use layer1::entrypoints::DEFAULT;
use layer1::michelson::{Node as Micheline, parse};
use layer1::script::Script;
use layer1::types::same;
use serde_json::{Value, json};
use wallet::contract::{EXITS, Handing, Receives};

/// The two types of tickets that a rollup with our kernel takes, by an example of each.
fn contents() -> [(&'static str, TicketContent); 2] {
    [
        ("pair nat (option bytes)", TicketContent::NatBytes(0.into(), None)),
        ("string", TicketContent::String(Vec::new())),
    ]
}

/// What a contract takes.
#[derive(Debug, Default)]
pub(super) struct Takes {
    /// What our helper can deposit with it.
    pub deposits: Option<&'static str>,
    /// Where withdrawals that name who is paid go: content type and entrypoint.
    pub exits: Vec<(&'static str, &'static str)>,
    /// Where a ticket alone goes: content type and entrypoint.
    pub bare: Vec<(&'static str, String)>,
    /// The views that it has.
    pub views: Vec<String>,
}

/// Looks at a script.
pub(super) fn takes(script: &Script) -> Takes {
    let Ok(parameter) = script.parameter() else { return Takes::default() };
    let named = parameter.list().into_iter().map(|(name, node)| (name.to_owned(), node.clone()));
    let whole = parameter.entrypoint(DEFAULT).map(|node| (DEFAULT.to_owned(), node.clone()));
    let all: Vec<_> = named.filter(|(name, _)| name != DEFAULT).chain(whole).collect();
    let views = script.views().iter().map(|view| view.name.to_owned()).collect();
    of_entrypoints(&all, views)
}

/// Looks at entrypoints, with the whole as `default`, and at the names of views.
pub(super) fn of_entrypoints(all: &[(String, Micheline)], views: Vec<String>) -> Takes {
    let is = |name: &str, wanted: &str| {
        let found = all.iter().find(|(found, _)| found == name);
        let wanted = parse(wanted).ok();
        wanted.is_some_and(|wanted| found.is_some_and(|(_, found)| same(found, &wanted)))
    };
    let has_view = |name: &str| views.iter().any(|view| view == name);
    let deposits = if is("mint", "address") {
        Some("tez")
    } else if is("deposit", "nat") && has_view("get_token") && has_view("get_content") {
        Some("a token")
    } else {
        None
    };
    let (mut exits, mut bare) = (Vec::new(), Vec::new());
    for (words, content) in contents() {
        let paying = Handing::of(&content, Some(Receives::Implicit));
        let exit = EXITS
            .into_iter()
            .find(|name| all.iter().any(|(found, node)| found == name && paying.is_taken_by(node)));
        exits.extend(exit.map(|exit| (words, exit)));
        let alone = Handing::of(&content, None);
        let found = all.iter().filter(|(_, node)| alone.is_taken_by(node));
        bare.extend(found.map(|(name, _)| (words, name.clone())));
    }
    Takes { deposits, exits, bare, views }
}

impl Takes {
    /// In words.
    pub fn text(&self) -> String {
        let deposits = match self.deposits {
            Some(what) => format!("deposits of {what}, by our helper\n"),
            None => "no deposits by our helper: it has neither mint of address nor deposit of nat with the views \
                     get_token and get_content\n"
                .to_owned(),
        };
        let mut text = format!("its types take\n  {deposits}");
        for (content, exit) in &self.exits {
            text.push_str(&format!(
                "  withdrawals that pay somebody, at {exit}, of ticket ({content})\n"
            ));
        }
        if self.exits.is_empty() {
            text.push_str("  no withdrawals that pay somebody: neither burn nor withdraw of address and ticket\n");
        }
        for (content, entrypoint) in &self.bare {
            text.push_str(&format!("  a ticket alone, at {entrypoint}, of ticket ({content})\n"));
        }
        text.push_str("what its code does with them is not known: try a small amount first\n");
        text
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let of = |content: &str, entrypoint: &str| json!({"content_type": content, "entrypoint": entrypoint});
        json!({
            "deposits": self.deposits,
            "exits": self.exits.iter().map(|(content, name)| of(content, name)).collect::<Value>(),
            "bare": self.bare.iter().map(|(content, name)| of(content, name)).collect::<Value>(),
            "views": self.views,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Value {
        let script =
            Script::of_text(&format!("{text}; storage unit; code {{ FAILWITH }}")).unwrap();
        takes(&script).json()
    }

    #[test]
    fn what_contracts_in_use_take() {
        let tk = "(ticket (pair nat (option bytes)))";
        let exchanger = of(&format!("parameter (or (pair %burn address {tk}) (address %mint))"));
        assert_eq!(exchanger["deposits"], "tez");
        let exit = json!([{"content_type": "pair nat (option bytes)", "entrypoint": "burn"}]);
        assert_eq!((&exchanger["exits"], &exchanger["bare"]), (&exit, &json!([])));

        let views =
            "view \"get_token\" unit nat { FAILWITH }; view \"get_content\" unit nat { FAILWITH }";
        let fa = format!("parameter (or (pair %withdraw (address %receiver) {tk}) (nat %deposit))");
        assert_eq!(of(&fa)["deposits"], json!(null));
        let fa = of(&format!("{fa}; {views}"));
        assert_eq!(
            (&fa["deposits"], &fa["exits"][0]["entrypoint"]),
            (&json!("a token"), &json!("withdraw"))
        );

        let vault = of("parameter (or (ticket %keep string) (unit %burn))");
        let keep = json!([{"content_type": "string", "entrypoint": "keep"}]);
        assert_eq!((&vault["exits"], &vault["bare"]), (&json!([]), &keep));
        let alone = of("parameter (ticket string)");
        assert_eq!(alone["bare"][0]["entrypoint"], "default");
        let nothing = of("parameter unit");
        assert_eq!((&nothing["deposits"], &nothing["bare"]), (&json!(null), &json!([])));
    }
}
