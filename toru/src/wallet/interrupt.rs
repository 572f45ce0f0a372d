//! Ctrl-C while something is waited for.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wallet::patience::Patience;
use wallet::rpc::Node;

use crate::exit::Exit;

/// How long what is going on may take to end by itself before it is said how to end it at once.
const ENDING_TIME: Duration = Duration::from_secs(1);

/// Patience with a node for so long, or until somebody presses Ctrl-C. If it is pressed again, the process ends at
/// once. The node has no longer to answer either.
pub(super) fn patience(node: &Node, time: Duration) -> Patience<'static> {
    static FLAG: OnceLock<&'static AtomicBool> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        static INTERRUPTED: AtomicBool = AtomicBool::new(false);
        // It fails if there is a handler already, and then that one is in charge.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::process::exit(Exit::Interrupted.code().into());
            }
            std::thread::spawn(|| {
                std::thread::sleep(ENDING_TIME);
                eprintln!("waiting for the node's last answer; Ctrl-C again ends at once");
            });
        });
        &INTERRUPTED
    });
    let patience = Patience::lasting(time).until(flag);
    node.answers_within(patience);
    patience
}
