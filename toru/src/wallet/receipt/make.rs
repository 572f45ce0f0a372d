//! `toru receipt HASH`: makes a receipt, checks it, and writes it to a file.

use std::path::PathBuf;

use encoding::{Hash32, blake2b_256};
use layer1::hashes;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use receipt::{Commitment, Payment, Receipt, Record};
use serde_json::json;
use wallet::receipt_parts::{ReceiptParts, RecordPart, receipt_parts};

use super::super::error::receipt::ReceiptFailure;
use super::super::folders;
use super::super::session::Session;
use super::args::MakeArgs;
use super::told;
use crate::error::{Failure, shown_path};
use crate::ui::{Output, Ui};

pub(super) fn make(args: &MakeArgs, ui: &Ui) -> Result<Output, Failure> {
    let text = args.hash.as_deref().unwrap_or_default();
    let hash = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok()).map(Hash32);
    let hash = hash.ok_or_else(|| ReceiptFailure::BadHash(text.to_owned()))?;
    let session = Session::open(&args.wallet, ui)?;
    // What was signed here as part of a batch has its result under that.
    if let Ok(store) = folders::payments(&folders::usual_payments(), session.wallet.rollup()) {
        store.read_cosigned(session.wallet.node().cosigned())?;
    }
    let parts = receipt_parts(session.wallet.node(), &hash, args.transaction, &args.at);
    let parts = parts.map_err(ReceiptFailure::None)?;
    let commitment = parts.commitment.hash;
    let receipt = assemble(parts, &session);
    // A node that does not tell the truth is found here, and not by whoever is given the receipt.
    let proven = receipt.verify(&commitment).map_err(ReceiptFailure::Node)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{hash}.receipt.json")));
    let text = receipt.to_json();
    files::create(&out, text.as_bytes(), files::Readers::All).map_err(Failure::writing(&out))?;
    let digest = blake2b_256(&[text.as_bytes()]).to_string();
    let commitment = hashes::COMMITMENT.text(&commitment);
    let mut answer = told::json(&receipt, &proven, &commitment);
    answer["file"] = json!(shown_path(&out));
    answer["file_hash"] = json!(digest);
    ui.answer(&answer, || {
        let mut words = told::words(&receipt, &proven, &commitment);
        words.push_str(&format!("wrote {}\n  its hash: {digest}\n", shown_path(&out)));
        if args.qr {
            words.push_str(&code(&digest));
        }
        words
    })
}

fn assemble(parts: ReceiptParts, session: &Session<'_>) -> Receipt {
    let ReceiptParts { batch, transaction, record, path, output, commitment, accounts } = parts;
    Receipt {
        rollup: *session.wallet.rollup(),
        payment: Payment { batch: batch.encode(), transaction },
        record: match record {
            RecordPart::Batch(bytes) => Record::Batch(bytes),
            RecordPart::Transaction(bytes) => Record::Transaction(bytes),
        },
        path,
        output,
        commitment: Commitment {
            state: commitment.state,
            inbox_level: commitment.inbox_level,
            predecessor: commitment.predecessor,
            ticks: commitment.ticks,
        },
        accounts,
    }
}

/// A text as a QR code of block characters, for a dark or a light terminal.
fn code(text: &str) -> String {
    // 64 digits fit every version of the code from the fifth on.
    QrCode::new(text)
        .map_or_else(|_| String::new(), |code| code.render::<Dense1x2>().build() + "\n")
}
