//! The history of an account as a file for a spreadsheet: whole, or plainly not.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use tower::ServiceExt;

use crate::filling::{Filled, account};
use crate::visitor::{explorer, get};

/// Deposits for an account from row 1,000,001 on, in level 5.
fn deposits(filled: &Filled, to: u16, rows: u32) {
    filled
        .file
        .execute_batch(&format!(
            "INSERT INTO moves SELECT v, 5, 1, NULL, 'deposit', NULL, {to}, 'KT1', NULL, NULL, 1, v, 1, 5
             FROM (WITH RECURSIVE n(v) AS (SELECT 1000001 UNION ALL SELECT v + 1 FROM n
             WHERE v < 1000000 + {rows}) SELECT v FROM n)"
        ))
        .unwrap();
}

#[test]
fn it_has_all_rows_however_many() {
    const ROWS: u32 = 100_500;
    let filled = Filled::new();
    deposits(&filled, 60, ROWS);
    let csv = get(&explorer(&filled.store), &format!("/account/{}/history.csv", account(60)));
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let name = format!("attachment; filename=\"{}.csv\"", account(60));
    assert_eq!(csv.headers["content-disposition"], name.as_str());
    let mut lines = csv.body.split_terminator("\r\n");
    assert!(lines.next().unwrap().starts_with("level,time,message,"));
    let amounts = lines.map(|line| line.split(',').nth(7).unwrap().parse::<u32>().unwrap());
    assert!(amounts.eq((1_000_001..=1_000_000 + ROWS).rev()));
}

#[test]
fn its_texts_are_whole_and_none_is_a_formula() {
    let filled = Filled::new();
    let long = "x".repeat(5_000);
    for (operation, memo) in [
        (30_000, long.as_str()),
        (30_001, "|calc"),
        (30_002, " \u{ff1d}1+1"),
        (31_000, "%0A"),
        (31_001, "two\r\nlines, \"quoted\""),
        (31_002, "a\u{202e}b"),
    ] {
        let set = "UPDATE operations SET memo = ?1 WHERE id = ?2";
        filled.file.execute(set, (memo, operation)).unwrap();
    }
    let router = explorer(&filled.store);
    let all = (1..=9)
        .map(|number| get(&router, &format!("/account/{}/history.csv", account(number))).body);
    let all = all.collect::<String>();
    for cell in [
        format!(",{long},"),
        ",\"'|calc\",".to_owned(),
        ",\"'\u{ff1d}1+1\",".to_owned(),
        ",\"'%0A\",".to_owned(),
        ",\"two lines, \"\"quoted\"\"\",".to_owned(),
        ",a\\u{202e}b,".to_owned(),
    ] {
        let shown = cell.chars().take(40).collect::<String>();
        assert!(all.contains(&cell), "{shown}");
    }
}

#[test]
fn it_breaks_off_if_what_it_has_is_taken_back_meanwhile() {
    let filled = Filled::new();
    deposits(&filled, 60, 3_000);
    let router = explorer(&filled.store);
    let path = format!("/account/{}/history.csv", account(60));
    let request = Request::builder().uri(path).header("host", "localhost");
    let request = request.body(Body::empty()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let response = router.oneshot(request).await.unwrap();
        assert!(response.status().is_success());
        filled.file.execute("UPDATE levels SET block = 'BLother' WHERE level = 1", []).unwrap();
        let read = to_bytes(response.into_body(), usize::MAX).await;
        assert!(read.unwrap_err().to_string().contains("cut off"));
    });
}
