//! Notices to a webhook: a POST of JSON for each, in order, tried again until it is taken. Nothing waits for it
//! but the notices, and of those only so many.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use thiserror::Error;
use ureq::Agent;

use crate::limits::{MAX_NOTICES, WEBHOOK_FIRST_PAUSE, WEBHOOK_MAX_PAUSE, WEBHOOK_TIME};

/// Not an address that notices can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected http://HOST:PORT/… or https://…")]
pub struct BadWebhook;

/// A webhook, and the notices that wait for it.
#[derive(Debug)]
pub struct Webhook(Arc<Shared>);

/// How it goes with a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Notices that were taken.
    pub delivered: u64,
    /// Notices that were dropped, as there were too many.
    pub dropped: u64,
    /// Notices that wait.
    pub waiting: usize,
    /// Why the last one was not taken, if it was not.
    pub why: Option<String>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    notices: VecDeque<String>,
    delivery: Delivery,
    is_over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Webhook {
    /// A webhook at an address. The address may have a secret in it, and is told to nobody.
    ///
    /// # Errors
    /// When it is no address.
    pub fn start(url: &str) -> Result<Self, BadWebhook> {
        let parsed: ureq::http::Uri = url.parse().map_err(|_| BadWebhook)?;
        let good = matches!(parsed.scheme_str(), Some("http" | "https"))
            && parsed.host().is_some_and(|host| !host.is_empty());
        if !good {
            return Err(BadWebhook);
        }
        let shared = Arc::new(Shared::default());
        let (ours, url) = (Arc::clone(&shared), url.to_owned());
        thread::spawn(move || deliver(&ours, &url));
        Ok(Self(shared))
    }

    /// Adds a notice. If too many wait, the oldest is dropped: the next ones say more.
    pub fn send(&self, notice: &Value) {
        let mut queue = self.0.lock();
        if queue.notices.len() >= MAX_NOTICES {
            queue.notices.pop_front();
            queue.delivery.dropped = queue.delivery.dropped.saturating_add(1);
        }
        queue.notices.push_back(notice.to_string());
        self.0.changed.notify_all();
    }

    /// How it goes.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        let queue = self.0.lock();
        Delivery { waiting: queue.notices.len(), ..queue.delivery.clone() }
    }

    /// Waits until all are taken, but not for long. Returns how many are not.
    #[must_use]
    pub fn finish(self, time: Duration) -> usize {
        let until = Instant::now() + time;
        let mut queue = self.0.lock();
        while !queue.notices.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.0.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.is_over = true;
        self.0.changed.notify_all();
        queue.notices.len()
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_all();
    }
}

/// Delivers what waits, one after the other.
fn deliver(shared: &Shared, url: &str) {
    let config = Agent::config_builder()
        .timeout_global(Some(WEBHOOK_TIME))
        .http_status_as_error(false)
        .max_redirects(0)
        .build();
    let agent = config.new_agent();
    let mut pause = WEBHOOK_FIRST_PAUSE;
    loop {
        let mut queue = shared.lock();
        let notice = loop {
            if queue.is_over {
                return;
            }
            match queue.notices.front() {
                Some(notice) => break notice.clone(),
                None => queue = shared.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(queue);
        let taken = post(&agent, url, &notice);
        let mut queue = shared.lock();
        match taken {
            Ok(()) => {
                // It may have been dropped meanwhile.
                if queue.notices.front() == Some(&notice) {
                    queue.notices.pop_front();
                }
                queue.delivery.delivered = queue.delivery.delivered.saturating_add(1);
                queue.delivery.why = None;
                pause = WEBHOOK_FIRST_PAUSE;
                shared.changed.notify_all();
            }
            Err(why) => {
                queue.delivery.why = Some(why);
                let until = Instant::now() + pause;
                while !queue.is_over {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    let waited = shared.changed.wait_timeout(queue, left);
                    queue = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                pause = pause.saturating_mul(2).min(WEBHOOK_MAX_PAUSE);
            }
        }
    }
}

fn post(agent: &Agent, url: &str, notice: &str) -> Result<(), String> {
    let request = agent.post(url).content_type("application/json");
    match request.send(notice.as_bytes()) {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("the webhook answers with {}", answer.status().as_u16())),
        // The library's words may have the address in them, and that may have a secret in it.
        Err(ureq::Error::Timeout(_)) => Err("the webhook does not answer in time".to_owned()),
        Err(ureq::Error::HostNotFound) => Err("the webhook's host is not found".to_owned()),
        Err(_) => Err("the webhook does not answer".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    /// Serves so many requests with these statuses, and returns the bodies.
    fn serve(listener: TcpListener, statuses: Vec<u16>) -> thread::JoinHandle<Vec<String>> {
        thread::spawn(move || {
            let mut bodies = Vec::new();
            for status in statuses {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut line, mut length) = (String::new(), 0);
                while reader.read_line(&mut line).unwrap() > 2 {
                    let lower = line.to_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                bodies.push(String::from_utf8(body).unwrap());
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).unwrap();
            }
            bodies
        })
    }

    #[test]
    fn notices_come_in_order_and_again_until_they_are_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = serve(listener, vec![500, 200, 200]);
        let webhook = Webhook::start(&url).unwrap();
        webhook.send(&json!({"number": 1}));
        webhook.send(&json!({"number": 2}));
        assert_eq!(webhook.finish(Duration::from_secs(20)), 0);
        let first = "{\"number\":1}";
        assert_eq!(server.join().unwrap(), [first, first, "{\"number\":2}"]);
    }

    #[test]
    fn of_a_webhook_that_is_away_the_newest_notices_are_kept() {
        // Nobody listens there any more.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let webhook = Webhook::start(&format!("http://{address}/secret")).unwrap();
        for number in 0..MAX_NOTICES + 3 {
            webhook.send(&json!({"number": number}));
        }
        let until = Instant::now() + Duration::from_secs(10);
        while webhook.delivery().why.is_none() && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        let delivery = webhook.delivery();
        assert_eq!((delivery.dropped, delivery.waiting, delivery.delivered), (3, MAX_NOTICES, 0));
        assert_eq!(delivery.why.as_deref(), Some("the webhook does not answer"));
        assert_eq!(webhook.0.lock().notices.front().unwrap(), "{\"number\":3}");
        assert_eq!(webhook.finish(Duration::from_millis(10)), MAX_NOTICES);
    }

    #[test]
    fn what_is_no_webhook() {
        for url in ["", "x", "ftp://x/", "http://", "/path", "http:/x"] {
            assert!(Webhook::start(url).is_err(), "{url}");
        }
    }
}
