//! Validating a module, and how much room a call of its functions takes at most.

use wasmparser::{FuncToValidate, FunctionBody, Parser, ValType, ValidPayload, Validator};
use wasmparser::{ValidatorResources, WasmFeatures};

/// Cells of 64 bits that a frame may take beside locals and operands: what counting adds, and the
/// copies an engine makes.
const SPARE_CELLS: u64 = 32;

/// Validates a module. Returns a bound of the cells of 64 bits that one call of any of its functions
/// takes: its parameters, locals, operands and results.
pub(super) fn validate(wasm: &[u8], features: WasmFeatures) -> Result<u64, wasmparser::Error> {
    let mut validator = Validator::new_with_features(features);
    let (mut results, mut largest) = (0, 0);
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let wasmparser::Payload::TypeSection(types) = &payload {
            for ty in types.clone().into_iter_err_on_gc_types().flatten() {
                results = results.max(cells(ty.results()));
            }
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            largest = largest.max(frame(function, &body)?);
        }
    }
    Ok(largest.saturating_add(results).saturating_add(SPARE_CELLS))
}

/// Validates a function. Returns the cells of its parameters, locals and operands.
fn frame(
    function: FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'_>,
) -> Result<u64, wasmparser::Error> {
    let mut validator = function.into_validator(wasmparser::FuncValidatorAllocations::default());
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    let locals = (0..validator.len_locals()).filter_map(|index| validator.get_local_type(index));
    let locals: u64 = locals.map(|ty| cells(&[ty])).sum();
    let mut operators = body.get_operators_reader()?;
    let mut highest = 0;
    while !operators.eof() {
        let offset = operators.original_position();
        let operator = operators.read()?;
        validator.op(offset, &operator)?;
        highest = highest.max(u64::from(validator.operand_stack_height()));
    }
    operators.finish()?;
    // Each operand may be a vector.
    Ok(locals.saturating_add(2 * highest))
}

fn cells(types: &[ValType]) -> u64 {
    types.iter().map(|ty| if *ty == ValType::V128 { 2 } else { 1 }).sum()
}
