//! Executed instructions of WASM: the kernel's, through the inbox; its phases', directly; and the
//! rivals'.

use bls::{PublicKey, SecretKey, Signature, Suite};
use direct_wasm::{BATCH, MEMORY, PHASE};
use encoding::RollupAddress;
use pvm::{Config, Durable, LevelReport, Pvm, WasmiEngine};

/// A PVM over a state, running a kernel whose instructions are counted.
fn start(wasm: &[u8], state: Option<&Durable>) -> Result<Pvm, String> {
    let engine = Box::new(WasmiEngine::default());
    let config = Config { engine, ..Config::default() };
    let mut pvm = Pvm::originate_wasm(wasm, config).map_err(|error| error.to_string())?;
    if let Some(state) = state {
        pvm.durable_mut().graft("/toru", state).map_err(|error| error.to_string())?;
    }
    Ok(pvm)
}

fn run_level(pvm: &mut Pvm, messages: &[Vec<u8>]) -> Result<(u64, LevelReport), String> {
    let report = pvm.run_level(messages).map_err(|error| error.to_string())?;
    if let Some(trap) = report.first_trap() {
        return Err(format!("the kernel trapped: {trap}"));
    }
    let instructions = report.instructions().ok_or("nothing was counted")?;
    Ok((instructions, report))
}

/// What a level with these messages takes beyond one with none, and what that one takes.
pub fn through_inbox(
    kernel: &[u8],
    state: &Durable,
    messages: &[Vec<u8>],
) -> Result<(Phase, Phase), String> {
    let mut pvm = start(kernel, Some(state))?;
    // The first level has what is only done once.
    run_level(&mut pvm, &[])?;
    let mut level = |messages: &[Vec<u8>]| {
        let (_, report) = run_level(&mut pvm, messages)?;
        Phase::of(&report).ok_or_else(|| "nothing was counted".to_owned())
    };
    let (empty, all) = (level(&[])?, level(messages)?);
    for (number, _) in messages.iter().enumerate() {
        check_applied(&pvm, number)?;
    }
    Ok((all.without(empty), empty))
}

/// A batch that was refused would be cheap: it must have been accepted, and all of it applied.
pub(crate) fn check_applied(pvm: &Pvm, number: usize) -> Result<(), String> {
    use tx_kernel::results::{MessageResult, Outcome, ResultCode};
    let host = pvm::NativeHost::over(pvm.durable().clone());
    let view = tx_kernel::view::View::new(&host);
    let level = view.level().map_err(|error| error.to_string())?;
    let index = u32::try_from(number).unwrap_or(0) + 2;
    let message = encoding::MessageId { level, index };
    match view.message(message).map_err(|error| error.to_string())? {
        Some(MessageResult::Done(Outcome {
            code: ResultCode::BatchAccepted, second: 0, ..
        })) => Ok(()),
        other => Err(format!("a batch of the bench was not applied: {other:?}")),
    }
}

/// What a phase takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phase {
    /// Executed instructions.
    pub instructions: u64,
    /// Ticks.
    pub ticks: u64,
    /// Calls of host functions.
    pub host_calls: u64,
}

impl Phase {
    fn of(report: &LevelReport) -> Option<Phase> {
        let (instructions, ticks) = (report.instructions()?, report.ticks()?);
        Some(Phase { instructions, ticks, host_calls: report.host_call_count() })
    }

    /// This without that.
    #[must_use]
    pub fn without(self, other: Phase) -> Phase {
        Phase {
            instructions: self.instructions.saturating_sub(other.instructions),
            ticks: self.ticks.saturating_sub(other.ticks),
            host_calls: self.host_calls.saturating_sub(other.host_calls),
        }
    }
}

/// What a batch takes that is handed to the phases directly.
#[derive(Clone, Debug)]
pub struct Direct {
    /// Each phase but that which only reads the batch, in the order of [`direct_wasm::PHASES`].
    pub phases: Vec<Phase>,
    /// All but `load`: what is read there is read where it is needed, as the kernel does it.
    pub total: Phase,
    /// The same without verifying the signature.
    pub all_but_the_signature: Phase,
    /// Bytes of WASM memory, beyond what the module begins with and reads the batch into.
    pub memory: u32,
}

