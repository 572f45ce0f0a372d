//! The control panel: what a form runs, and which forms are taken.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use explorer::{Call, Commands, ExplorerOptions, Ran, router};
use serde_json::json;

use crate::filling::Filled;
use crate::visitor::{Answer, get, options, post};

/// Commands that do nothing, and remember what they were told.
#[derive(Debug, Default)]
pub struct FakeCommands {
    ran: Mutex<Vec<String>>,
    refuses: bool,
}

impl Commands for FakeCommands {
    fn run(&self, arguments: &[String]) -> Ran {
        self.ran.lock().unwrap().push(arguments.join(" "));
        match self.refuses {
            true => {
                let error = json!({"message": "no <b>level</b>\u{202e}", "hint": "later"});
                Ran { told: json!({"error": error}), is_done: false }
            }
            false => Ran { told: json!({"level": 7, "messages": []}), is_done: true },
        }
    }

    fn call(&self, arguments: &[String]) -> Option<Call> {
        let body = json!({"levels": arguments.last()});
        (arguments[0] == "dev").then(|| Call { path: "/dev/mine".to_owned(), body })
    }

    fn payers(&self) -> Vec<String> {
        vec!["dev0".to_owned(), "dev1".to_owned()]
    }

    fn layer1_names(&self) -> Vec<String> {
        vec!["bootstrap1".to_owned()]
    }

    fn token(&self) -> String {
        "c0ffee".to_owned()
    }
}

/// A panel, and what it was told.
fn panel(filled: &Filled, refuses: bool) -> (axum::Router, Arc<FakeCommands>) {
    let told = Arc::new(FakeCommands { refuses, ..FakeCommands::default() });
    let control: Option<Arc<dyn Commands>> = Some(told.clone());
    let options = ExplorerOptions { control, sandbox: true, ..options(&filled.store) };
    (router(options), told)
}

const OWN: (&str, &str) = ("origin", "http://localhost");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn sent(router: &axum::Router, action: &str, body: &str) -> Answer {
    post(router, &format!("/control/{action}"), &[OWN, FORM], body)
}

#[test]
fn a_form_runs_the_command_that_it_shows() {
    let filled = Filled::new();
    let (router, told) = panel(&filled, false);
    let page = get(&router, "/control").body;
    for shown in [
        "toru dev mine --endpoint=127.0.0.1:9 1",
        "curl http://127.0.0.1:9/dev/mine --json",
        "toru send --endpoint=127.0.0.1:9 --via=node --yes --again 5 demo dev0 dev1",
        "toru withdraw --endpoint=127.0.0.1:9 --from=dev0 --to=bootstrap1",
        "curl http://127.0.0.1:9/local/batcher/injection --json",
        "<option value=\"bootstrap1\">",
        "name=\"token\" value=\"c0ffee\"",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let answer = sent(&router, "mine", "token=c0ffee&levels=3");
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.headers[LOCATION], "/control?done=1#done");
    assert_eq!(*told.ran.lock().unwrap(), ["dev mine 3"]);
    let page = get(&router, "/control?done=1").body;
    assert!(
        page.contains("The head is level 7.")
            && page.contains("toru dev mine --endpoint=127.0.0.1:9 3"),
        "{page}"
    );
    assert!(page.contains("role=\"status\""), "{page}");
}

#[test]
fn what_fails_says_why_and_nothing_of_it_acts() {
    let filled = Filled::new();
    let (router, _) = panel(&filled, true);
    let body = "token=c0ffee&to=%3Cscript%3E";
    assert_eq!(sent(&router, "revert", body).status, StatusCode::SEE_OTHER);
    let page = get(&router, "/control").body;
    assert!(page.contains("not done") && page.contains("no &#60;b&#62;level"), "{page}");
    assert!(page.contains("\\u{202e}") && page.contains("later"), "{page}");
    assert!(!page.contains("<script>") && !page.contains('\u{202e}'), "{page}");
}

#[test]
fn forms_of_elsewhere_and_of_other_processes_do_nothing() {
    let filled = Filled::new();
    let (router, told) = panel(&filled, false);
    let body = "token=c0ffee&levels=3";
    for (headers, body, expected) in [
        (vec![OWN, FORM], "levels=3", StatusCode::FORBIDDEN),
        (vec![OWN, FORM], "token=&levels=3", StatusCode::FORBIDDEN),
        (vec![OWN, FORM], "token=c0ffef&levels=3", StatusCode::FORBIDDEN),
        (vec![OWN, FORM], "token=c0ffee00&levels=3", StatusCode::FORBIDDEN),
        (vec![FORM], body, StatusCode::FORBIDDEN),
        (vec![("origin", "null"), FORM], body, StatusCode::FORBIDDEN),
        (vec![("origin", "http://evil.example"), FORM], body, StatusCode::FORBIDDEN),
        (vec![OWN, FORM, ("sec-fetch-site", "cross-site")], body, StatusCode::FORBIDDEN),
        (vec![OWN], body, StatusCode::BAD_REQUEST),
        (vec![OWN, ("content-type", "text/plain")], body, StatusCode::BAD_REQUEST),
        (vec![OWN, FORM], "token=c0ffee&levels=x", StatusCode::BAD_REQUEST),
        (vec![OWN, FORM], "token=c0ffee", StatusCode::BAD_REQUEST),
    ] {
        let answer = post(&router, "/control/mine", &headers, body);
        assert_eq!(answer.status, expected, "{headers:?} {body}: {}", answer.body);
    }
    let long = format!("token=c0ffee&levels={}", "1".repeat(10_000));
    assert_eq!(sent(&router, "mine", &long).status, StatusCode::BAD_REQUEST);
    assert_eq!(sent(&router, "stop", "token=c0ffee").status, StatusCode::NOT_FOUND);
    assert_eq!(get(&router, "/control/mine").status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(*told.ran.lock().unwrap(), [] as [String; 0]);
}

#[test]
fn without_a_sandbox_there_is_no_panel() {
    let filled = Filled::new();
    let router = router(options(&filled.store));
    assert_eq!(get(&router, "/control").status, StatusCode::NOT_FOUND);
    let answer = sent(&router, "mine", "token=&levels=1");
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
}
