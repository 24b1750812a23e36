//! What a part of an exercise found: one value, of which text, JSON and the report are three renderings.

use ch11_core::nets::Summary;
use serde_json::{Map, Value};

use super::verdict::{Comparison, LabelCount, Verdict, method, over_labels};
use super::{Cell, ClassifierView, Curve, Parallel, Picture, Plot, Row};

/// What a part of an exercise found.
///
/// # Example
/// ```
/// use ch11_harness::report::Findings;
///
/// let findings = Findings::new("8e", "Dropout").say("It helps.").remark("Only text has this.").value("rate", 0.1);
/// assert_eq!(findings.to_text(), "8e. It helps.\nOnly text has this.");
/// assert_eq!(findings.to_json().to_string(), r#"{"rate":0.1}"#);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The part, such as `8d`; empty where several parts share the findings.
    pub(super) part: String,
    pub(super) title: String,
    pub(super) network: Option<Summary>,
    pub(super) rows: Vec<Row>,
    pub(super) said: Vec<Said>,
    pub(super) figures: Vec<Figure>,
    pub(super) values: Map<String, Value>,
    pub(super) comparisons: Vec<Comparison>,
}

/// A line below a table.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// Something that was found.
    Sentence(String),
    /// A line for the terminal only: where files are, or what the page shows better.
    Remark(String),
}

/// Something that is shown on the page alone.
#[derive(Debug, Clone)]
pub(super) enum Figure {
    Curves(Vec<Curve>),
    Plots { note: String, plots: Vec<Plot> },
    Parallel { note: String, lines: Parallel },
    Gallery { note: String, pictures: Vec<Picture> },
    Classifier { note: String, view: ClassifierView },
    Sortable { headings: Vec<String>, rows: Vec<Vec<Cell>>, note: String },
    Verdicts { note: String, verdicts: Vec<Verdict> },
}

impl Findings {
    /// Begins the findings of a part, `8d`, under a title.
    pub fn new(part: &str, title: &str) -> Self {
        Self { part: part.to_owned(), title: title.to_owned(), ..Self::default() }
    }

    /// Adds what a network is made of.
    #[must_use]
    pub fn network(self, summary: Summary) -> Self {
        Self { network: Some(summary), ..self }
    }

