//! Functions of a kernel, as they are shown.

/// A function as Rust's sources call it, if it is one of Rust's, in one frame of a stack.
pub fn function_text(name: &str) -> String {
    // An array's type has a semicolon of its own.
    let text = format!("{:#}", rustc_demangle::demangle(name)).replace(';', ",");
    pvm::frame_text(&text)
}
