//! Reading a module from a file: as bytes, as hex, or in the text format.

use std::path::Path;

use layer1::plain::one_line;

use super::error::KernelError;
use crate::error::Failure;
use crate::text_file;

/// The first bytes of every WASM module.
const MAGIC: &[u8] = b"\0asm";

/// Reads a module. What form it has is told by what is in the file, not by its name.
///
/// # Errors
/// When the file cannot be read, or has no module in it.
pub fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(file).map_err(Failure::reading(file))?;
    let not_one = |problem| KernelError::NotAModule { path: file.to_owned(), problem };
    Ok(parse(bytes).map_err(not_one)?)
}

fn parse(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.starts_with(MAGIC) {
        return Ok(bytes);
    }
    let none = || {
        "not a WASM module (expected it to begin with 0061736d, in bytes or in hex, or to be in the \
         text format)"
            .to_owned()
    };
    let text = match text_file::text(&bytes) {
        Err(problem @ text_file::TextError::Utf16) => return Err(problem.to_string()),
        text => text.map_err(|_| none())?.trim(),
    };
    if text.starts_with(['(', ';']) {
        return wat::parse_str(text).map_err(|error| one_line(&error.to_string()));
    }
    let digits: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let module = hex::decode(digits).map_err(|_| none())?;
    if module.starts_with(MAGIC) { Ok(module) } else { Err(none()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_in_every_form() {
        let module = b"\0asm\x01\0\0\0".to_vec();
        for text in [
            "0061736d01000000",
            "0061736D01000000\n",
            "\u{feff}0061 736d\r\n0100 0000\r\n",
            "(module)",
            " ;; a module\n(module)\n",
            "(; a module ;) (module)",
        ] {
            assert_eq!(parse(text.into()).as_ref(), Ok(&module), "{text:?}");
        }
        assert_eq!(parse(module.clone()), Ok(module));
        for text in ["", "\n", "00", "0061736", "0061736e", "module", "\u{e9}", "0x0061736d"] {
            let problem = parse(text.into()).unwrap_err();
            assert!(problem.starts_with("not a WASM module (expected"), "{text:?}: {problem}");
        }
        assert!(parse(b"\xff".to_vec()).unwrap_err().starts_with("not a WASM module"));
        assert!(parse(b"\xff\xfe(\0".to_vec()).unwrap_err().contains("UTF-16"));
        let problem = parse("(module (fun))".into()).unwrap_err();
        assert!(problem.contains("expected valid module field") && !problem.contains('\n'));
    }
}
