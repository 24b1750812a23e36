//! What loading says while it is at work.

/// Hears what happens while digits are loaded: a line now and then, and the progress of downloads. Says when that is to end early.
pub trait Progress: Sync {
    /// Takes a line that the user should see: why a source was passed over, which one is used instead.
    fn notice(&self, text: &str);

    /// Hears that a download from `url` starts; `total_bytes` is what the server announced.
    fn download_started(&self, _url: &str, _total_bytes: Option<u64>) {}

    /// Hears that `bytes` more have arrived.
    fn download_advanced(&self, _bytes: u64) {}

    /// Hears that the download has ended, well or not: once for every start.
    fn download_ended(&self) {}

    /// Tells whether loading is to end early, with [`Error::Stopped`](crate::Error::Stopped); asked again and again.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// Says nothing, and loads to the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn notice(&self, _text: &str) {}
}
