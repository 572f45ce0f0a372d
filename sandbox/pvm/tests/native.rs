//! Native kernels: the same as WASM in all that can be seen from outside, traps included.

use host::{RawRollupCore, ReadInputMessageInfo};
use pvm::{
    Config, Durable, HostCall, Interrupt, NativeHost, NativeProgram, Pvm, PvmError, preimage_hash,
};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

/// Adds up the bytes of external messages at `/sum`, one message a run, and reports the sum.
const SUM: &str = "(local $n i32) (local $i i32) (local $sum i32)
    (if (i32.eqz (local.tee $n (call $read))) (then (return)))
    (call $reboot)
    (if (i32.ne (i32.load8_u (i32.const 1000)) (i32.const 1)) (then (return)))
    (drop (call $store_read (i32.const 200) (i32.const 6) (i32.const 0)
                            (i32.const 800) (i32.const 4)))
    (local.set $sum (i32.load (i32.const 800)))
    (loop $more
        (local.set $sum (i32.add (local.get $sum)
            (i32.load8_u (i32.add (i32.const 1000) (local.get $i)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (local.get $n))))
    (i32.store (i32.const 800) (local.get $sum))
    (drop (call $store_write (i32.const 200) (i32.const 6) (i32.const 0)
                             (i32.const 800) (i32.const 4)))
    (drop (call $write_output (i32.const 800) (i32.const 4)))";

/// The same in Rust.
fn sum(host: &NativeHost) {
    let mut info = ReadInputMessageInfo::default();
    let mut message = [0_u8; 4_096];
    // SAFETY: all ranges are those of the arrays.
    let read = unsafe { host.read_input(&raw mut info, message.as_mut_ptr(), message.len()) };
    let message = &message[..usize::try_from(read).unwrap()];
    if message.is_empty() {
        return;
    }
    let flag = b"/kernel/env/reboot";
    // SAFETY: as above.
    unsafe { host.store_write(flag.as_ptr(), flag.len(), 0, message.as_ptr(), 0) };
    if message[0] != 1 {
        return;
    }
    let (path, mut sum) = (b"/count", [0_u8; 4]);
    // SAFETY: as above.
    unsafe { host.store_read(path.as_ptr(), path.len(), 0, sum.as_mut_ptr(), 4) };
    let total = message.iter().fold(u32::from_le_bytes(sum), |sum, byte| sum + u32::from(*byte));
    let sum = total.to_le_bytes();
    // SAFETY: as above.
    unsafe {
        host.store_write(path.as_ptr(), path.len(), 0, sum.as_ptr(), 4);
        host.write_output(sum.as_ptr(), 4);
    }
}

fn native(kernel: impl FnMut(&NativeHost) + 'static) -> Pvm {
    let config = Config { record_host_calls: true, ..Config::default() };
    Pvm::originate(Box::new(NativeProgram::new(kernel)), config)
}

/// What must agree: traps by run, the outbox, every host call, and the storage but for the kernel.
type Seen = (Vec<bool>, Vec<Vec<u8>>, Vec<HostCall>, Durable);

fn run_level(mut pvm: Pvm, trap_at: Option<u64>) -> Seen {
    let mut seen = Seen::default();
    pvm.trap_at_host_call(trap_at);
    for _ in 0..2 {
        let report = pvm.run_level(&[vec![1, 2], vec![1, 250, 3]]).unwrap();
        seen.0.extend(report.runs.iter().map(|run| run.trap.is_some()));
        seen.1.extend(report.outbox);
        seen.2.extend(report.host_calls);
    }
    for kernel in ["/kernel/boot.wasm", "/readonly/kernel/boot.wasm"] {
        pvm.durable_mut().delete(kernel).unwrap();
    }
    seen.3 = pvm.durable().clone();
    seen
}

#[test]
fn native_and_wasm_agree_also_when_trapped_at_any_host_call() {
    let wasm = crate::common::kernel(SUM);
    let in_wasm = || {
        let mut pvm = crate::common::pvm(&wasm);
        pvm.record_host_calls(true);
        pvm
    };
    let whole = run_level(in_wasm(), None);
    assert_eq!(whole, run_level(native(sum), None));
    assert_eq!(whole.1.len(), 4);
    assert!(whole.0.iter().all(|trapped| !trapped));
    for k in 0..20 {
        let trapped = run_level(in_wasm(), Some(k));
        assert_eq!(trapped, run_level(native(sum), Some(k)), "at host call {k}");
        let traps = trapped.0.iter().filter(|trapped| **trapped).count();
        // Two frames, two sums, the end, and the run that finds the inbox empty.
        let first_level_calls = 2 + 2 + 5 + 5 + 2 + 1;
        assert_eq!(traps, usize::from(k < first_level_calls), "at host call {k}");
    }
}

#[test]
fn a_panic_is_a_trap_with_its_message() {
    let mut pvm = native(|host| {
        struct WritesWhenDropped<'h>(&'h NativeHost);
        impl Drop for WritesWhenDropped<'_> {
            fn drop(&mut self) {
                // SAFETY: the range is that of the literal.
                unsafe { self.0.write_output(b"x".as_ptr(), 1) };
            }
        }
        // SAFETY: as above.
        unsafe { host.write_output(b"kept".as_ptr(), 4) };
        let _guard = WritesWhenDropped(host);
        assert_eq!(1 + 1, 3, "arithmetic");
    });
    let report = pvm.run_level(&[]).unwrap();
    let trap = report.first_trap().unwrap();
    assert!(trap.contains("arithmetic") && trap.contains("native.rs"), "{trap}");
    assert!(report.stuck);
    assert_eq!(report.outbox, [b"kept"], "destructors do not reach the host");
    assert_eq!(report.instructions(), None);
}