    /// Adds rows of results.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        let rows: Vec<Row> = rows.into_iter().map(|row| self.own(row)).collect();
        self.rows.extend(rows);
        self
    }

    /// Asks whether `what` helps, which `after` has and `before` has not, if both were trained. The run answers when all its
    /// parts have ended, all questions together.
    ///
    /// Both rows must be from the same seeds, and tested on the same instances.
    #[must_use]
    pub fn compare<'a>(
        mut self,
        what: &str,
        before: impl Into<Option<&'a Row>>,
        after: impl Into<Option<&'a Row>>,
    ) -> Self {
        if let (Some(before), Some(after)) = (before.into(), after.into()) {
            self.comparisons.push(self.comparison(what, before, after));
        }
        self
    }

    /// Asks the same of a subject from one of several numbers of labels; the run also says from which of them it helps. `unit` says what
    /// is counted: `images per digit`.
    #[must_use]
    pub fn compare_from(mut self, subject: &str, (labels, unit): (usize, &str), before: &Row, after: &Row) -> Self {
        let count = LabelCount { subject: subject.to_owned(), labels, unit: unit.to_owned() };
        let counted = if labels == 1 { unit.replacen("s ", " ", 1) } else { unit.to_owned() };
        let comparison = self.comparison(&format!("{subject}, from {labels} {counted},"), before, after);
        self.comparisons.push(Comparison { labels: Some(count), ..comparison });
        self
    }

    fn comparison(&self, what: &str, before: &Row, after: &Row) -> Comparison {
        let [before, after] = [before, after].map(|row| self.own(row.clone()));
        Comparison { part: self.part.clone(), what: what.to_owned(), before, after, labels: None }
    }

    /// Adds the answers to questions of several parts.
    #[must_use]
    pub(crate) fn verdicts(self, verdicts: Vec<Verdict>) -> Self {
        let answers: Vec<String> = verdicts.iter().map(Verdict::sentence).collect();
        let curves: Vec<String> =
            over_labels(&verdicts).into_iter().map(|(part, sentence)| format!("{part}. {sentence}")).collect();
        let note = method(&verdicts);
        self.say_each(answers).say_each(curves).remark(note.clone()).figure(Figure::Verdicts { note, verdicts })
    }

    /// Sets the reference notebook's accuracy below the last row so far.
    #[must_use]
    pub fn notebook(mut self, accuracy: f64) -> Self {
        if let Some(last) = self.rows.last_mut() {
            last.notebook = Some(accuracy);
        }
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn say(mut self, sentence: impl Into<String>) -> Self {
        self.said.push(Said::Sentence(sentence.into()));
        self
    }

    /// Adds sentences.
    #[must_use]
    pub fn say_each(self, sentences: impl IntoIterator<Item = String>) -> Self {
        sentences.into_iter().fold(self, Self::say)
    }

    /// Adds a line that only text has.
    #[must_use]
    pub fn remark(mut self, line: impl Into<String>) -> Self {
        self.said.push(Said::Remark(line.into()));
        self
    }

    /// Adds the learning curves of the rows so far.
    #[must_use]
    pub fn curves(self) -> Self {
        let curves = self.rows.iter().map(|row| row.curve.clone()).collect();
        self.figure(Figure::Curves(curves))
    }

    /// Adds the learning curves of these rows.
    #[must_use]
    pub fn curves_of<'a>(self, rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let trained = rows.into_iter().filter(|row| !row.curve.history.is_empty());
        let curves = trained.map(|row| row.curve.clone()).collect();
        self.figure(Figure::Curves(curves))
    }

    /// Adds plots beside each other, over a line that says what they show.
    #[must_use]
    pub fn plots(self, note: &str, plots: Vec<Plot>) -> Self {
        self.figure(Figure::Plots { note: note.to_owned(), plots })
    }

    /// Adds lines through upright axes, over a line that says what they show.
    #[must_use]
    pub fn parallel(self, note: &str, lines: Parallel) -> Self {
        self.figure(Figure::Parallel { note: note.to_owned(), lines })
    }

    /// Adds pictures with captions, over a line that says what they are.
    #[must_use]
    pub fn gallery(self, note: &str, pictures: Vec<Picture>) -> Self {
        self.figure(Figure::Gallery { note: note.to_owned(), pictures })
    }

    /// Adds what is shown of the network that the title names.
    #[must_use]
    pub fn classifier(self, view: ClassifierView) -> Self {
        self.classifier_of("", view)
    }

    /// Adds what is shown of a network, below a line that says of which.
    #[must_use]
    pub fn classifier_of(self, note: &str, view: ClassifierView) -> Self {
        self.figure(Figure::Classifier { note: note.to_owned(), view })
    }

    /// Adds a table that is sorted by a column when its heading is chosen, and a line below it.
    #[must_use]
    pub fn sortable(self, headings: Vec<String>, rows: Vec<Vec<Cell>>, note: &str) -> Self {
        self.figure(Figure::Sortable { headings, rows, note: note.to_owned() })
    }

    /// Adds a value that only JSON has.
    #[must_use]
    pub fn value(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.values.insert(key.to_owned(), value.into());
        self
    }

    /// Adds the members of a JSON object, such as a row's own numbers.
    #[must_use]
    pub fn values(mut self, object: Value) -> Self {
        if let Value::Object(members) = object {
            self.values.extend(members);
        }
        self
    }

    /// Returns the heading: `8d. Batch normalisation`.
    pub fn heading(&self) -> String {
        if self.part.is_empty() { self.title.clone() } else { format!("{}. {}", self.part, self.title) }
    }

    /// Returns the part: `8d`.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// Takes the figures, if there are any, under the same heading.
    pub fn figures_alone(self) -> Option<Self> {
        let Self { part, title, figures, .. } = self;
        (!figures.is_empty()).then(|| Self { part, title, figures, ..Self::default() })
    }

    /// Returns the rows.
    pub fn all_rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns the sentences.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        self.said.iter().filter_map(|said| match said {
            Said::Sentence(sentence) => Some(sentence.as_str()),
            Said::Remark(_) => None,
        })
    }

    /// Writes what was found as text, without the heading.
    pub fn to_text(&self) -> String {
        let line = |said: &Said| match said {
            Said::Sentence(sentence) if !self.part.is_empty() => format!("{}. {sentence}", self.part),
            Said::Sentence(line) | Said::Remark(line) => line.clone(),
        };
        let network = self.network.iter().map(ToString::to_string);
        let table = (!self.rows.is_empty()).then(|| super::table::text(&self.rows));
        let said = self.said.iter().map(line).collect::<Vec<_>>().join("\n");
        network.chain(table).chain(Some(said)).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n\n")
    }

    /// Writes the rows that have a key, and the values, as a JSON object.
    pub fn to_json(&self) -> Value {
        let row = |row: &Row| Some((row.key?.to_owned(), row.to_json()));
        let mut object: Map<String, Value> = self.rows.iter().filter_map(row).collect();
        object.extend(self.values.clone());
        object.into()
    }

    /// Returns what the part asks.
    pub(crate) fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// Returns the letter of the part, `d`.
    pub(crate) fn letter(&self) -> &str {
        letter_of(&self.part)
    }

    /// Makes a row one of this part, unless it is another's.
    fn own(&self, row: Row) -> Row {
        if row.part.is_empty() { Row { part: self.part.clone(), ..row } } else { row }
    }

    fn figure(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }
}

/// Returns the letter of a part, `d` of `8d`.
pub(crate) fn letter_of(part: &str) -> &str {
    part.trim_start_matches(|character: char| character.is_ascii_digit())
}
