//! Payments as a file has them.

use bls::{PublicKey, Signature};
use encoding::{
    Amount, Kt1Address, Level, RollupAddress, Ticket, TicketContent, Tz4Address, whole,
};
use inbox::v2::decode_transaction;
use serde::{Deserialize, Serialize};
use tx_kernel::results::{Outcome, ResultCode};

use super::{Payments, Row, Sent, Source};
use crate::signer::SignerSignature;
use crate::transaction::Signable;
use crate::transaction_status::TransactionStatus;
use crate::withdrawal_log::hash;

/// What the file calls itself.
const KIND: &str = "payments";
/// The version of the file.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentsJson {
    toru: String,
    version: u32,
    rollup: String,
    payer: String,
    key: String,
    proof: String,
    file: Option<SourceJson>,
    tickets: Vec<TicketJson>,
    rows: Vec<RowJson>,
    transactions: Vec<SentJson>,
    messages: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    plans: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceJson {
    name: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketJson {
    ticketer: String,
    content: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowJson {
    line: u64,
    to: String,
    ticket: usize,
    units: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentJson {
    hash: String,
    counter: u64,
    expires: Option<i32>,
    transaction: String,
    signature: String,
    rows: Vec<usize>,
    head: i32,
    block: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<EndJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batcher: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndJson {
    Applied(i32),
    Refused(i32, u16, u64, u64),
    Expired,
    Replaced,
    Forgotten,
}

impl EndJson {
    fn of(status: &TransactionStatus) -> Option<Self> {
        Some(match status {
            TransactionStatus::Applied(level) => EndJson::Applied(level.0),
            TransactionStatus::Refused(level, reason) => {
                EndJson::Refused(level.0, reason.code.number(), reason.first, reason.second)
            }
            TransactionStatus::Expired => EndJson::Expired,
            TransactionStatus::Replaced => EndJson::Replaced,
            TransactionStatus::Forgotten => EndJson::Forgotten,
            TransactionStatus::Open(_) | TransactionStatus::Unknown => return None,
        })
    }

    fn status(&self) -> TransactionStatus {
        match *self {
            EndJson::Applied(level) => TransactionStatus::Applied(Level(level)),
            EndJson::Refused(level, code, first, second) => TransactionStatus::Refused(
                Level(level),
                Outcome::new(ResultCode::from_number(code), first, second),
            ),
            EndJson::Expired => TransactionStatus::Expired,
            EndJson::Replaced => TransactionStatus::Replaced,
            EndJson::Forgotten => TransactionStatus::Forgotten,
        }
    }
}

impl Payments {
    /// The file's text.
    pub(super) fn to_json(&self) -> String {
        let mut tickets: Vec<&Ticket> = Vec::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let known = tickets.iter().position(|ticket| **ticket == row.ticket);
            let ticket = known.unwrap_or_else(|| {
                tickets.push(&row.ticket);
                tickets.len() - 1
            });
            rows.push(RowJson {
                line: row.line,
                to: row.to.to_string(),
                ticket,
                units: row.amount.get(),
                memo: row.memo.as_deref().map(hex::encode),
            });
        }
        let signed =
            self.transactions.iter().find_map(|sent| sent.signable.signature_of(&self.payer));
        let json = PaymentsJson {
            toru: KIND.to_owned(),
            version: VERSION,
            rollup: self.rollup.to_string(),
            payer: self.payer.to_string(),
            key: signed.map_or_else(String::new, |signed| keys::public_key_text(&signed.key)),
            proof: signed.map_or_else(String::new, |signed| hex::encode(signed.proof)),
            file: self.file.as_ref().map(|file| SourceJson {
                name: file.name.clone(),
                digest: file.digest.to_string(),
            }),
            tickets: tickets.into_iter().map(ticket_json).collect(),
            rows,
            transactions: self.transactions.iter().map(|sent| self.sent_json(sent)).collect(),
            messages: self.messages.iter().map(hex::encode).collect(),
            plans: self.plans.iter().map(ToString::to_string).collect(),
        };
        // There is nothing in it that JSON could not say.
        let mut text = serde_json::to_string(&json).unwrap_or_default();
        text.push('\n');
        text
    }

    fn sent_json(&self, sent: &Sent) -> SentJson {
        let transaction = sent.signable.transaction();
        let counter = transaction.operations.first().map_or(0, |one| one.counter.get());
        let signed = sent.signable.signature_of(&self.payer);
        SentJson {
            hash: sent.signable.hash().to_string(),
            counter,
            expires: transaction.expires.map(|level| level.0),
            transaction: hex::encode(transaction.encode()),
            signature: signed
                .map_or_else(String::new, |one| hex::encode(one.signature.to_compressed())),
            rows: sent.rows.clone(),
            head: sent.head.0,
            block: sent.block.clone(),
            end: sent.end.as_ref().and_then(EndJson::of),
            batcher: sent.batcher.clone(),
        }
    }

    /// Reads a file, and checks that its parts fit each other. Its signatures are our own: the kernel
    /// checks them.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let json: PaymentsJson =
            serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if (json.toru.as_str(), json.version) != (KIND, VERSION) {
            return Err(format!("no record of payments of version {VERSION}"));
        }
        let wrong = |field: &str| format!("\"{field}\" is malformed");
        let rollup = RollupAddress::from_base58(&json.rollup).map_err(|_| wrong("rollup"))?;
        let payer = Tz4Address::from_base58(&json.payer).map_err(|_| wrong("payer"))?;
        let key = keys::read_public_key(&json.key).map_err(|_| wrong("key"))?;
        let proof = point(&json.proof).ok_or_else(|| wrong("proof"))?;
        let tickets: Option<Vec<Ticket>> = json.tickets.iter().map(ticket).collect();
        let tickets = tickets.ok_or_else(|| wrong("tickets"))?;
        let rows: Option<Vec<Row>> = json.rows.iter().map(|one| row(one, &tickets)).collect();
        let rows = rows.ok_or_else(|| wrong("rows"))?;
        let file = match &json.file {
            None => None,
            Some(file) => {
                let digest = hash(&file.digest).ok_or_else(|| wrong("digest"))?;
                Some(Source { name: file.name.clone(), digest })
            }
        };
        let of = Signer { rollup, payer, key, proof, rows: rows.len() };
        let sent = json.transactions.into_iter().map(|one| of.sent(one));
        let transactions = sent.collect::<Option<Vec<_>>>();
        let transactions = transactions.ok_or_else(|| wrong("transactions"))?;
        let messages: Result<Vec<_>, _> = json.messages.iter().map(hex::decode).collect();
        let messages = messages.map_err(|_| wrong("messages"))?;
        let plans = json.plans.iter().map(|digest| hash(digest)).collect::<Option<Vec<_>>>();
        let plans = plans.ok_or_else(|| wrong("plans"))?;
        Ok(Payments { rollup, payer, file, rows, transactions, messages, plans })
    }
}

/// What all transactions of a record have in common.
struct Signer {
    rollup: RollupAddress,
    payer: Tz4Address,
    key: PublicKey,
    proof: [u8; 96],
    /// How many rows there are.
    rows: usize,
}

impl Signer {
    fn sent(&self, json: SentJson) -> Option<Sent> {
        let transaction = decode_transaction(&hex::decode(&json.transaction).ok()?).ok()?;
        let signature = Signature::from_compressed(&point(&json.signature)?).ok()?;
        let signed = SignerSignature { key: self.key, proof: self.proof, signature };
        let signable = Signable::of_own(self.rollup, transaction, signed).ok()?;
        let fits = signable.hash().to_string() == json.hash
            && signable.signers() == [self.payer]
            && self.key.address() == self.payer
            && json.rows.iter().all(|row| *row < self.rows);
        fits.then(|| Sent {
            signable,
            rows: json.rows,
            head: Level(json.head),
            block: json.block,
            end: json.end.as_ref().map(EndJson::status),
            batcher: json.batcher,
        })
    }
}

fn point(text: &str) -> Option<[u8; 96]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn ticket_json(ticket: &Ticket) -> TicketJson {
    TicketJson {
        ticketer: ticket.ticketer.to_string(),
        content: hex::encode(ticket.content.to_micheline()),
    }
}

fn ticket(json: &TicketJson) -> Option<Ticket> {
    let ticketer = Kt1Address::from_base58(&json.ticketer).ok()?;
    let content = whole(&hex::decode(&json.content).ok()?, TicketContent::read).ok()?;
    Some(Ticket { ticketer, content })
}

fn row(json: &RowJson, tickets: &[Ticket]) -> Option<Row> {
    Some(Row {
        line: json.line,
        to: Tz4Address::from_base58(&json.to).ok()?,
        ticket: tickets.get(json.ticket)?.clone(),
        amount: Amount::new(json.units),
        memo: json.memo.as_deref().map(hex::decode).transpose().ok()?,
    })
}
