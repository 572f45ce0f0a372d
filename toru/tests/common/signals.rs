//! Signals to processes of tests.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::process::{Child, Command};

use super::wait::until;

/// Presses Ctrl-C, once the process is ready for it: before, the signal would just end it.
pub fn interrupt(child: &Child) {
    catches_interrupts(child.id());
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
}

/// Waits until a process has a handler for SIGINT.
#[cfg(target_os = "linux")]
pub fn catches_interrupts(pid: u32) {
    until("it catches SIGINT", || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // SIGINT is signal 2: the second bit.
        caught.is_some_and(|mask| mask & 0b10 != 0)
    });
}

/// Waits for as long as a process takes to start. Only Linux tells which signals it catches.
#[cfg(not(target_os = "linux"))]
pub fn catches_interrupts(_: u32) {
    std::thread::sleep(std::time::Duration::from_secs(5));
}
