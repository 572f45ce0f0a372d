//! Ctrl-C while something is waited for.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wallet::patience::Patience;

use crate::exit::Exit;

/// Patience for so long, or until somebody presses Ctrl-C. If it is pressed again, the process ends at once.
pub(super) fn patience(time: Duration) -> Patience<'static> {
    static FLAG: OnceLock<&'static AtomicBool> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        static INTERRUPTED: AtomicBool = AtomicBool::new(false);
        // It fails if there is a handler already, and then that one is in charge.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::process::exit(Exit::Interrupted.code().into());
            }
        });
        &INTERRUPTED
    });
    Patience::lasting(time).until(flag)
}
