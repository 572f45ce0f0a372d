//! Reveals of DAL parameters and pages: which pages can be had, and when.

use super::calls::{config, expect_answers, originate, since};
use pvm::Version::{self, V3, V6};
use pvm::{Config, DalDir, DalPage, DalPages, DalParameters, DefaultNode, Pvm, PvmError};
use std::collections::HashMap;

/// A small DAL: 2 slots of 3 pages of 8 bytes, attested after 2 levels.
const SMALL: DalParameters =
    DalParameters { slots: 2, attestation_lag: 2, slot_bytes: 24, page_bytes: 8 };

/// The level that all pages here are published in; the rollup is originated at the one before.
const PUBLISHED: i32 = 100;

fn page(published_level: i32, slot: u8, page: i16) -> DalPage {
    DalPage { published_level, slot, page }
}

/// A source where slot 1 of [`PUBLISHED`] was attested, and of level 99, where it cannot count.
fn source() -> DalPages {
    let levels = [PUBLISHED - 1, PUBLISHED];
    let pages = levels.into_iter().flat_map(|level| (0..3).map(move |index| page(level, 1, index)));
    let pages = pages.map(|page| (page, format!("page-{}-!", page.page).into_bytes()));
    DalPages { parameters: SMALL, pages: pages.collect() }
}

fn request(page: DalPage) -> Vec<u8> {
    let level = page.published_level.to_be_bytes();
    [&[2][..], &level, &[page.slot], &page.page.to_be_bytes()].concat()
}

/// A PVM whose next level asks for this and expects these answers, in a level of this number.
fn asking(request: &[u8], rows: &[(&str, i64)], config: Config) -> Pvm {
    let mut pvm = originate(rows, config);
    pvm.durable_mut().set("/request", request).unwrap();
    pvm
}

/// What a request reveals in a level: how many bytes, or why the level cannot be played.
fn revealed(
    version: Version,
    level: i32,
    request: &[u8],
    dal: Option<DalPages>,
) -> Result<(i64, DefaultNode), PvmError> {
    let load = format!("store_read '/request' 0 BUFFER {}", request.len());
    let call = format!("reveal BUFFER {} 32000 4096", request.len());
    let rows = [(load.as_str(), 0), (call.as_str(), 0)];
    let mut config = config(version);
    config.origination_level = PUBLISHED - 1;
    config.first_level = level;
    config.dal = dal.map(|dal| Box::new(dal) as Box<_>);
    let mut pvm = asking(request, &rows, config);
    let report = pvm.run_level(&[])?;
    let answers = pvm.durable().get("/answers").unwrap();
    let answer = i64::from_le_bytes(answers[8..].try_into().unwrap());
    Ok((answer, report.default_node().clone()))
}

fn size(level: i32, asked: DalPage) -> i64 {
    let sizes: Vec<_> = since(V3)
        .map(|version| revealed(version, level, &request(asked), Some(source())).unwrap().0)
        .collect();
    assert!(sizes.windows(2).all(|pair| pair[0] == pair[1]), "the same in all versions");
    sizes[0]
}

#[test]
fn parameters_are_four_big_endian_integers() {
    let rows = [
        ("store_read '/request' 0 BUFFER 9", 1),
        ("reveal BUFFER 1 32000 4096", 32),
        (
            "same 32000 '\0\0\0\0\0\0\0\u{2}\0\0\0\0\0\0\0\u{2}\0\0\0\0\0\0\0\u{18}\0\0\0\0\0\0\0\u{8}'",
            1,
        ),
    ];
    for version in since(V3) {
        let config = Config { dal: Some(Box::new(source())), ..config(version) };
        let mut pvm = asking(&[3], &rows, config);
        pvm.run_level(&[]).unwrap();
        expect_answers(&pvm, &rows, version);
    }
}

#[test]
fn without_a_dal_nothing_is_revealed() {
    for version in since(V3) {
        for request in [vec![3], request(page(PUBLISHED, 1, 0))] {
            let found = revealed(version, PUBLISHED + 9, &request, None);
            assert_eq!(found, Ok((0, DefaultNode::Same)), "{version}");
        }
    }
}

