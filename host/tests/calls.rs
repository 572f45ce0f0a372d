//! Hosts in safe Rust: what a call carries, and that forwarding changes nothing.

use std::cell::RefCell;

use host::{Call, CallHandler, Host, HostError, RawRollupCore, code};
use pvm::{Durable, NativeHost};

/// Writes down each call, and forwards it.
struct Recording<'h, H> {
    inner: &'h H,
    calls: RefCell<Vec<String>>,
}

impl<H: RawRollupCore> CallHandler for Recording<'_, H> {
    fn handle(&self, call: Call<'_>) -> i32 {
        self.calls.borrow_mut().push(format!("{call:?}"));
        call.forward(self.inner)
    }
}

/// Does something with each function that `Host` has, and returns everything that came back.
fn use_of<H: RawRollupCore>(host: &H) -> Vec<String> {
    let mut answers = Vec::new();
    let mut keep = |answer: &dyn std::fmt::Debug| answers.push(format!("{answer:?}"));
    keep(&host.next_input());
    keep(&host.output(b"out"));
    host.debug("line");
    keep(&host.write_at("/a/b", 0, b"value"));
    keep(&host.write_at("/a/b", 9, b"beyond"));
    keep(&host.write_at("/a/b", 5, b""));
    keep(&host.has("/a"));
    keep(&host.copy("/a", "/c"));
    keep(&host.rename("/c", "/d"));
    keep(&host.copy("/nothing", "/c"));
    keep(&host.read("/d/b"));
    keep(&host.read_at("/d/b", 2, 2));
    keep(&host.read_at("/d/b", 2, 0));
    keep(&host.delete("/d"));
    keep(&host.read_record::<5>("/d/b", "what"));
    keep(&host.has("not a path"));
    keep(&host.metadata());
    answers
}

#[test]
fn a_host_that_forwards_answers_as_the_one_behind_it() {
    let (plain, behind) =
        (NativeHost::over(Durable::default()), NativeHost::over(Durable::default()));
    let recording = Recording { inner: &behind, calls: RefCell::default() };
    assert_eq!(use_of(&recording), use_of(&plain));
    let values = |host: &NativeHost| host.durable().values_under("").collect::<Vec<_>>();
    assert_eq!(values(&behind), values(&plain));
    assert_eq!(values(&behind).len(), 1, "one value is left");
    assert_eq!(recording.calls.borrow().len(), 16, "no bytes are no call");
}

#[test]
fn a_call_carries_what_the_kernel_passed() {
    let host = NativeHost::over(Durable::default());
    let recording = Recording { inner: &host, calls: RefCell::default() };
    recording.write_at("/a", 0, b"xy").unwrap();
    recording.read_at("/a", 1, 3).unwrap();
    recording.copy("/a", "/b").unwrap();
    let path = |path: &[u8]| format!("{path:?}");
    let calls = recording.calls.borrow();
    let write = format!("StoreWrite {{ path: {}, offset: 0, bytes: [120, 121] }}", path(b"/a"));
    let read = format!("StoreRead {{ path: {}, offset: 1, into: [0, 0, 0] }}", path(b"/a"));
    let copy = format!("StoreCopy {{ from: {}, to: {} }}", path(b"/a"), path(b"/b"));
    assert_eq!(*calls, [write, read, copy]);
}

#[test]
fn a_handler_answers_in_codes() {
    struct Nothing;
    impl CallHandler for Nothing {
        fn handle(&self, call: Call<'_>) -> i32 {
            match call {
                Call::StoreRead { .. } => code::NO_VALUE,
                _ => code::READONLY,
            }
        }
    }
    assert_eq!(Nothing.read("/a"), Ok(Vec::new()));
    assert_eq!(Nothing.write_at("/a", 0, b"x"), Err(HostError::Readonly));
}
