//! Playing all vectors of a file.

use crate::kind::{Kind, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;

/// What came of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayResult {
    /// It was played.
    Verdict(Verdict),
    /// It is of a kind, and malformed.
    Malformed {
        /// The kind.
        kind: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// It is of no kind that is known here.
    Unknown {
        /// What it says of itself, or which members it has.
        about: String,
    },
}

/// How many vectors of a kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindCount {
    /// All of them.
    pub all: usize,
    /// Those that are equal.
    pub equal: usize,
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// By kind.
    pub kinds: BTreeMap<&'static str, KindCount>,
    /// The vectors that are not equal, and those that were not or not wholly looked at, by line.
    pub told: Vec<(usize, PlayResult)>,
}

impl FileReport {
    /// Vectors that were played, or should have been.
    #[must_use]
    pub fn all(&self) -> usize {
        self.kinds.values().map(|count| count.all).sum::<usize>() + self.unknown()
    }

    /// Those in which the embedded PVM is equal to the reference.
    #[must_use]
    pub fn equal(&self) -> usize {
        self.kinds.values().map(|count| count.equal).sum()
    }

    /// Those of a kind that is not known here.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.told.iter().filter(|(_, played)| matches!(played, PlayResult::Unknown { .. })).count()
    }
}

/// Plays the vectors of a file, each as the first kind that takes it.
pub fn play(vectors: &[(usize, Value)], kinds: &mut [Box<dyn Kind>]) -> FileReport {
    let mut report = FileReport::default();
    for (line, vector) in vectors {
        // What a file says about itself is no vector.
        if vector.as_object().is_some_and(|members| members.keys().all(|key| key == "about")) {
            continue;
        }
        let Some(kind) = kinds.iter_mut().find(|kind| kind.takes(vector)) else {
            report.told.push((*line, PlayResult::Unknown { about: about(vector) }));
            continue;
        };
        let count = report.kinds.entry(kind.name()).or_default();
        count.all += 1;
        match kind.play(vector) {
            Ok(verdict) => {
                let is_equal = verdict.differences.0.is_empty();
                count.equal += usize::from(is_equal);
                if !is_equal || !verdict.unchecked.is_empty() {
                    report.told.push((*line, PlayResult::Verdict(verdict)));
                }
            }
            Err(problem) => {
                let kind = kind.name();
                report.told.push((*line, PlayResult::Malformed { kind, problem }));
            }
        }
    }
    report
}

/// What can be said of a vector that nobody knows.
fn about(vector: &Value) -> String {
    if let Some(kind) = vector.get("kind").and_then(Value::as_str) {
        return format!("kind {kind:?}");
    }
    let members: Vec<&str> =
        vector.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    format!("members {}", members.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::Differences;
    use serde_json::json;

    /// Takes numbers, of which the even ones are equal; others are malformed.
    struct Even;

    impl Kind for Even {
        fn name(&self) -> &'static str {
            "even"
        }

        fn takes(&self, vector: &Value) -> bool {
            vector.get("number").is_some()
        }

        fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
            let number = vector["number"].as_u64().ok_or("no number")?;
            let mut differences = Differences::default();
            differences.compare("rest", &0, &(number % 2));
            let unchecked = (number == 4).then(|| "its square".to_owned()).into_iter().collect();
            Ok(Verdict { name: number.to_string(), differences, unchecked })
        }
    }

    #[test]
    fn nothing_is_passed_over() {
        let vectors = [
            json!({"about": "numbers"}),
            json!({"number": 2}),
            json!({"number": 3}),
            json!({"number": 4}),
            json!({"number": "five"}),
            json!({"kind": "letter"}),
            json!({"a": 1, "about": "not alone"}),
            json!({}),
        ];
        let vectors: Vec<_> = (1..).zip(vectors).collect();
        let report = play(&vectors, &mut [Box::new(Even)]);
        assert_eq!((report.all(), report.equal(), report.unknown()), (6, 2, 2));
        let lines: Vec<usize> = report.told.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        let unknown = |about: &str| PlayResult::Unknown { about: about.to_owned() };
        assert_eq!(report.told[3].1, unknown("kind \"letter\""));
        assert_eq!(report.told[4].1, unknown("members a, about"));
    }
}
