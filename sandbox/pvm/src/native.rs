//! Running a kernel that is compiled into this process: fast, and with a debugger at hand.
//!
//! Memory is not checked: a kernel written against [`RawRollupCore`] upholds its contract.

use crate::abi::HostFn;
use crate::codes::Code;
use crate::engine::{Outcome, Program, RunEnd};
use crate::host::{Halted, Host};
use crate::memory::Memory;
use host::{RawRollupCore, ReadInputMessageInfo};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// A kernel as a Rust function.
///
/// A panic is a trap, its message the report's. Two things differ from WASM: a kernel's statics
/// outlive a run, and a stack overflow ends the process.
pub struct NativeProgram<F> {
    kernel: F,
}

impl<F: FnMut(&NativeHost)> NativeProgram<F> {
    /// A program whose `kernel_run` is this function.
    pub fn new(kernel: F) -> Self {
        Self { kernel }
    }
}

impl<F: FnMut(&NativeHost)> Program for NativeProgram<F> {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        silence_kernel_panics();
        LAST_PANIC.set(None);
        let native = NativeHost { host: RefCell::new(mem::take(host)) };
        let outer = IN_KERNEL.replace(true);
        // A kernel that panicked half way leaves nothing behind but the host's state, and that is
        // what the PVM keeps after a trap.
        let end = panic::catch_unwind(AssertUnwindSafe(|| (self.kernel)(&native)));
        IN_KERNEL.set(outer);
        *host = native.host.into_inner();
        let outcome = match end {
            Ok(()) => Outcome::Returned,
            Err(payload) => Outcome::Trapped(panic_message(payload.as_ref())),
        };
        RunEnd::uncounted(outcome)
    }
}

thread_local! {
    /// Whether this thread runs a kernel.
    static IN_KERNEL: Cell<bool> = const { Cell::new(false) };
    /// What the last panic in a kernel said, and where.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics of kernels keep their message instead of printing it. All others go on as before.
fn silence_kernel_panics() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IN_KERNEL.get() {
                LAST_PANIC.set(Some(info.to_string()));
            } else {
                previous(info);
            }
        }));
    });
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    if payload.is::<Halted>() {
        return "halted".to_owned();
    }
    // Somebody may have replaced the hook: then the payload has to do.
    LAST_PANIC.take().unwrap_or_else(|| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "panicked".to_owned())
    })
}

/// The host functions as a native kernel calls them.
pub struct NativeHost {
    host: RefCell<Host>,
}

impl NativeHost {
    /// A host over durable storage alone, with no inbox: for code that reads a kernel's state with
    /// the kernel's own functions. What it writes stays in this host.
    pub fn over(durable: crate::Durable) -> Self {
        NativeHost { host: RefCell::new(Host { durable, ..Host::default() }) }
    }

    /// Durable storage as it is, looked at without a host call.
    pub fn durable(&self) -> crate::Durable {
        self.host.borrow().durable.clone()
    }

    fn call<T: From<i32>>(
        &self,
        body: impl FnOnce(&mut Host, &mut NativeMemory) -> Result<T, Halted>,
    ) -> T {
        // Destructors of a kernel that panicked: in WASM they would not run.
        if std::thread::panicking() {
            return T::from(Code::Other.value());
        }
        let result = match self.host.try_borrow_mut() {
            Ok(mut host) => body(&mut host, &mut NativeMemory),
            // Only a log or preimage source that calls back into its kernel gets here.
            Err(_) => return T::from(Code::Other.value()),
        };
        match result {
            Ok(result) => result,
            // Not a panic that anybody should hear about.
            Err(halted) => panic::resume_unwind(Box::new(halted)),
        }
    }

    fn on_key<T: Copy + From<i32> + Into<i64>>(
        &self,
        function: HostFn,
        key: (*const u8, usize),
        body: impl FnOnce(&mut crate::Durable, crate::durable::Key<'_>) -> Result<T, Code>,
    ) -> T {
        let key = (key.0.cast_mut(), abi(key.1));
        self.call(|host, memory| host.on_key(function, memory, key, body))
    }
}

/// The memory of this process. Addresses come with the promise of [`RawRollupCore`]'s callers.
struct NativeMemory;

impl Memory for NativeMemory {
    type Address = *mut u8;

    fn load(&self, at: *mut u8, len: i32) -> Result<&[u8], Code> {
        let len = usize::try_from(len).map_err(|_| Code::Other)?;
        if len == 0 {
            return Ok(&[]);
        }
        // SAFETY: the caller of the host function promised that the range can be read, and it
        // does nothing else until the function returns.
        Ok(unsafe { std::slice::from_raw_parts(at, len) })
    }

