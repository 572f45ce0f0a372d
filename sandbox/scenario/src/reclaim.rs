//! Sentences about held deposits that somebody asks for.

use inbox::envelope::framed_reclaim;
use inbox::reclaim::{Request, Signed};

use crate::encode::{ROLLUP, call_with_bytes};
use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::model::Route;
use crate::operation;
use crate::words::Words;

/// The forms of a request.
pub(crate) const FORMS: [&str; 2] = [
    "NAME reclaims held deposit NUMBER to CONTRACT [ENTRYPOINT] [for RECEIVER]",
    "contract CONTRACT from NAME reclaims held deposit NUMBER to CONTRACT [ENTRYPOINT] [for RECEIVER]",
];

/// Reads a request, if the sentence is one. `signed_by` signs it in place of who asks.
pub(crate) fn message(
    text: &str,
    signed_by: Option<&str>,
    fixtures: &mut Fixtures,
) -> Result<Option<Vec<u8>>, Problem> {
    let parsed = (|| {
        let mut words = Words::of(text);
        let contract = match words.phrase("contract") {
            Some(()) => {
                let contract = words.next()?;
                words.phrase("from").map(|()| Some(contract))?
            }
            None => None,
        };
        let name = words.next()?;
        words.phrase("reclaims held deposit")?;
        let number: u64 = words.bounded()?;
        words.phrase("to")?;
        let destination = words.next()?;
        Some((contract, name, number, destination, words))
    })();
    let Some((contract, name, number, destination, mut words)) = parsed else { return Ok(None) };
    let entrypoint = operation::entrypoint(&mut words)?;
    let receiver = operation::receiver(&mut words, fixtures)?;
    if words.end().is_none() {
        return Ok(None);
    }
    let destination = fixtures.contract(destination)?;
    let request = Request { number, destination, entrypoint, receiver };
    Ok(Some(match contract {
        Some(contract) => {
            let route =
                Route { sender: fixtures.contract(contract)?, source: fixtures.source(name)? };
            call_with_bytes(&request.to_bytes(), &route)
        }
        None => {
            let key = fixtures.person(name)?.key.to_compressed();
            let signer = fixtures.person(signed_by.unwrap_or(name))?;
            let signature = signer.sign_pop(&request.signed_bytes(&ROLLUP)).to_compressed();
            framed_reclaim(&ROLLUP, &Signed { request, key, signature }.encode())
        }
    }))
}
