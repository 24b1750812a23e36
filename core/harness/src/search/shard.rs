//! One process's share of many fits.

use std::env;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// What schedulers tell a task of an array about itself: its index, which is from 0 in this program's arrays.
const INDICES: [&str; 3] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"];

/// What stands in the place of the number if the scheduler knows it.
const TASK: &str = "task";

/// A process's share of many fits, as in `2/5`: the second of five takes every fifth fit, from the second on.
///
/// `task/5` is the share of the task that a scheduler has started this process for. Its index, from 0, is in
/// `SLURM_ARRAY_TASK_ID`, `JOB_COMPLETION_INDEX` or `AWS_BATCH_JOB_ARRAY_INDEX`; task 1 takes share `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

impl Shard {
    /// The share of a process that has the whole to itself.
    pub(super) const ONLY: Self = Self { index: 0, of: 1 };

    /// Returns the first `most` of as many shares as there are.
    pub(super) fn all(of: usize, most: usize) -> impl Iterator<Item = Self> {
        (0..of.min(most)).map(move |index| Self { index, of })
    }

    /// Returns how many shares there are.
    pub fn count(self) -> usize {
        self.of
    }

    /// Returns whether the fit of a number, from 0, belongs to this share.
    pub fn takes(self, fit: usize) -> bool {
        fit % self.of == self.index
    }

    /// Returns the share that `I/N` or `task/N` names; `variable` looks up the environment.
    fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let form = || "expected the number of a share and how many there are, as in 2/5, or task/5".to_owned();
        let (share, of) = text.split_once('/').ok_or_else(form)?;
        let of: usize = of.parse().map_err(|_: ParseIntError| form())?;
        if share == TASK {
            return Self::of_task(of, variable);
        }
        match share.parse() {
            Ok(number) if (1..=of).contains(&number) => Ok(Self { index: number - 1, of }),
            Ok(number) if of > 0 => Err(format!("found share {number}, expected one from 1 to {of}")),
            _ => Err(form()),
        }
    }

    fn of_task(of: usize, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        if of == 0 {
            return Err(format!("expected at least one share, found {TASK}/0"));
        }
        let example = format!("write the number of the share, as in {of}/{of}");
        let set: Vec<(&str, String)> = INDICES.iter().filter_map(|&name| Some((name, variable(name)?))).collect();
        match set.as_slice() {
            [] => Err(format!("task: found none of {}; {example}", INDICES.join(", "))),
            [(name, value)] => match value.parse() {
                Ok(index) if index < of => Ok(Self { index, of }),
                _ => Err(format!("{name}: found {value:?}, expected a number from 0 to {}", of - 1)),
            },
            [(one, _), (other, _), ..] => Err(format!("task: found both {one} and {other}; {example}")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text, |name| Some(env::var_os(name)?.to_string_lossy().into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, environment: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| Some(environment.iter().find(|(it, _)| *it == name)?.1.to_owned());
        Shard::parse(text, variable).map(|shard| shard.to_string())
    }

    #[test]
    fn a_task_takes_the_share_after_its_index_wherever_that_stands() {
        assert_eq!(parsed("2/5", &[("SLURM_ARRAY_TASK_ID", "0")]).unwrap(), "2/5");
        for name in INDICES {
            assert_eq!(parsed("task/5", &[(name, "0")]).unwrap(), "1/5");
            assert_eq!(parsed("task/5", &[(name, "4")]).unwrap(), "5/5");
            assert_eq!(parsed("task/1", &[(name, "0")]).unwrap(), "1/1");
            for beyond in ["5", "-1", "", "one"] {
                let error = parsed("task/5", &[(name, beyond)]).unwrap_err();
                assert_eq!(error, format!("{name}: found {beyond:?}, expected a number from 0 to 4"));
            }
        }
    }

    #[test]
    fn a_share_that_nobody_can_know_is_an_error() {
        assert!(parsed("task/5", &[]).unwrap_err().contains("found none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX"));
        let two = [("SLURM_ARRAY_TASK_ID", "1"), ("JOB_COMPLETION_INDEX", "1")];
        assert!(
            parsed("task/5", &two).unwrap_err().contains("found both SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX")
        );
        assert!(parsed("task/1", &[]).unwrap_err().ends_with("as in 1/1"));
        assert_eq!(parsed("3/1", &[]).unwrap_err(), "found share 3, expected one from 1 to 1");
        assert!(parsed("task/0", &[]).unwrap_err().contains("at least one share"));
        assert!(parsed("task/0", &two[..1]).unwrap_err().contains("at least one share"));
        for wrong in ["", "2", "0/5", "6/5", "a/5", "2/", "2/5/1", "0/0", "task", "task/", "task/x", "-1/5"] {
            assert!(parsed(wrong, &two[..1]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_fit_belongs_to_one_share() {
        for fit in 0..20 {
            assert_eq!(Shard::all(6, 9).filter(|shard| shard.takes(fit)).count(), 1);
        }
    }
}