/// What each phase of a batch of any size takes.
pub fn phases(module: &[u8], state: &Durable, body: &[u8]) -> Result<Direct, String> {
    let mut ends: Vec<Phase> = Vec::new();
    let mut memory = 0;
    let mut read = 0;
    for number in 0..=direct_wasm::WHOLE {
        let mut pvm = start(module, Some(state))?;
        for (path, value) in [(BATCH, body), (PHASE, &[number])] {
            pvm.durable_mut().set(path, value).map_err(|error| error.to_string())?;
        }
        let (_, report) = run_level(&mut pvm, &[])?;
        ends.push(Phase::of(&report).ok_or("nothing was counted")?);
        let written = pvm.durable().values_under(MEMORY).next().map(|(_, bytes)| bytes);
        let written = written.and_then(|bytes| bytes.try_into().ok());
        memory = u32::from_be_bytes(
            written.ok_or("the module is of another version: make bench builds it anew")?,
        );
        if number == 0 {
            read = memory;
        }
    }
    let [first, .., whole] = ends.as_slice() else { return Err("no phases".to_owned()) };
    let total = whole.without(*first);
    let ends = ends.get(..direct_wasm::PHASES.len()).unwrap_or_default();
    let phases: Vec<Phase> = ends.windows(2).map(|pair| pair[1].without(pair[0])).collect();
    let named = direct_wasm::PHASES.iter().skip(1).zip(&phases);
    let verify = named.filter(|(name, _)| **name == "verify").map(|(_, phase)| *phase).next();
    let all_but_the_signature = total.without(verify.unwrap_or_default());
    Ok(Direct { phases, total, all_but_the_signature, memory: memory.saturating_sub(read) })
}

/// Instructions to verify `n` signatures of distinct messages and stored keys, in the measuring
/// kernel of BLS.
pub fn one_signature_each(module: &[u8], n: usize) -> Result<u64, String> {
    let mut pvm = start(module, None)?;
    let secrets = (0..n).map(crate::people::secret).collect::<Result<Vec<SecretKey>, _>>()?;
    let number = u16::try_from(n).map_err(|error| error.to_string())?;
    let signatures = secrets.iter().zip(0..number);
    let signatures: Vec<Signature> =
        signatures.map(|(key, i)| key.sign(Suite::Aug, &bls_wasm::message(i))).collect();
    let sum = Signature::aggregate(&signatures).ok_or("nobody signs")?;
    let keys = secrets.iter().map(SecretKey::public_key).map(|key: PublicKey| key.to_stored());
    let data = keys.fold(sum.to_compressed().to_vec(), |data, key| [&data[..], &key].concat());
    let mut messages: Vec<Vec<u8>> =
        data.chunks(4_000).map(|chunk| [&[1, b'D'][..], chunk].concat()).collect();
    let [high, low] = number.to_be_bytes();
    messages.push(vec![1, b'a', high, low]);
    // The level before has what is only done once.
    run_level(&mut pvm, &[])?;
    Ok(run_level(&mut pvm, &messages)?.0)
}

/// Instructions to verify one Ed25519 signature.
pub fn ed25519(module: &[u8]) -> Result<u64, String> {
    use ed25519_dalek::{Signer, SigningKey};
    const SIGNATURES: u64 = 8;
    let mut pvm = start(module, None)?;
    run_level(&mut pvm, &[])?;
    let message = |seed: u64| {
        let mut secret = [3; 32];
        secret[..8].copy_from_slice(&seed.to_be_bytes());
        let key = SigningKey::from_bytes(&secret);
        let signed = [7; 40];
        let signature = key.sign(&signed).to_bytes();
        [&[1][..], &key.verifying_key().to_bytes(), &signature, &signed].concat()
    };
    let messages: Vec<Vec<u8>> = (0..SIGNATURES).map(message).collect();
    let (few, _) = run_level(&mut pvm, &messages[..1])?;
    let (all, _) = run_level(&mut pvm, &messages)?;
    Ok(all.saturating_sub(few) / (SIGNATURES - 1))
}

/// The address that the rollups of the bench have.
pub const ROLLUP: RollupAddress = RollupAddress(pvm::DEBUGGER_ROLLUP);
