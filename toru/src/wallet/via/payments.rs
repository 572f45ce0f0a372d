//! Sends payments that are on record by the way that is meant.

use serde_json::{Value, json};
use wallet::patience::Patience;
use wallet::payments::{PaymentStore, StoredPayments};
use wallet::transaction::Signable;

use super::super::paying::Payout;
use super::super::session::Session;
use super::transactions::Posting;
use super::{Way, layer1};
use crate::error::Failure;

impl Session<'_> {
    /// Sends some transactions of a record, whose messages are these: to the node, to a batcher, or to nobody. What
    /// is known of it goes into the report.
    #[expect(clippy::too_many_arguments, reason = "a record, what of it is sent, and how")]
    pub fn send_payments(
        &self,
        store: &PaymentStore,
        stored: &mut StoredPayments,
        which: &[usize],
        messages: Vec<Vec<u8>>,
        patience: Option<&Patience<'_>>,
        how: Payout<'_>,
        report: &mut Value,
    ) -> Result<(), Failure> {
        let messages = how.args.filled(messages);
        match how.way {
            Way::Node => {
                report["messages"] = json!(self.deliver(&messages, patience)?);
                Ok(())
            }
            Way::Layer1 => {
                let commands: Vec<String> =
                    messages.iter().map(|message| layer1::command(message)).collect();
                report["sent"] = json!(false);
                report["commands"] = json!(commands);
                let lines = commands.join("\n");
                self.ui.say_words(&format!(
                    "nothing was sent: this puts it into an inbox; SOURCE is an account of layer 1\n{lines}\n"
                ))
            }
            Way::Batcher(through) => {
                let sent = which.iter().filter_map(|at| stored.payments.transactions.get(*at));
                let sent: Vec<Signable> = sent.map(|one| one.signable.clone()).collect();
                let cosigner = through.cosigner(how.key, &stored.payments.payer, &sent);
                if cosigner.is_some() {
                    let url = through.batcher.url();
                    self.wallet.record_batcher(store, stored, which, url)?;
                }
                let cosigner = cosigner.map(|one| (one, store));
                let hint = format!("{} sends the same, signed once, by the node", how.by_node);
                let posting = Posting { records: how.records, args: how.args, cosigner, hint };
                self.post(through, &sent, posting, report)
            }
        }
    }
}
