//! Sentences about what people do: operations and deposits.

use encoding::{Amount, Entrypoint, Hash32, Layer1Address};
use inbox::v2::{MEMO_BYTES, Memo};

use crate::error::Problem;
use crate::fixtures::{Fixtures, MINT};
use crate::model::{Content, Deposit, OperationSpec, Route};
use crate::reference::{self, AccountRef, NamedBy, Referent};
use crate::register::IDENTITY;
use crate::words::{Words, is_name, range};
use layer1::plain::quoted;

/// The forms of an operation.
pub(crate) const OPERATION_FORMS: [&str; 5] = [
    "NAME, counter NUMBER, pays NAME NUMBER TICKET",
    "NAME, counter NUMBER, withdraws NUMBER TICKET to CONTRACT [ENTRYPOINT] [for RECEIVER]",
    "NAME, counter NUMBER, does nothing",
    "the same with `NAME by address`, `NAME1 to NAME9`, `counters NUMBER to NUMBER`, contents \
     joined by `and`, a content `NUMBER times`",
    "in v2 also with `by place`, `account NUMBER`, `of ticket NUMBER`, `TICKET in full`, and at the \
     end `, with memo TEXT` (or 0xHEX, or hash 0xHEX)",
];

/// The form of a deposit.
pub(crate) const DEPOSIT_FORM: &str =
    "NAME is sent NUMBER TICKET [by CONTRACT] [from NAME] [unwrapped]";

/// Contents that one sentence may stand for.
const TIMES_MAX: usize = 1_000;

/// What an operation's sentence stands for: by counter, then by person.
pub(crate) struct OperationGroup {
    pub by_counter: Vec<Vec<OperationSpec>>,
}

