//! Progress reports while digits are loaded.

/// Receives progress reports while digits are loaded, and may stop that.
pub trait Progress: Sync {
    /// Shows a line to the user: why a source was skipped, and which one is used instead.
    fn notice(&self, text: &str);

    /// Called when a download from `url` starts; `total_bytes` is the length that the server announced.
    fn download_started(&self, _url: &str, _total_bytes: Option<u64>) {}

    /// Called when `bytes` more have arrived.
    fn download_advanced(&self, _bytes: u64) {}

    /// Called once when a download that has started ends, successfully or not.
    fn download_ended(&self) {}

    /// Returns whether loading should stop, with [`Error::Stopped`](crate::Error::Stopped); called again and again.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// Shows nothing, and never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn notice(&self, _text: &str) {}
}
