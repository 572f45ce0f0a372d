//! A form that was sent: it is done if it comes from the panel itself.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use wallet::rpc::Node;

use super::Panel;
use super::actions::{Action, action};
use super::commands::Call;
use super::done::Outcome;
use super::form::Form;
use super::words::{command_line, curl};
use crate::failure::Failure;
use crate::limits::FORM_BYTES;
use crate::visit::Visit;

/// The node's path for messages.
const INJECTION: &str = "/local/batcher/injection";

/// Reads the form of a request.
///
/// # Errors
/// When it is no form, or too long.
pub(crate) async fn read(request: Request) -> Result<Form, Failure> {
    let is_form = |headers: &HeaderMap| {
        let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    };
    if !is_form(request.headers()) {
        return Err(Failure::malformed("Only a form of the control panel is taken here."));
    }
    let body = to_bytes(request.into_body(), FORM_BYTES).await;
    let body = body.map_err(|_| Failure::malformed("The form is too long, or was cut off."))?;
    Ok(Form::read(&body))
}

/// Whether a request names the page that it comes from, as browsers do with every form. Whose that is has been
/// checked before.
pub(crate) fn names_its_page(headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_some_and(|origin| origin != "null")
}

/// Does what a form says, and sends the browser back to the panel.
///
/// # Errors
/// When the form is not of the panel, or says nothing that can be done.
pub(crate) fn done(visit: &Visit<'_>, form: &Form) -> Result<Response<Body>, Failure> {
    let panel = visit.site.panel.as_ref().ok_or_else(Failure::no_page)?;
    let action = action(visit.named(0)).ok_or_else(Failure::no_page)?;
    if !panel.knows(form.value("token")) {
        let message = "The form is not of this process: it may have been started again since.";
        return Err(Failure::forbidden(message));
    }
    let arguments = (action.arguments)(form, visit.look.seen().map(|head| head.level()))?;
    let node = visit.site.heads.node();
    let outcome = outcome(panel, node, action, &arguments);
    let number = panel.done().push(outcome);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(&format!("/control?done={number}#done"));
    response.headers_mut().extend(place.ok().map(|place| (LOCATION, place)));
    Ok(response)
}

fn outcome(panel: &Panel, node: &Node, action: &Action, arguments: &[String]) -> Outcome {
    let ran = panel.commands.run(arguments);
    let calls = match panel.commands.call(arguments) {
        Some(call) => vec![call],
        None => injections(node, &ran.told["messages"]),
    };
    let calls = calls.iter().map(|call| curl(node.endpoint(), call)).collect();
    Outcome::of(action.title, &ran, command_line(node.endpoint(), arguments), calls)
}

/// The calls that have given messages to the node, as long as they wait for a level.
fn injections(node: &Node, ids: &Value) -> Vec<Call> {
    let Some(ids) = ids.as_array().filter(|ids| !ids.is_empty()) else { return Vec::new() };
    let queue: Value = node.get("/local/batcher/queue").unwrap_or_default();
    let waiting = queue.as_array().into_iter().flatten();
    let sent = waiting.filter(|one| ids.contains(&one["id"])).map(|one| &one["message"]["content"]);
    sent.map(|content| Call { path: INJECTION.to_owned(), body: json!([content]) }).collect()
}
