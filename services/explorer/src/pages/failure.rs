//! The page that says why there is no other.

use askama::Template;

use crate::failure::Failure;
use crate::frame::Frame;
use crate::text::Text;

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    frame: Frame,
    status: String,
    message: Text,
    hint: &'static str,
}

/// Makes it.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn failure_page(frame: Frame, failure: &Failure) -> Result<String, askama::Error> {
    let status = failure.status.to_string();
    let message = Text::of(&failure.message);
    FailurePage { frame, status, message, hint: failure.hint }.render()
}
