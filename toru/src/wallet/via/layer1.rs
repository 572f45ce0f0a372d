//! The way that bypasses everybody: the command that puts a message into an inbox.

use serde_json::{Value, json};

use super::super::session::Session;
use crate::error::Failure;
use crate::ui::Output;

/// The command for a message with its tag. It is given to `octez-client` without the tag.
pub(in crate::wallet) fn command(message: &[u8]) -> String {
    let payload = hex::encode(message.get(1..).unwrap_or_default());
    format!("octez-client send smart rollup message 'hex:[\"{payload}\"]' from SOURCE")
}

impl Session<'_> {
    /// Prints what puts messages into an inbox, and sends nothing.
    pub fn print_layer1(
        &self,
        mut report: Value,
        messages: &[Vec<u8>],
        asks: &str,
    ) -> Result<Output, Failure> {
        let commands: Vec<String> = messages.iter().map(|message| command(message)).collect();
        report["sent"] = json!(false);
        report["commands"] = json!(commands);
        self.ui.answer(&report, || {
            format!(
                "nothing was sent: this puts it into an inbox; SOURCE is an account of layer 1\n{}\n{asks}",
                commands.join("\n")
            )
        })
    }
}
