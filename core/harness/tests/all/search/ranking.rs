//! Which candidate is best, in a table, in a file and in a report.

use ch11_harness::report::{Findings, Report};

use super::*;

#[test]
fn the_best_comes_first_and_what_diverged_last() {
    let ranking = whole(&search(30, false));
    let means: Vec<_> = ranking.rows().iter().map(|row| row.accuracies().map(|it| it.mean())).collect();
    assert_eq!(means.len(), 30);
    let scored: Vec<f64> = means.iter().flatten().copied().collect();
    assert!(scored.is_sorted_by(|before, after| before >= after), "{scored:?}");
    assert_eq!(means.iter().position(Option::is_none), Some(scored.len()), "{means:?}");
    assert_eq!(scored.len(), 26);
    assert_eq!(ranking.best().unwrap().number, ranking.rows()[0].number);
}

#[test]
fn a_search_in_which_all_diverge_has_no_best() {
    let search = search(2, false);
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(&folder.path().join("search"), &search, None, false);
    for trial in search.next_trials(&journal.records()) {
        journal.add(Record { outcome: Outcome::Diverged { epoch: 1 }, ..run(trial) }).unwrap();
    }
    let ranking = Ranking::new(&search, &journal.records());
    assert_eq!((ranking.rows().len(), ranking.best()), (2, None));
    assert!(ranking.table(10).contains("diverged at epoch 1 of fold 1"), "{}", ranking.table(10));
}

#[test]
fn the_table_and_the_csv_say_what_was_found() {
    let ranking = whole(&search(15, false));
    let table = ranking.table(10);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 11);
    assert!(lines[0].starts_with("rank  width  batch size  learning rate"), "{table}");
    assert!(!table.contains("activation"), "what does not vary has no column: {table}");

    let mut csv = Vec::new();
    ranking.write_csv(&mut csv).unwrap();
    let text = String::from_utf8(csv).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 16);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{text}");
    let column = |name: &str| lines[0].iter().position(|&heading| heading == name).unwrap();
    let best = ranking.best().unwrap();
    assert_eq!(lines[1][column("width")], best.candidate.width.to_string());
    assert_eq!(lines[1][column("accuracy_mean")].parse(), Ok(best.accuracies().unwrap().mean()));
    assert_eq!(lines[15][column("diverged_at_epoch")], "3");
    for (score, samples) in [("accuracy", best.accuracies()), ("loss", best.losses())] {
        for (fold, expected) in samples.unwrap().values.iter().enumerate() {
            assert_eq!(lines[1][column(&format!("{score}_fold_{}", fold + 1))].parse(), Ok(*expected));
        }
        assert_eq!(lines[15][column(&format!("{score}_fold_3"))], "");
    }
}

fn page(search: &Search) -> String {
    let mut report = Report::default();
    report.add(whole(search).show(Findings::new("8c", "Search")));
    report.to_html("Exercise 8", &[])
}

#[test]
fn a_page_shows_the_best_500_candidates_and_says_so() {
    let rates: Vec<f64> = (1..=40).map(|rate| f64::from(rate) / 100.0).collect();
    let space = format!("width = [10, 20, 30, 40, 50]\nbatch_size = [10, 20, 30, 40]\nlearning_rate = {rates:?}");
    let space = Space::from_toml(&space).unwrap();
    let page = page(&Search { space, candidates: number(800), ..search(1, false) });
    assert_eq!(page.matches("<tr>").count(), 1 + 500);
    assert!(page.contains("These are the best 500 of 800 candidates."));
    // A plot against each of three hyper-parameters, lines through all of them, and the best so far.
    assert_eq!(page.matches("<svg ").count(), 5);
    assert!(page.matches("data-name=").count() > 400);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn a_page_of_one_candidate_has_no_empty_figure() {
    let page = page(&search(1, false));
    assert_eq!((page.matches("<tr>").count(), page.matches("<figure").count()), (1 + 1, 0));
}

#[test]
fn the_page_says_what_each_hyper_parameter_explains_unless_candidates_were_trained_unequally_long() {
    let ranking = whole(&search(30, false));
    let influences = ranking.influences();
    assert!(influences.len() > 1, "{influences:?}");
    assert!(influences.iter().all(|it| (0.0..=1.0).contains(&it.share)), "{influences:?}");
    assert!(influences.windows(2).all(|two| two[0].share >= two[1].share), "{influences:?}");
    let findings = ranking.show(Findings::new("8c", "Search"));
    assert_eq!(findings.to_json()["variance_explained"].as_object().unwrap().len(), influences.len());
    assert!(findings.to_text().starts_with("8c. What matters? Alone, the"), "{}", findings.to_text());
    let halved = whole(&search(30, true));
    assert!(halved.influences().is_empty());
    assert!(!page(&search(30, true)).contains("the best so far"), "and nothing is compared along the way");
}
