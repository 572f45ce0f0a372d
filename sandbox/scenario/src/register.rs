//! Sentences about keys that become accounts.

use inbox::v2::Registration;

use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::words::{Words, range};

/// The forms of a registration.
pub(crate) const FORM: &str = "NAME registers [with the proof of NAME, or with an invalid proof]";

/// Reads registrations, if the sentence is one.
pub(crate) fn registrations(
    text: &str,
    fixtures: &mut Fixtures,
) -> Result<Option<Vec<Registration>>, Problem> {
    let mut words = Words::of(text);
    let nobody = words.phrase("an invalid key").map(|()| [0xff; 48]);
    let nobody = nobody.or_else(|| words.phrase("the identity key").map(|()| IDENTITY));
    let names = match nobody {
        Some(_) => Vec::new(),
        None => {
            let Some(first) = words.name() else { return Ok(None) };
            let last = words.phrase("to").map(|()| words.name());
            match last {
                None => vec![first.to_owned()],
                Some(last) => match last.and_then(|last| range(first, last)) {
                    Some(names) => names,
                    None => return Ok(None),
                },
            }
        }
    };
    if words.phrase("registers").or_else(|| words.phrase("register")).is_none() {
        return Ok(None);
    }
    let proof = match (words.phrase("with the proof of"), words.phrase("with an invalid proof")) {
        (Some(()), _) => {
            let Some(name) = words.name() else { return Ok(None) };
            Some(fixtures.person(name)?.registration().proof)
        }
        (None, Some(())) => Some([0x5a; 96]),
        (None, None) => None,
    };
    if words.end().is_none() {
        return Ok(None);
    }
    let with = |registration: Registration| Registration {
        proof: proof.unwrap_or(registration.proof),
        ..registration
    };
    let mut all = Vec::new();
    for name in &names {
        all.push(with(fixtures.person(name)?.registration()));
    }
    all.extend(nobody.map(|key| with(Registration { key, proof: [0x5a; 96] })));
    Ok(Some(all))
}

/// The compressed key that is the identity.
pub(crate) const IDENTITY: [u8; 48] = {
    let mut key = [0; 48];
    key[0] = 0xc0;
    key
};