#[test]
fn a_missing_preimage_stops_a_native_kernel_too() {
    let runs = Rc::new(Cell::new(0));
    let counted = Rc::clone(&runs);
    let mut pvm = native(move |host| {
        counted.set(counted.get() + 1);
        let (hash, mut page) = ([0_u8; 33], [0_u8; 10]);
        // SAFETY: all ranges are those of the arrays.
        unsafe {
            host.write_output(hash.as_ptr(), 1);
            host.reveal_preimage(hash.as_ptr(), 33, page.as_mut_ptr(), 10);
        }
        unreachable!("the host does not come back");
    });
    let before = pvm.durable().clone();
    let error = pvm.run_level(&[]).unwrap_err();
    let location = "0".repeat(66);
    assert_eq!(error, PvmError::MissingPreimage { hash: Box::new([0; 33]), location });
    assert_eq!(runs.get(), 1);
    assert_eq!((pvm.durable(), pvm.level()), (&before, 0));
}

#[test]
fn preimages_reach_a_native_kernel() {
    let hash = preimage_hash(&[7; 20]);
    let preimages = HashMap::from([(hash, vec![7; 20])]);
    let config = Config { preimages: Box::new(preimages), ..Config::default() };
    let kernel = move |host: &NativeHost| {
        let mut page = [0_u8; 10];
        // SAFETY: all ranges are those of the arrays.
        let n = unsafe { host.reveal_preimage(hash.as_ptr(), 33, page.as_mut_ptr(), 10) };
        assert_eq!((n, page), (10, [7; 10]));
    };
    let mut pvm = Pvm::originate(Box::new(NativeProgram::new(kernel)), config);
    assert_eq!(pvm.run_level(&[]).unwrap().first_trap(), None);
}

#[test]
fn a_native_kernel_is_interrupted_at_its_next_host_call() {
    let interrupt = Interrupt::default();
    let handle = interrupt.clone();
    let kernel = move |host: &NativeHost| {
        for i in 0..10 {
            if i == 5 {
                handle.set();
            }
            // SAFETY: the range is that of the literal.
            unsafe { host.write_output(b"x".as_ptr(), 1) };
        }
        unreachable!("the host does not come back");
    };
    let config = Config { interrupt: interrupt.clone(), ..Config::default() };
    let mut pvm = Pvm::originate(Box::new(NativeProgram::new(kernel)), config);
    let before = pvm.durable().clone();
    assert_eq!(pvm.run_level(&[]), Err(PvmError::Interrupted));
    assert_eq!((pvm.durable(), pvm.level()), (&before, 0));
    assert!(interrupt.is_set());
}
