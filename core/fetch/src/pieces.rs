//! What is at an address, piece by piece.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::{Network, Timeouts};

const MOST_REDIRECTS: usize = 5;
const BUFFER_BYTES: usize = 64 * 1024;

/// A piece of what is at an address, in order.
#[derive(Debug)]
pub enum Piece {
    /// The body begins; its length in bytes, if known.
    Start(Option<u64>),
    /// The next bytes of the body.
    Bytes(Vec<u8>),
    /// The body has ended, or failed for this reason.
    End(Result<(), String>),
}

/// Starts to read what is at an address, which ends in an error if it has more than `most_bytes`. Redirects must be to https.
///
/// The thread that reads ends soon after the receiver is dropped, or after a timeout.
///
/// # Errors
/// If no thread can be started. Everything else is told by [`Piece::End`].
pub fn fetch(url: &str, network: &Network, timeouts: Timeouts, most_bytes: u64) -> io::Result<Receiver<Piece>> {
    let (sender, pieces) = mpsc::sync_channel(1);
    let (url, network) = (url.to_owned(), network.clone());
    let send = move |piece| sender.send(piece).is_ok();
    let read = move || {
        let read = send_body(&url, &network, &timeouts, most_bytes, &send);
        send(Piece::End(read));
    };
    thread::Builder::new().spawn(read)?;
    Ok(pieces)
}

/// Sends a body on as long as it is wanted.
fn send_body(
    url: &str,
    network: &Network,
    timeouts: &Timeouts,
    most_bytes: u64,
    send: &dyn Fn(Piece) -> bool,
) -> Result<(), String> {
    let mut answer = answer(url, network, timeouts)?;
    let mut wanted = send(Piece::Start(answer.body().content_length()));
    let mut body = answer.body_mut().with_config().limit(most_bytes).reader();
    while wanted {
        let mut bytes = vec![0; BUFFER_BYTES];
        let count = match body.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.to_string()),
        };
        bytes.truncate(count);
        wanted = send(Piece::Bytes(bytes));
    }
    Ok(())
}

/// Requests an address, and follows redirects, which must be to https.
fn answer(url: &str, network: &Network, timeouts: &Timeouts) -> Result<ureq::http::Response<ureq::Body>, String> {
    let mut url = url.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        let answer = network.agent(&url, timeouts)?.get(&url).call().map_err(|error| error.to_string())?;
        if !answer.status().is_redirection() {
            return Ok(answer);
        }
        let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
        url = match location {
            Some(location) if location.starts_with("https://") => location.to_owned(),
            Some(location) => return Err(format!("redirected to {location}, which is not https")),
            None => return Err("redirected to nowhere".to_owned()),
        };
    }
    Err(format!("redirected more than {MOST_REDIRECTS} times"))
}
