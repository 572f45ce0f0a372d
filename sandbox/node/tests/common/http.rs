//! A request as tests make it: any method on any path, and whatever is answered.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

/// What a node says, be it yes or no.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// For anything that is answered at all.
const PATIENCE: Duration = Duration::from_secs(600);

/// Asks who is at `HOST:PORT`, with a body of JSON if there is to be one.
pub fn call(
    endpoint: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer, ureq::Error> {
    let host = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(PATIENCE))
        .build()
        .new_agent();
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{host}{path}"))
        .header("content-type", "application/json")
        .header("connection", "close")
        .body(body.map(Value::to_string).unwrap_or_default())?;
    let answer = agent.run(request)?;
    let status = answer.status().as_u16();
    // The balances of a rollup with many accounts are long.
    let text = answer.into_body().into_with_config().limit(1 << 30).read_to_string()?;
    let body = serde_json::from_str(if text.is_empty() { "null" } else { &text });
    Ok(Answer { status, body: body.expect("JSON") })
}
