//! The search for a workload that goes otherwise than the model says, which ends in a scenario file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::generate::workload;
use crate::scenario_writer::scenario;
use crate::workload::Workload;

/// A number of random workloads, the same ones for the same seed.
#[derive(Clone, Debug)]
pub struct Search {
    /// What they are made from.
    pub seed: u8,
    /// How many.
    pub cases: u32,
    /// How many of a hundred begin with a queue.
    pub crowded: u32,
    /// Where the scenario of one that fails is written.
    pub folder: PathBuf,
}

impl Search {
    /// Checks them all. What fails is made as small as it goes and still fails, written as a
    /// scenario, and told.
    pub fn run(&self, check: impl Fn(&Workload) -> Result<(), String>) -> Result<(), String> {
        self.run_over(&workload(self.crowded), check)
    }

    /// The same over workloads of another kind.
    pub fn run_over(
        &self,
        workloads: &impl Strategy<Value = Workload>,
        check: impl Fn(&Workload) -> Result<(), String>,
    ) -> Result<(), String> {
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            // A flood takes seconds, so minutes are enough to make it small.
            max_shrink_iters: 400,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[self.seed; 32]);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let outcome =
            runner.run(workloads, |workload| check(&workload).map_err(TestCaseError::fail));
        match outcome {
            Ok(()) => Ok(()),
            Err(TestError::Abort(reason)) => Err(reason.to_string()),
            Err(TestError::Fail(reason, workload)) => {
                Err(self.told(&reason.to_string(), &workload))
            }
        }
    }

    fn told(&self, reason: &str, workload: &Workload) -> String {
        let name = format!("model-{}", self.seed);
        let file = match written(&self.folder, &name, workload) {
            Ok(path) => format!("to play it: toru test {}", path.display()),
            Err(error) => format!("the scenario could not be written: {error}"),
        };
        let text = scenario(&name, workload);
        format!("{reason}\n\n{file}\n\n{text}\nfor a_workload_by_hand:\n{workload:?}")
    }
}

/// Writes the scenario of a workload into a folder.
pub fn written(folder: &Path, name: &str, workload: &Workload) -> io::Result<PathBuf> {
    let path = folder.join(format!("{name}.yaml"));
    fs::create_dir_all(folder)?;
    fs::write(&path, scenario(name, workload))?;
    Ok(path)
}