    fn store(&mut self, at: *mut u8, bytes: &[u8]) -> Result<(), Code> {
        // SAFETY: the caller promised that `at` takes as many bytes as it said, and no host
        // function stores more than it was told. `bytes` is the host's own, so nothing overlaps.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) };
        Ok(())
    }

    fn check_room(&self, _at: *mut u8, len: i32) -> Result<(), Code> {
        if len < 0 { Err(Code::BadMemory) } else { Ok(()) }
    }
}

/// A size as the kernel would pass it in WASM, where `usize` has 32 bits.
fn abi(size: usize) -> i32 {
    u32::try_from(size).map_or(i32::MAX, u32::cast_signed)
}

// SAFETY: the methods touch memory only through `NativeMemory`, in the ranges they were given.
unsafe impl RawRollupCore for NativeHost {
    unsafe fn read_input(
        &self,
        info: *mut ReadInputMessageInfo,
        dst: *mut u8,
        max_bytes: usize,
    ) -> i32 {
        // Two little-endian `i32`: the bytes written are the struct's on every little-endian
        // machine, which is all we run on.
        self.call(|host, memory| host.read_input(memory, info.cast(), dst, abi(max_bytes)))
    }

    unsafe fn write_output(&self, src: *const u8, num_bytes: usize) -> i32 {
        self.call(|host, memory| host.write_output(memory, src.cast_mut(), abi(num_bytes)))
    }

    unsafe fn write_debug(&self, src: *const u8, num_bytes: usize) {
        self.call(|host, memory| {
            host.write_debug(memory, src.cast_mut(), abi(num_bytes)).map(|()| 0_i32)
        });
    }

    unsafe fn store_has(&self, path: *const u8, path_len: usize) -> i32 {
        self.on_key(HostFn::StoreHas, (path, path_len), |durable, key| Ok(durable.kind(key)))
    }

    unsafe fn store_delete(&self, path: *const u8, path_len: usize) -> i32 {
        self.on_key(HostFn::StoreDelete, (path, path_len), |durable, key| {
            durable.delete_tree(key).map(|()| 0)
        })
    }

    unsafe fn store_copy(
        &self,
        from: *const u8,
        from_len: usize,
        to: *const u8,
        to_len: usize,
    ) -> i32 {
        let from = (from.cast_mut(), abi(from_len));
        let to = (to.cast_mut(), abi(to_len));
        self.call(|host, memory| host.store_copy(memory, from, to))
    }

    unsafe fn store_move(
        &self,
        from: *const u8,
        from_len: usize,
        to: *const u8,
        to_len: usize,
    ) -> i32 {
        let from = (from.cast_mut(), abi(from_len));
        let to = (to.cast_mut(), abi(to_len));
        self.call(|host, memory| host.store_move(memory, from, to))
    }

    unsafe fn store_value_size(&self, path: *const u8, path_len: usize) -> i32 {
        self.on_key(HostFn::StoreValueSize, (path, path_len), |durable, key| {
            durable.value_size(key)
        })
    }

    unsafe fn store_read(
        &self,
        path: *const u8,
        path_len: usize,
        offset: usize,
        dst: *mut u8,
        max_bytes: usize,
    ) -> i32 {
        let key = (path.cast_mut(), abi(path_len));
        self.call(|host, memory| host.store_read(memory, key, abi(offset), dst, abi(max_bytes)))
    }

    unsafe fn store_write(
        &self,
        path: *const u8,
        path_len: usize,
        offset: usize,
        src: *const u8,
        num_bytes: usize,
    ) -> i32 {
        let key = (path.cast_mut(), abi(path_len));
        let (offset, num_bytes) = (abi(offset), abi(num_bytes));
        self.call(|host, memory| host.store_write(memory, key, offset, src.cast_mut(), num_bytes))
    }

    unsafe fn reveal_preimage(
        &self,
        hash: *const u8,
        hash_len: usize,
        dst: *mut u8,
        max_bytes: usize,
    ) -> i32 {
        let hash = (hash.cast_mut(), abi(hash_len));
        self.call(|host, memory| host.reveal_preimage(memory, hash, dst, abi(max_bytes)))
    }

    unsafe fn reveal_metadata(&self, dst: *mut u8, max_bytes: usize) -> i32 {
        self.call(|host, memory| host.reveal_metadata(memory, dst, abi(max_bytes)))
    }
}
