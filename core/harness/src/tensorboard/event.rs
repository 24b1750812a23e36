//! The messages of an event file: what is needed of TensorFlow's `event.proto` and `summary.proto`.

use std::time::Duration;

use ch11_core::metrics::Histogram;

/// Something that happened in a fit.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Event {
    /// When, in seconds since 1970.
    #[prost(double, tag = "1")]
    pub(super) wall_time: f64,
    /// In which epoch.
    #[prost(int64, tag = "2")]
    pub(super) step: i64,
    #[prost(oneof = "What", tags = "3, 5")]
    what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum What {
    /// The version of the format, in the first event.
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Value>,
}

/// A number or an image, under a name.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Value {
    /// The name; what stands before a slash is the chart's group.
    #[prost(string, tag = "1")]
    pub(super) tag: String,
    #[prost(oneof = "Kind", tags = "2, 4, 5, 8")]
    kind: Option<Kind>,
    #[prost(message, optional, tag = "9")]
    metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(float, tag = "2")]
    SimpleValue(f32),
    #[prost(message, tag = "4")]
    Image(Image),
    #[prost(message, tag = "5")]
    Histogram(HistogramProto),
    #[prost(message, tag = "8")]
    Tensor(Tensor),
}

#[derive(Clone, PartialEq, prost::Message)]
struct HistogramProto {
    #[prost(double, tag = "1")]
    min: f64,
    #[prost(double, tag = "2")]
    max: f64,
    /// How many values there are.
    #[prost(double, tag = "3")]
    count: f64,
    #[prost(double, tag = "4")]
    sum: f64,
    #[prost(double, tag = "5")]
    sum_of_squares: f64,
    /// The upper limit of each bucket.
    #[prost(double, repeated, tag = "6")]
    limits: Vec<f64>,
    #[prost(double, repeated, tag = "7")]
    counts: Vec<f64>,
}

/// Which plugin a value is for, and what the plugin is to know.
#[derive(Clone, PartialEq, prost::Message)]
struct Metadata {
    #[prost(message, optional, tag = "1")]
    plugin: Option<Plugin>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Plugin {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bytes = "vec", tag = "2")]
    contents: Vec<u8>,
}

/// One number, in the place of a value whose metadata say all.
#[derive(Clone, PartialEq, prost::Message)]
struct Tensor {
    /// 1, 32-bit floats.
    #[prost(int32, tag = "1")]
    data_type: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<Shape>,
    #[prost(float, repeated, tag = "5")]
    values: Vec<f32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Shape {}

#[derive(Clone, PartialEq, prost::Message)]
struct Image {
    #[prost(int32, tag = "1")]
    height: i32,
    #[prost(int32, tag = "2")]
    width: i32,
    /// 1 for grey.
    #[prost(int32, tag = "3")]
    colorspace: i32,
    #[prost(bytes = "vec", tag = "4")]
    png: Vec<u8>,
}

impl Event {
    /// Makes the event that a file begins with.
    pub(super) fn version(time: Duration) -> Self {
        Self { wall_time: time.as_secs_f64(), step: 0, what: Some(What::FileVersion("brain.Event:2".to_owned())) }
    }

    /// Makes the event of an epoch.
    pub(super) fn summary(time: Duration, epoch: usize, values: Vec<Value>) -> Self {
        let step = i64::try_from(epoch).unwrap_or(i64::MAX);
        Self { wall_time: time.as_secs_f64(), step, what: Some(What::Summary(Summary { values })) }
    }
}

impl Value {
    /// Makes a point of a curve.
    pub(super) fn scalar(tag: &str, value: f64) -> Self {
        Self { tag: tag.to_owned(), kind: Some(Kind::SimpleValue(value as f32)), metadata: None }
    }

    /// Makes a value for a plugin, which reads `contents`.
    pub(super) fn of_plugin(tag: String, plugin: &str, contents: Vec<u8>) -> Self {
        let metadata = Metadata { plugin: Some(Plugin { name: plugin.to_owned(), contents }) };
        let tensor = Tensor { data_type: 1, shape: Some(Shape {}), values: vec![0.0] };
        Self { tag, kind: Some(Kind::Tensor(tensor)), metadata: Some(metadata) }
    }

    /// Makes a histogram.
    pub(super) fn histogram(tag: String, histogram: &Histogram) -> Self {
        let proto = HistogramProto {
            min: histogram.min,
            max: histogram.max,
            count: histogram.count() as f64,
            sum: histogram.sum,
            sum_of_squares: histogram.sum_of_squares,
            limits: histogram.limits().collect(),
            counts: histogram.counts.iter().map(|&count| count as f64).collect(),
        };
        Self { tag, kind: Some(Kind::Histogram(proto)), metadata: None }
    }

    /// Returns the histogram, if it is one.
    pub(super) fn to_histogram(&self) -> Option<Histogram> {
        let Some(Kind::Histogram(proto)) = &self.kind else { return None };
        let &HistogramProto { min, max, sum, sum_of_squares, ref counts, .. } = proto;
        let counts = counts.iter().map(|&count| count as usize).collect();
        Some(Histogram { min, max, sum, sum_of_squares, counts })
    }

    /// Makes an image of a grey PNG picture.
    pub(super) fn grey_image(tag: String, width: u32, height: u32, png: Vec<u8>) -> Self {
        let [width, height] = [width, height].map(|side| i32::try_from(side).unwrap_or(i32::MAX));
        Self { tag, kind: Some(Kind::Image(Image { height, width, colorspace: 1, png })), metadata: None }
    }
}

impl Event {
    /// Returns the values of a summary.
    pub(super) fn values(&self) -> &[Value] {
        match &self.what {
            Some(What::Summary(summary)) => &summary.values,
            _ => &[],
        }
    }
}

#[cfg(test)]
impl Event {
    pub(super) fn file_version(&self) -> &str {
        match &self.what {
            Some(What::FileVersion(version)) => version,
            _ => "",
        }
    }
}

#[cfg(test)]
impl Value {
    pub(super) fn simple_value(&self) -> Option<f32> {
        match self.kind {
            Some(Kind::SimpleValue(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn png(&self) -> Option<&[u8]> {
        match &self.kind {
            Some(Kind::Image(image)) => Some(&image.png),
            _ => None,
        }
    }
}
