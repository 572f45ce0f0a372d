//! What the operations of BLS cost in WASM.

use bls::{PublicKey, SecretKey, Signature, Suite};
use cpu_time::ThreadTime;
use pvm::{Config, Engine, LevelReport, Pvm, WasmiEngine};

/// Keys in the largest measurement: as many as one message of the same text may have in a batch.
const KEYS: u16 = 448;

/// A measurement: what it is, the count of `plus` less that of `minus`, for how many.
struct Row(&'static str, Op, Option<Op>, u64);

/// An operation of `bls_wasm`, and its number.
type Op = (u8, u16);

const ROWS: [Row; 17] = [
    Row("load a stored key", (b'l', 128), Some((b'0', 0)), 128),
    Row("decompress and check a key", (b'k', 16), Some((b'0', 0)), 16),
    Row("add a key", (b'+', 448), Some((b'l', 448)), 448),
    Row("decompress and check a signature", (b's', 1), Some((b'0', 0)), 1),
    Row("hash a message", (b'h', 17), Some((b'h', 1)), 16),
    Row("Miller loop, sharing squarings", (b'm', 17), Some((b'h', 17)), 16),
    Row("end: Miller loop, final exponentiation", (b'f', 1), Some((b's', 1)), 1),
    Row("verify one", (b'a', 1), None, 1),
    Row("16 messages", (b'a', 16), None, 1),
    Row("128 messages", (b'a', 128), None, 1),
    Row("  for each", (b'a', 128), None, 128),
    Row("one message of 128 keys", (b'o', 128), None, 1),
    Row("one message of 448 keys", (b'o', 448), None, 1),
    Row("  as parts", (b'g', 448), None, 1),
    Row("time: verify one, ms", (b'a', 1), None, 0),
    Row("time: 16 messages, ms", (b'a', 16), None, 0),
    Row("time: one message of 448 keys, ms", (b'o', 448), None, 0),
];

/// Measures each `NAME=FILE`; the answer is a table in Markdown.
pub fn table(builds: impl Iterator<Item = String>) -> Result<String, String> {
    let mut lines: Vec<Vec<String>> = ROWS.iter().map(|row| vec![row.0.to_owned()]).collect();
    lines.push(vec!["size, bytes".to_owned()]);
    let mut header = vec!["instructions".to_owned()];
    let keys: Vec<SecretKey> = (0..KEYS).map(secret).collect();
    for build in builds {
        let (name, file) = build.split_once('=').ok_or(format!("`{build}` is not NAME=FILE"))?;
        let wasm = std::fs::read(file).map_err(|error| format!("cannot read {file}: {error}"))?;
        header.push(name.to_owned());
        for (line, row) in lines.iter_mut().zip(&ROWS) {
            line.push(measure(&wasm, row, &keys)?);
        }
        lines.last_mut().into_iter().for_each(|line| line.push(grouped(wasm.len() as u64)));
    }
    let mut table =
        format!("| {} |\n|---{}|\n", header.join(" | "), "|---:".repeat(header.len() - 1));
    for line in lines {
        table.push_str(&format!("| {} |\n", line.join(" | ")));
    }
    Ok(table)
}

fn measure(
    wasm: &[u8],
    Row(_, plus, minus, times): &Row,
    keys: &[SecretKey],
) -> Result<String, String> {
    if *times == 0 {
        let engine = Box::new(WasmiEngine::uncounted());
        let mut best = u128::MAX;
        let mut pvm = start(wasm, engine)?;
        for _ in 0..3 {
            let begin = ThreadTime::now();
            run_level(&mut pvm, *plus, keys)?;
            best = best.min(begin.elapsed().as_millis());
        }
        return Ok(best.to_string());
    }
    let count = |op| {
        let mut pvm = start(wasm, Box::new(WasmiEngine::default()))?;
        // The first level has what is only done once.
        run_level(&mut pvm, (b'0', 0), keys)?;
        run_level(&mut pvm, op, keys)?.instructions().ok_or("nothing was counted".to_owned())
    };
    let less = minus.map_or(Ok(0), count)?;
    Ok(grouped(count(*plus)?.saturating_sub(less) / times))
}

fn start(wasm: &[u8], engine: Box<dyn Engine>) -> Result<Pvm, String> {
    Pvm::originate_wasm(wasm, Config { engine, ..Config::default() })
        .map_err(|error| error.to_string())
}

/// Plays one level with one operation.
fn run_level(pvm: &mut Pvm, (op, n): Op, keys: &[SecretKey]) -> Result<LevelReport, String> {
    let signers = || keys.iter().take(usize::from(n)).zip(0..);
    let signatures: Vec<Signature> = match op {
        b'a' => signers().map(|(key, i)| key.sign(Suite::Aug, &bls_wasm::message(i))).collect(),
        b'o' | b'g' => {
            signers().map(|(key, _)| key.sign(Suite::Pop, &bls_wasm::message(0))).collect()
        }
        _ => vec![secret(0).sign(Suite::Pop, b"any")],
    };
    let signature = Signature::aggregate(&signatures).ok_or("nobody signs")?;
    let mut data = signature.to_compressed().to_vec();
    for key in keys.iter().map(SecretKey::public_key) {
        data.extend_from_slice(&form(op, &key));
    }
    let mut messages: Vec<Vec<u8>> =
        data.chunks(4000).map(|chunk| [&[1, b'D'][..], chunk].concat()).collect();
    let [high, low] = n.to_be_bytes();
    messages.push(vec![1, op, high, low]);
    let report = pvm.run_level(&messages).map_err(|error| error.to_string())?;
    match report.first_trap() {
        Some(trap) => Err(format!("operation {}: {trap}", char::from(op))),
        None => Ok(report),
    }
}

/// The form in which an operation wants its keys.
fn form(op: u8, key: &PublicKey) -> Vec<u8> {
    match op {
        b'k' => [&key.to_compressed()[..], &[0; 48]].concat(),
        _ => key.to_stored().to_vec(),
    }
}

fn secret(i: u16) -> SecretKey {
    let mut material = [1; 32];
    material[..2].copy_from_slice(&i.to_be_bytes());
    match SecretKey::derive(&material) {
        Ok(key) => key,
        Err(error) => unreachable!("32 bytes are enough: {error}"),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