/// Reads an operation, if the sentence has the beginnings of one.
pub(crate) fn operations(
    text: &str,
    fixtures: &mut Fixtures,
) -> Result<Option<OperationGroup>, Problem> {
    let (text, memo) = match text.split_once(MEMO) {
        Some((text, memo)) => (text, Some(self::memo(memo)?)),
        None => (text, None),
    };
    let mut parts = text.splitn(3, ", ");
    let (Some(subject), Some(counters), Some(contents)) =
        (parts.next(), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let Some((from, to)) = counters_of(counters) else { return Ok(None) };
    let mut all = Vec::new();
    for content in contents.split(" and ").flat_map(|part| part.split(", ")) {
        match self::contents(content, fixtures)? {
            Some(contents) => all.extend(contents),
            None => return Ok(None),
        }
    }
    let Some(signers) = signers(subject, fixtures)? else { return Ok(None) };
    let one = |counter: u64, (name, signer): &(Option<String>, AccountRef)| OperationSpec {
        signs: name.clone(),
        signer: *signer,
        counter,
        memo: memo.clone(),
        contents: all.clone(),
        expect: None,
    };
    let by_counter = (from..=to)
        .map(|counter| signers.iter().map(|signer| one(counter, signer)).collect())
        .collect();
    Ok(Some(OperationGroup { by_counter }))
}

/// What stands before a memo.
const MEMO: &str = ", with memo ";

/// `thanks`, `0x…`, `hash 0x…`.
fn memo(text: &str) -> Result<Memo, Problem> {
    let expected = "a memo: text or 0xHEX of 1 to 64 bytes, or hash 0xHEX of 32";
    let wrong = || Problem::unexpected(quoted(text), expected);
    let hex = |digits: &str| layer1::hex_text::decode(digits).map_err(|_| wrong());
    if let Some(digits) = text.strip_prefix("hash 0x") {
        return hex(digits)?.try_into().map(|hash| Memo::Hash(Hash32(hash))).map_err(|_| wrong());
    }
    let bytes = match text.strip_prefix("0x") {
        Some(digits) => hex(digits)?,
        None => text.as_bytes().to_vec(),
    };
    let fits = (1..=MEMO_BYTES).contains(&bytes.len());
    fits.then_some(Memo::Bytes(bytes)).ok_or_else(wrong)
}

fn counters_of(text: &str) -> Option<(u64, u64)> {
    let mut words = Words::of(text);
    let range = match words.next()? {
        "counter" => {
            let counter = words.bounded()?;
            (counter, counter)
        }
        "counters" => {
            let from: u64 = words.bounded()?;
            words.phrase("to")?;
            let to = words.bounded()?;
            (from <= to && to - from < 10_000).then_some((from, to))?
        }
        _ => return None,
    };
    words.end().map(|()| range)
}

/// Whose key signs, if anybody's, and how the operation names the signer.
type Named = (Option<String>, AccountRef);

fn signers(text: &str, fixtures: &mut Fixtures) -> Result<Option<Vec<Named>>, Problem> {
    let nobody = |key| AccountRef { who: Referent::Key(key), by: NamedBy::Best };
    match text {
        "an invalid key" => return Ok(Some(vec![(None, nobody([0xff; 48]))])),
        "the identity key" => return Ok(Some(vec![(None, nobody(IDENTITY))])),
        _ => {}
    }
    let mut words = Words::of(text);
    if let Some(account) = reference::index(&mut words) {
        return Ok(words.end().map(|()| vec![(None, account)]));
    }
    let Some((names, by)) = subject(&mut words) else { return Ok(None) };
    let signer = |name: String| {
        let who = Referent::Account(fixtures.person(&name)?.address);
        Ok((Some(name), AccountRef { who, by }))
    };
    names.into_iter().map(signer).collect::<Result<_, _>>().map(Some)
}

fn subject(words: &mut Words<'_>) -> Option<(Vec<String>, NamedBy)> {
    let first = words.name()?;
    let names = match words.phrase("to") {
        Some(()) => range(first, words.name()?)?,
        None => vec![first.to_owned()],
    };
    let by = reference::by(words);
    words.end().map(|()| (names, by))
}

/// One content, or the same several times, or none.
fn contents(text: &str, fixtures: &mut Fixtures) -> Result<Option<Vec<Content>>, Problem> {
    let mut words = Words::of(text);
    let content = match words.next() {
        Some("does" | "do") if words.phrase("nothing").is_some() => None,
        Some("pays" | "pay") => {
            let indexed = reference::index(&mut words);
            let named = if indexed.is_some() { None } else { words.next() };
            let by = reference::by(&mut words);
            let parsed = (|| Some((words.bounded::<u64>()?, reference::ticket(&mut words)?)))();
            let Some((amount, ticket)) = parsed else { return Ok(None) };
            let to = match (indexed, named) {
                (Some(account), _) => account,
                (None, Some(name)) => {
                    AccountRef { by, ..AccountRef::account(fixtures.account(name)?) }
                }
                (None, None) => return Ok(None),
            };
            Some(Content::Pay { to, ticket: ticket.find(fixtures)?, amount: Amount::new(amount) })
        }
        Some("withdraws" | "withdraw") => {
            let parsed = (|| {
                let (amount, ticket) = (words.bounded::<u64>()?, reference::ticket(&mut words)?);
                words.phrase("to")?;
                Some((amount, ticket, words.next()?))
            })();
            let Some((amount, ticket, to)) = parsed else { return Ok(None) };
            let entrypoint = entrypoint(&mut words)?;
            let receiver = receiver(&mut words, fixtures)?;
            let (to, ticket) = (fixtures.contract(to)?, ticket.find(fixtures)?);
            let amount = Amount::new(amount);
            Some(Content::Withdraw { to, ticket, amount, entrypoint, receiver })
        }
        _ => return Ok(None),
    };
    let times = match (words.end(), &content) {
        (Some(()), _) => 1,
        (None, None) => return Ok(None),
        (None, Some(_)) => match words.bounded::<usize>().filter(|times| *times <= TIMES_MAX) {
            Some(times) if words.phrase("times").is_some() && words.end().is_some() => times,
            _ => return Ok(None),
        },
    };
    Ok(Some(content.map_or_else(Vec::new, |content| vec![content; times])))
}

/// The entrypoint of a contract; none is written where the name is left out.
pub(crate) fn entrypoint(words: &mut Words<'_>) -> Result<Entrypoint, Problem> {
    let mut ahead = words.clone();
    let is_name = |word: &&str| !word.starts_with(|c: char| c.is_ascii_digit()) && *word != FOR;
    let name = ahead.next().filter(is_name);
    if name.is_some() {
        *words = ahead;
    }
    let name = name.unwrap_or_default();
    let expected = "an entrypoint: at most 31 letters, digits or _ . % @";
    Entrypoint::new(name.as_bytes()).ok_or_else(|| Problem::unexpected(quoted(name), expected))
}

/// What stands before the receiver of a withdrawal.
const FOR: &str = "for";

/// Whom a contract is to pay: somebody's tz4, tz1… to tz5…, or KT1….
pub(crate) fn receiver(
    words: &mut Words<'_>,
    fixtures: &mut Fixtures,
) -> Result<Option<Layer1Address>, Problem> {
    if words.phrase(FOR).is_none() {
        return Ok(None);
    }
    let word = words.next().unwrap_or_default();
    Ok(Some(match word.starts_with("KT1") {
        true => Layer1Address::Contract(fixtures.contract(word)?),
        false => Layer1Address::Implicit(fixtures.source(word)?),
    }))
}

/// Reads a deposit, or one each for several people, if the sentence is that.
pub(crate) fn deposits(
    text: &str,
    fixtures: &mut Fixtures,
) -> Result<Option<Vec<Deposit>>, Problem> {
    let parsed = (|| {
        let mut words = Words::of(text);
        let first = words.next()?;
        let receivers = match words.phrase("to") {
            Some(()) => range(first, words.next()?)?,
            None => vec![first.to_owned()],
        };
        words.phrase("is sent").or_else(|| words.phrase("are sent"))?;
        let (amount, ticket) = (words.number()?, words.name()?);
        let sender = match words.phrase("by") {
            Some(()) => words.next()?,
            None => MINT,
        };
        let source = match words.phrase("from") {
            Some(()) => words.next()?,
            None => SOURCE,
        };
        let unwrapped = words.phrase("unwrapped").is_some();
        words.end().map(|()| (receivers, amount, ticket, sender, source, unwrapped))
    })();
    let Some((receivers, amount, ticket, sender, source, unwrapped)) = parsed else {
        return Ok(None);
    };
    let ticket = fixtures.ticket(ticket)?;
    let route = Route { sender: fixtures.contract(sender)?, source: fixtures.source(source)? };
    let deposit = |receiver: String| {
        // What is no name is sent as it is: perhaps it is no account at all.
        let receiver = match is_name(&receiver) {
            true => fixtures.person(&receiver)?.address.to_string(),
            false => receiver,
        };
        let (amount, ticket) = (amount.clone(), ticket.clone());
        Ok(Deposit { receiver, amount, ticket, route, unwrapped })
    };
    receivers.into_iter().map(deposit).collect::<Result<_, _>>().map(Some)
}

/// Who makes a contract call the rollup where nobody is named.
pub(crate) const SOURCE: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";
