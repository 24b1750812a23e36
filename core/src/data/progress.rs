//! What loading says while it is at work.

/// Hears what happens while digits are loaded: a line now and then, and the progress of downloads.
pub trait Progress {
    /// Takes a line that the user should see: why a source was passed over, which one is used instead.
    fn notice(&self, text: &str);

    /// Hears that a download from `url` starts; `total_bytes` is what the server announced.
    fn download_started(&self, _url: &str, _total_bytes: Option<u64>) {}

    /// Hears that `bytes` more have arrived.
    fn download_advanced(&self, _bytes: u64) {}

    /// Hears that the download has ended, well or not: once for every start.
    fn download_ended(&self) {}
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn notice(&self, _text: &str) {}
}
