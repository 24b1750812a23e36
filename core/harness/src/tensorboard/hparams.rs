//! A search for TensorBoard's hparams plugin: what was varied, and each candidate as a run with its values and scores.
//!
//! The messages are those that are needed of the plugin's
//! [`api.proto` and `plugin_data.proto`](https://github.com/tensorflow/tensorboard/tree/master/tensorboard/plugins/hparams).

use std::collections::BTreeMap;
use std::time::Duration;

use prost::Message;
use serde_json::Value as Json;

use super::event::{Event, Value};
use super::{FILE, now, record};
use crate::search::{Ranked, Ranking};

/// The metrics of a candidate: the means over the held-out folds.
const ACCURACY: &str = "held_out/accuracy";
const LOSS: &str = "held_out/loss";

#[derive(Clone, PartialEq, Message)]
pub(super) struct PluginData {
    #[prost(int32, tag = "1")]
    version: i32,
    #[prost(oneof = "Data", tags = "2, 3, 4")]
    data: Option<Data>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Data {
    #[prost(message, tag = "2")]
    Experiment(Experiment),
    #[prost(message, tag = "3")]
    Start(Start),
    #[prost(message, tag = "4")]
    End(End),
}

/// What all runs have in common.
#[derive(Clone, PartialEq, Message)]
struct Experiment {
    #[prost(message, repeated, tag = "4")]
    hyper_parameters: Vec<HyperParameter>,
    #[prost(message, repeated, tag = "5")]
    metrics: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message)]
struct HyperParameter {
    #[prost(string, tag = "1")]
    name: String,
    /// 1, text; 3, a number.
    #[prost(int32, tag = "4")]
    kind: i32,
    /// The values that there are.
    #[prost(message, optional, tag = "5")]
    domain: Option<Domain>,
}

#[derive(Clone, PartialEq, Message)]
struct Domain {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Setting>,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(message, optional, tag = "1")]
    name: Option<MetricName>,
}

#[derive(Clone, PartialEq, Message)]
struct MetricName {
    #[prost(string, tag = "2")]
    tag: String,
}

/// The beginning of a run, with its hyper-parameters.
#[derive(Clone, PartialEq, Message)]
struct Start {
    #[prost(btree_map = "string, message", tag = "1")]
    settings: BTreeMap<String, Setting>,
    #[prost(string, tag = "4")]
    group: String,
    #[prost(double, tag = "5")]
    seconds: f64,
}

#[derive(Clone, PartialEq, Message)]
struct End {
    /// 1, success; 2, failure.
    #[prost(int32, tag = "1")]
    status: i32,
    #[prost(double, tag = "2")]
    seconds: f64,
}

/// The value of a hyper-parameter.
#[derive(Clone, PartialEq, Message)]
struct Setting {
    #[prost(oneof = "Kind", tags = "2, 3")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(double, tag = "2")]
    Number(f64),
    #[prost(string, tag = "3")]
    Text(String),
}

/// Makes the event files of a search: one that says what was varied, and one per candidate, in a folder of its number.
/// Returns the path of each below the folder that is for them.
pub(crate) fn candidates(ranking: &Ranking) -> Vec<(String, Vec<u8>)> {
    let time = now();
    let all = (FILE.to_owned(), file(time, vec![Data::Experiment(experiment(ranking)).value("experiment")]));
    let own = ranking.rows().iter().map(|row| (format!("{:03}/{FILE}", row.number), file(time, of_run(row, time))));
    std::iter::once(all).chain(own).collect()
}

fn file(time: Duration, values: Vec<Value>) -> Vec<u8> {
    let mut file = Vec::new();
    record::append(&mut file, &Event::version(time));
    record::append(&mut file, &Event::summary(time, 0, values));
    file
}

fn experiment(ranking: &Ranking) -> Experiment {
    let mut domains: BTreeMap<String, Vec<Setting>> = BTreeMap::new();
    for (name, value) in ranking.rows().iter().flat_map(settings) {
        let values = domains.entry(name).or_default();
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let hyper_parameter = |(name, values): (String, Vec<Setting>)| HyperParameter {
        name,
        kind: if values.iter().any(|it| matches!(it.kind, Some(Kind::Text(_)))) { 1 } else { 3 },
        domain: Some(Domain { values }),
    };
    let metric = |tag: &str| Metric { name: Some(MetricName { tag: tag.to_owned() }) };
    Experiment {
        hyper_parameters: domains.into_iter().map(hyper_parameter).collect(),
        metrics: [ACCURACY, LOSS].map(metric).to_vec(),
    }
}

fn of_run(row: &Ranked, ended: Duration) -> Vec<Value> {
    let scores = row.accuracies().zip(row.losses());
    let start = Start {
        settings: settings(row).into_iter().collect(),
        group: row.number.to_string(),
        seconds: ended.as_secs_f64() - row.seconds(),
    };
    let end = End { status: if scores.is_some() { 1 } else { 2 }, seconds: ended.as_secs_f64() };
    let mut values = vec![Data::Start(start).value("session_start_info"), Data::End(end).value("session_end_info")];
    if let Some((accuracies, losses)) = scores {
        values.extend([Value::scalar(ACCURACY, accuracies.mean()), Value::scalar(LOSS, losses.mean())]);
    }
    values
}

/// Returns the hyper-parameters of a candidate by name, without those that it leaves out.
fn settings(row: &Ranked) -> Vec<(String, Setting)> {
    let Json::Object(members) = row.candidate.to_json() else { return Vec::new() };
    let setting = |(name, value): (String, Json)| {
        let kind = match value {
            Json::Number(number) => Kind::Number(number.as_f64()?),
            Json::String(text) => Kind::Text(text),
            _ => return None,
        };
        Some((name, Setting { kind: Some(kind) }))
    };
    members.into_iter().filter_map(setting).collect()
}

impl Data {
    fn value(self, what: &str) -> Value {
        let contents = PluginData { version: 0, data: Some(self) }.encode_to_vec();
        Value::of_plugin(format!("_hparams_/{what}"), "hparams", contents)
    }
}
