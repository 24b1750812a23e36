//! What journals say of the processors that fits ran on.

use ch11_harness::search::Processor;

use super::*;

#[test]
fn fits_from_processors_that_round_differently_are_said_to_be() {
    let search = search(4, false);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let (journal, _) = open(&path, &search, None, false);
    let trials = search.next_trials(&journal.records());
    let on = |processor, trial: &Trial| journal.add(Record { processor, ..run(*trial) }).unwrap();
    // Earlier versions did not say.
    trials[..2].iter().for_each(|trial| on(None, trial));
    trials[2..9].iter().for_each(|trial| on(Some(Processor::X86Fused), trial));
    assert_eq!(journal.records().mixture(), None);
    trials[9..].iter().for_each(|trial| on(Some(Processor::X86), trial));
    drop(journal);
    let mixture = open(&path, &search, None, true).0.records().mixture().unwrap();
    assert!(mixture.contains("7 on x86-64 with fused multiply-adds, 3 on x86-64 without"), "{mixture}");
}