#[test]
fn an_attested_page_is_revealed_whole() {
    let rows = [
        ("store_read '/request' 0 BUFFER 9", 8),
        ("reveal BUFFER 8 32000 4096", 8),
        ("same 32000 'page-2-!'", 1),
        ("reveal BUFFER 8 32000 3", 3),
    ];
    for version in since(V3) {
        let mut config = config(version);
        config.origination_level = PUBLISHED - 1;
        config.first_level = PUBLISHED + 9;
        config.dal = Some(Box::new(source()));
        let mut pvm = asking(&request(page(PUBLISHED, 1, 2)), &rows, config);
        pvm.run_level(&[]).unwrap();
        expect_answers(&pvm, &rows, version);
    }
}

#[test]
fn an_unattested_slot_reveals_nothing() {
    assert_eq!(size(PUBLISHED + 9, page(PUBLISHED, 0, 0)), 0);
}

#[test]
fn slots_and_pages_that_there_are_not_reveal_nothing() {
    for asked in [page(PUBLISHED, 2, 0), page(PUBLISHED, 1, 3), page(PUBLISHED, 1, -1)] {
        assert_eq!(size(PUBLISHED + 9, asked), 0, "{asked:?}");
    }
}

#[test]
fn pages_of_before_the_rollup_reveal_nothing() {
    assert_eq!(size(PUBLISHED + 9, page(PUBLISHED - 1, 1, 0)), 0);
    assert_eq!(size(PUBLISHED + 9, page(-1, 1, 0)), 0);
}

#[test]
fn pages_can_be_had_from_the_lag_on_for_241920_levels() {
    let asked = page(PUBLISHED, 1, 0);
    for (level, expected) in [
        (PUBLISHED + 1, 0),
        (PUBLISHED + 2, 8),
        (PUBLISHED + 241_920, 8),
        (PUBLISHED + 241_921, 0),
        (i32::MAX, 0),
    ] {
        assert_eq!(size(level, asked), expected, "in level {level}");
    }
}

#[test]
fn asking_within_the_lag_may_make_the_default_node_fail() {
    for version in since(V3) {
        let ask = |level| {
            let request = request(page(PUBLISHED, 1, 0));
            revealed(version, level, &request, Some(source())).unwrap()
        };
        assert!(matches!(ask(PUBLISHED + 1), (0, DefaultNode::MayFail(_))), "{version}");
        assert_eq!(ask(PUBLISHED + 2), (8, DefaultNode::Same), "{version}");
        assert_eq!(ask(PUBLISHED - 1), (0, DefaultNode::Same), "{version}");
    }
}

#[test]
fn a_page_of_another_size_is_not_taken() {
    let asked = page(PUBLISHED, 1, 0);
    let dal = DalPages { parameters: SMALL, pages: HashMap::from([(asked, vec![0; 7])]) };
    for version in since(V3) {
        let found = revealed(version, PUBLISHED + 9, &request(asked), Some(dal.clone()));
        let location = "100-1-0".to_owned();
        let error = PvmError::BadDalPage { page: asked, size: 7, expected: 8, location };
        assert_eq!(found, Err(error), "{version}");
    }
}

#[test]
fn a_directory_has_a_file_for_each_page() {
    let folder = std::env::temp_dir().join(format!("pvm-dal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("100-1-2"), b"8 bytes.").unwrap();
    let mut answers = Vec::new();
    for index in [1, 2] {
        let rows = [("store_read '/request' 0 BUFFER 9", 8), ("reveal BUFFER 8 32000 4096", 0)];
        let mut config = config(V6);
        config.first_level = PUBLISHED + 2;
        config.dal = Some(Box::new(DalDir::new(&folder, SMALL)));
        let mut pvm = asking(&request(page(PUBLISHED, 1, index)), &rows, config);
        pvm.run_level(&[]).unwrap();
        let bytes = pvm.durable().get("/answers").unwrap();
        answers.push(i64::from_le_bytes(bytes[8..].try_into().unwrap()));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(answers, [0, 8]);
}

#[test]
fn the_parameters_of_the_networks() {
    let ushuaia = DalParameters::USHUAIA;
    assert_eq!((ushuaia.slots, ushuaia.attestation_lag, ushuaia.pages()), (160, 5, 96));
    let tallinn = DalParameters::TALLINN;
    assert_eq!((tallinn.slots, tallinn.attestation_lag, tallinn.pages()), (32, 8, 32));
}
