//! Ctrl-C, for all that runs until somebody presses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;

/// Set when somebody presses Ctrl-C, or the system ends the process. The second time, the process ends at once.
pub(crate) fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    on_ctrl_c(|| {})
}

/// The same, and something that is done the first time. Where there is a handler already, that one is in charge, and
/// what is returned is never set by this one.
pub(crate) fn on_ctrl_c(first: impl Fn() + Send + 'static) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let ours = Arc::clone(&stop);
    let _ = ctrlc::set_handler(move || {
        if ours.swap(true, Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted.code().into());
        }
        first();
    });
    stop
}
