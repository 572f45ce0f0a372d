//! `toru receipt verify FILE`: checks a receipt, with no node.

use std::fs::File;
use std::io::Read;

use layer1::hashes;
use receipt::{MAX_RECEIPT_BYTES, Receipt};

use super::super::error::receipt::ReceiptFailure;
use super::args::VerifyArgs;
use super::told;
use crate::error::Failure;
use crate::ui::{Output, Ui};

pub(super) fn verify(args: &VerifyArgs, ui: &Ui) -> Result<Output, Failure> {
    let commitment = hashes::COMMITMENT.read(&args.commitment).ok_or_else(|| {
        let problem = "is no hash of a commitment (expected src1…)";
        Failure::option("--commitment", &args.commitment, &problem)
    })?;
    let file = File::open(&args.file).map_err(Failure::reading(&args.file))?;
    let mut bytes = Vec::new();
    // One byte more than there may be shows that there are more.
    let most = MAX_RECEIPT_BYTES + 1;
    file.take(most).read_to_end(&mut bytes).map_err(Failure::reading(&args.file))?;
    let receipt = Receipt::from_json(&bytes);
    let receipt = receipt.map_err(|problem| Failure::in_file(&args.file, &problem))?;
    let proven = receipt.verify(&commitment).map_err(ReceiptFailure::Refused)?;
    let told = told::json(&receipt, &proven, &args.commitment);
    ui.answer(&told, || told::words(&receipt, &proven, &args.commitment))
}
