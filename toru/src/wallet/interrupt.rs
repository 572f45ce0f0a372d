//! Ctrl-C while something is waited for.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wallet::patience::Patience;
use wallet::rpc::Node;

use crate::interrupt::on_ctrl_c;

/// How long what is going on may take to end by itself before it is said how to end it at once.
const ENDING_TIME: Duration = Duration::from_secs(1);

/// Patience with a node for so long, or until somebody presses Ctrl-C. If it is pressed again, the process ends at
/// once. The node has no longer to answer either.
pub(super) fn patience(node: &Node, time: Duration) -> Patience<'static> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        on_ctrl_c(|| {
            std::thread::spawn(|| {
                std::thread::sleep(ENDING_TIME);
                eprintln!("waiting for the node's last answer; Ctrl-C again ends at once");
            });
        })
    });
    let patience = Patience::lasting(time).until(flag);
    node.answers_within(patience);
    patience
}
