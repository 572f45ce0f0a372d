//! The control panel: what a form runs, and which forms are taken.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use explorer::limits::{ACTIONS_AT_ONCE, PAGES_AT_ONCE};
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
        let has_one = arguments[0] == "dev" && arguments[1] != "warp";
        has_one.then(|| Call { path: "/dev/mine".to_owned(), body })
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
pub fn panel(filled: &Filled, refuses: bool) -> (axum::Router, Arc<FakeCommands>) {
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
        "the signed message goes to <code>/local/batcher/injection</code>",
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

#[test]
fn a_form_has_so_many_levels_baked_and_no_more() {
    let filled = Filled::new();
    let (router, told) = panel(&filled, false);
    for body in ["to=%2B1000000000", "to=%2B10001", "to=%2B99999999999999999999"] {
        let answer = sent(&router, "warp", &format!("token=c0ffee&{body}"));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.body.contains("at most 10,000 levels"), "{}", answer.body);
    }
    let answer = sent(&router, "mine", "token=c0ffee&levels=1000000000");
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    // How far a level is is not known without the node.
    let answer = sent(&router, "warp", "token=c0ffee&to=1000000000");
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("say how many levels further"), "{}", answer.body);
    assert_eq!(*told.ran.lock().unwrap(), [] as [String; 0]);
    let answer = sent(&router, "warp", "token=c0ffee&to=%2B10000");
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[test]
fn a_call_is_shown_where_the_sandbox_has_one_and_nowhere_else() {
    let filled = Filled::new();
    let (router, _) = panel(&filled, false);
    let page = get(&router, "/control").body;
    let section = |name: &str| {
        let (_, rest) =
            page.split_once(&format!("<section class=\"action\" id=\"{name}\"")).unwrap();
        rest.split("</section>").next().unwrap().to_owned()
    };
    assert!(section("mine").contains("curl http://127.0.0.1:9/dev/mine"));
    // It bakes in as many calls as it takes.
    assert!(!section("warp").contains("curl") && !section("warp").contains("HTTP"));
    for name in ["pay", "withdraw"] {
        assert!(!section(name).contains("curl"), "{}", section(name));
        assert!(section(name).contains("/local/batcher/injection"), "{}", section(name));
    }
    assert!(section("execute").contains("/dev/execute"));
}

#[test]
fn what_is_done_takes_no_place_of_a_page() {
    let filled = Filled::new();
    let (begins, begun) = channel();
    let (ends, ended) = channel();
    let slow = Arc::new(SlowCommands { begins: Mutex::new(begins), ended: Mutex::new(ended) });
    let control: Option<Arc<dyn Commands>> = Some(slow);
    let router = router(ExplorerOptions { control, sandbox: true, ..options(&filled.store) });
    let forms = PAGES_AT_ONCE + 1;
    thread::scope(|scope| {
        for _ in 0..forms {
            scope.spawn(|| sent(&router, "mine", "token=c0ffee&levels=3"));
        }
        for _ in 0..ACTIONS_AT_ONCE {
            begun.recv().unwrap();
        }
        // All others wait, and nothing of that is in the way of who looks.
        assert_eq!(get(&router, "/levels").status, StatusCode::OK);
        assert!(begun.recv_timeout(Duration::from_millis(200)).is_err());
        for _ in 0..forms {
            ends.send(()).unwrap();
        }
    });
    assert_eq!(begun.try_iter().count(), forms - ACTIONS_AT_ONCE);
}

/// Commands that take until they are told to end.
#[derive(Debug)]
struct SlowCommands {
    begins: Mutex<Sender<()>>,
    ended: Mutex<Receiver<()>>,
}

impl Commands for SlowCommands {
    fn run(&self, _: &[String]) -> Ran {
        self.begins.lock().unwrap().send(()).unwrap();
        self.ended.lock().unwrap().recv().unwrap();
        Ran { told: json!({"level": 7}), is_done: true }
    }

    fn call(&self, _: &[String]) -> Option<Call> {
        None
    }

    fn payers(&self) -> Vec<String> {
        Vec::new()
    }

    fn layer1_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn token(&self) -> String {
        "c0ffee".to_owned()
    }
}
