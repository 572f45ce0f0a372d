//! No question that the index asks of itself looks through a table: each follows an index of the schema.

use std::fs;
use std::path::Path;

use history::Store;
use rusqlite::Connection;

/// Where a question looks through all of something that is short: an index of what is open or waits.
const SHORT: [&str; 2] = ["withdrawals_queued", "withdrawals_by_calls"];

/// The texts of SQL in a source, as they are at run time. `{table}` and `{column}` stand for names.
fn texts(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for piece in source.split('"').skip(1) {
        let is_sql =
            ["SELECT ", "UPDATE ", "DELETE ", "INSERT "].iter().any(|word| piece.starts_with(word));
        if !is_sql {
            continue;
        }
        let lines = piece.split("\\\n").map(str::trim_start);
        let text: String = lines.collect();
        match (text.contains("{table}"), text.contains("{column}")) {
            (true, _) => {
                texts.extend(["accounts", "tickets"].map(|name| text.replace("{table}", name)))
            }
            (_, true) => {
                texts.extend(["message", "operation"].map(|name| text.replace("{column}", name)))
            }
            _ => texts.push(text),
        }
    }
    texts
}

/// What a question looks through.
fn scans(index: &Connection, sql: &str) -> Vec<String> {
    let mut plan = index.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = plan.raw_query();
    let mut scans = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let step: String = row.get(3).unwrap();
        let is_short = SHORT.iter().any(|index| step.ends_with(&format!("INDEX {index}")));
        if step.starts_with("SCAN ")
            && step != "SCAN CONSTANT ROW"
            && !step.starts_with("SCAN (")
            && !is_short
        {
            scans.push(step);
        }
    }
    scans
}

#[test]
fn what_follows_a_node_looks_through_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("index.sqlite");
    drop(Store::open(&file, "sr1").unwrap());
    let index = Connection::open(&file).unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/follow");
    let mut count = 0;
    for source in fs::read_dir(sources).unwrap() {
        let path = source.unwrap().path();
        for sql in texts(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            let scans = scans(&index, &sql);
            // The last level is found at once.
            let is_end = sql.contains("FROM levels") && sql.contains("LIMIT 1");
            assert!(scans.is_empty() || is_end, "{}: {sql}: {scans:?}", path.display());
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn what_goes_with_other_rows_is_found_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("index.sqlite");
    drop(Store::open(&file, "sr1").unwrap());
    let index = Connection::open(&file).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut ask = index.prepare(sql).unwrap();
        let rows = ask.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut count = 0;
    for table in names("SELECT name FROM sqlite_master WHERE type = 'table'") {
        let from = format!("SELECT \"from\" FROM pragma_foreign_key_list('{table}')");
        for column in names(&from) {
            count += 1;
            let plan = scans(&index, &format!("DELETE FROM {table} WHERE {column} = ?1"));
            assert!(plan.is_empty(), "{table}.{column}: {plan:?}");
        }
    }
    assert!(count > 10, "{count}");
}
