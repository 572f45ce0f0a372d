//! The command that has layer 1 execute a message: octez-client, or whatever takes its words. It is run with a
//! list of arguments, never through a shell, for a limited time.

mod run;
mod words;

use thiserror::Error;
use wallet::outbox::Proof;

use crate::limits::MAX_ARGUMENT_BYTES;
use crate::tez::Tez;

pub use run::{CommandEnd, run};
pub use words::{BadWords, split};

/// How layer 1 is told to execute a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    words: Vec<String>,
    source: String,
    fee_cap: Tez,
    burn_cap: Tez,
}

/// Why there is no such command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// Its words are not to be told apart.
    #[error(transparent)]
    Words(#[from] BadWords),
    /// A word has no meaning there.
    #[error("{0}")]
    Source(&'static str),
}

/// A proof does not fit into a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the proof has {0} digits: the system passes no argument of more than {MAX_ARGUMENT_BYTES} bytes, and layer 1 \
     takes no operation as long as that"
)]
pub struct TooLongProof(usize);

impl Command {
    /// A command as somebody writes it, such as `octez-client --endpoint http://…`; who pays, as that command
    /// calls them; what an execution may cost at most.
    ///
    /// # Errors
    /// When it has no words, a quote has no end, or nobody pays.
    pub fn new(
        text: &str,
        source: &str,
        fee_cap: Tez,
        burn_cap: Tez,
    ) -> Result<Self, CommandError> {
        let words = split(text)?;
        if source.is_empty() || source.starts_with('-') || source.contains(char::is_control) {
            return Err(CommandError::Source("expected an account as octez-client calls it"));
        }
        Ok(Self { words, source: source.to_owned(), fee_cap, burn_cap })
    }

    /// The most that an execution costs.
    #[must_use]
    pub fn cap(&self) -> Tez {
        self.fee_cap.plus(self.burn_cap)
    }

    /// The program that is run.
    #[must_use]
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// What is run, and with which arguments.
    ///
    /// # Errors
    /// When the proof is too long for an argument.
    pub fn line(&self, rollup: &str, proof: &Proof) -> Result<Vec<String>, TooLongProof> {
        let digits = format!("0x{}", proof.proof);
        if digits.len() > MAX_ARGUMENT_BYTES {
            return Err(TooLongProof(digits.len()));
        }
        let mut line = self.words.clone();
        let fixed = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        line.extend(fixed("execute outbox message of smart rollup"));
        line.push(rollup.to_owned());
        line.push("from".to_owned());
        line.push(self.source.clone());
        line.extend(fixed("for commitment hash"));
        line.push(proof.commitment.clone());
        line.extend(fixed("and output proof"));
        line.push(digits);
        for (option, cap) in [("--fee-cap", self.fee_cap), ("--burn-cap", self.burn_cap)] {
            line.extend([option.to_owned(), cap.to_string()]);
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str, source: &str) -> Result<Command, CommandError> {
        Command::new(text, source, Tez::of_mutez(50_000), Tez::of_mutez(1_000_000))
    }

    #[test]
    fn the_line_is_octez_clients_and_its_costs_are_capped() {
        let command = command("octez-client --endpoint 'http://a b'", "me; rm -rf /").unwrap();
        assert_eq!(command.cap(), Tez::of_mutez(1_050_000));
        let proof = Proof { commitment: "src1x".to_owned(), proof: "03ab".to_owned() };
        let line = command.line("sr1y", &proof).unwrap();
        let expected = [
            "octez-client",
            "--endpoint",
            "http://a b",
            "execute",
            "outbox",
            "message",
            "of",
            "smart",
            "rollup",
            "sr1y",
            "from",
            "me; rm -rf /",
            "for",
            "commitment",
            "hash",
            "src1x",
            "and",
            "output",
            "proof",
            "0x03ab",
            "--fee-cap",
            "0.05",
            "--burn-cap",
            "1",
        ];
        assert_eq!(line, expected);
    }

    #[test]
    fn a_proof_has_to_fit_an_argument() {
        let command = command("octez-client", "me").unwrap();
        let of = |digits| Proof { commitment: "src1x".to_owned(), proof: "a".repeat(digits) };
        // The greatest that an operation can have.
        assert!(command.line("sr1y", &of(2 * 32_768)).is_ok());
        assert!(command.line("sr1y", &of(MAX_ARGUMENT_BYTES - 2)).is_ok());
        let long = command.line("sr1y", &of(MAX_ARGUMENT_BYTES - 1));
        assert_eq!(long, Err(TooLongProof(MAX_ARGUMENT_BYTES + 1)));
    }

    #[test]
    fn what_is_no_command() {
        for source in ["", "-x", "a\nb"] {
            assert!(matches!(command("octez-client", source), Err(CommandError::Source(_))));
        }
        assert!(matches!(command(" ", "me"), Err(CommandError::Words(_))));
    }
}
