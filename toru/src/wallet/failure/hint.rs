//! What to do about what went wrong in the wallet.

use super::*;

impl WalletFailure {
    /// What to do, where there is something to do.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Rpc(RpcError::Connection { .. })
            | Self::State(StateError::Rpc(RpcError::Connection { .. })) => {
                "toru dev starts a sandbox here; --endpoint names another node".to_owned()
            }
            Self::Rpc(RpcError::Shape { .. }) => "--endpoint names a rollup node".to_owned(),
            Self::OtherRollup { .. } => "--endpoint names another node".to_owned(),
            Self::RollupChanged { found, .. } => {
                format!("if that is meant, --rollup {found} says so, once")
            }
            Self::KnownRollups { .. } => "remove it, and nodes are new again".to_owned(),
            Self::NoAccount(_) => {
                "toru key list says which names there are; toru key new NAME makes one".to_owned()
            }
            Self::LayerOne(_) => "toru withdraw pays addresses of layer 1".to_owned(),
            Self::NotLayerOne(_) => {
                "toru send pays accounts of the rollup; on layer 1, an address is written out: tz1…"
                    .to_owned()
            }
            Self::NotBare(_) => {
                "--to tz1… pays somebody, through the ticketer; --bare hands over the \
                                 ticket alone, to a contract that holds tickets"
                    .to_owned()
            }
            Self::PaysTicketer(_) => "name who is paid: --to tz1…".to_owned(),
            Self::ExitUnknown(_) => {
                "--layer1 URL, or TORU_LAYER1, names a node of layer 1 to ask; --exit \
                                     NAME says which entrypoint pays out"
                    .to_owned()
            }
            Self::NoExit { .. } => {
                "--exit NAME says which entrypoint pays out; --bare hands over the \
                                    ticket alone"
                    .to_owned()
            }
            Self::NoSuchContract { .. } => "is that the chain of the rollup?".to_owned(),
            Self::NotTaken { .. } => {
                "it stays as it is, and can be executed when the contract takes it".to_owned()
            }
            Self::SecretAsAccount => {
                "whoever has seen it has the key: toru key import NAME --octez \
                                      keeps one, and asks for it without showing it"
                    .to_owned()
            }
            Self::NoContract(_) => {
                "name the contract that takes the ticket, such as its ticketer".to_owned()
            }
            Self::NoKey(_) => "toru key import keeps a key; --keys names another folder".to_owned(),
            Self::Ticket(TicketError::Unknown(_)) => {
                "toru tickets lists them; '#N' and KT1…/NAME mean one for sure".to_owned()
            }
            Self::Ticket(TicketError::NotAmongFirst { .. }) => {
                "'#N' is looked up directly, and so is KT1…/NAME where the content is that text"
                    .to_owned()
            }
            Self::Ticket(TicketError::Several { .. }) => {
                "toru tickets says who mints each; write '#N' or KT1…/NAME".to_owned()
            }
            Self::StillWaiting(_) => {
                "wait for it: --wait with the earlier one, or toru tx show HASH".to_owned()
            }
            Self::NoResult { .. } => "a level that is full puts batches off, or refuses them as \
                                      busy: send it again, which is safe"
                .to_owned(),
            Self::NotYet { hash, .. } => format!("it may still come: toru tx show {hash}"),
            Self::InQueue(hash) => format!("toru tx show {hash} --wait waits for it"),
            Self::Nowhere { .. } => {
                "it was never sent, or not to this node, or it is gone: results \
                                     are kept for one to two days' worth of levels"
                    .to_owned()
            }
            Self::UnknownHash(_) => "it may still wait for a level; results are kept for one to \
                                     two days' worth of levels"
                .to_owned(),
            Self::Unregistered(names) => {
                let names = names.iter().map(|name| name.split(' ').next().unwrap_or_default());
                let orders = names.map(|name| format!("toru register {name}"));
                let orders = orders.collect::<Vec<_>>().join("; ");
                format!("whoever has the key registers it first: {orders}")
            }
            Self::RefusedWhole { reason, .. } => match reason.code {
                ResultCode::Busy => {
                    "others paid more for their work: send it again with --pad, which is safe, and \
                     it goes before them"
                        .to_owned()
                }
                ResultCode::UnknownSigner | ResultCode::KeyNotRegistered => {
                    "a key signs once it is registered: toru register NAME".to_owned()
                }
                ResultCode::AllStale => {
                    "other transactions of its signers took its place: make it anew, if \
                                    it is still meant"
                        .to_owned()
                }
                _ => "nothing of it was applied, and nothing of it will be".to_owned(),
            },
            Self::Gone { .. } => {
                "after toru dev revert, or a restart of a node that keeps nothing, \
                                  it is gone: sent again, it is applied once at most"
                    .to_owned()
            }
            Self::Interrupted => {
                "toru tx show HASH says what became of it, and so does toru send … \
                                  --resume, which pays nobody twice"
                    .to_owned()
            }
            Self::NotSigned(_) => "toru tx sign FILE --key NAME, toru swap accept, or toru batch \
                                   sign adds a signature"
                .to_owned(),
            Self::LongBatch(_) => "make two batches of it".to_owned(),
            Self::WithdrawalLog(_) => {
                "--withdrawals names another folder; toru withdrawals --all needs none".to_owned()
            }
            Self::NotOnRecord(_) => {
                "toru withdrawals --all lists what is in outboxes, and toru execute \
                                     --level L --index I executes it"
                    .to_owned()
            }
            Self::NoOutboxMessage(_) => {
                "toru withdrawals --all lists what is in outboxes".to_owned()
            }
            Self::NotExecutable { .. } => "toru withdrawals --watch waits for it".to_owned(),
            Self::Unsettled(_) => {
                "toru withdrawals says how far they are; toru execute --all executes \
                                   those that are executable"
                    .to_owned()
            }
            Self::Unconfirmed => "--yes says so beforehand".to_owned(),
            Self::SentBefore { is_paid: true, .. } => {
                "nothing of it is left to pay; --again pays all of it a second time".to_owned()
            }
            Self::SentBefore { resume, .. } => {
                format!(
                    "{resume} goes on with it, and pays nobody twice; --again pays a second time"
                )
            }
            Self::GoneOn(_) => "--resume says how far it is".to_owned(),
            Self::NotPaid { resume, .. } => {
                format!("{resume} pays those that were not paid, and nobody twice")
            }
            Self::NotPaidYet { resume, .. } => {
                format!("{resume} goes on with the same signatures, and pays nobody twice")
            }
            Self::Away { hint, .. } => hint.clone(),
            Self::NothingToResume(_) => {
                "--payments names the folder of the records, if it was sent with another; what never was \
                 sent is sent without --resume"
                    .to_owned()
            }
            Self::Forgotten { .. } => {
                "look at what they hold, and pay those that were not paid from a file of their own"
                    .to_owned()
            }
            Self::NeverApplied { .. } => "nothing of it happened: make it anew".to_owned(),
            // Whoever looks elsewhere finds nothing, and pays once more.
            Self::Payments(PaymentsError::Malformed { .. }) => {
                "what it says was sent is not known without it: put a copy of it in its place, or look \
                 at what its receivers hold before it is moved away"
                    .to_owned()
            }
            Self::Payments(_) => "--payments names another folder".to_owned(),
            _ => return None,
        })
    }
}
