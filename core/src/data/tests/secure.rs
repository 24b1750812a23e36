//! Certificates and proxies.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use base64::Engine;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection};
use tempfile::tempdir;

use super::fixtures::{GZIPPED, Heard, places, request};
use super::mirror::{Answer, files_in, load, serve};
use crate::Result;
use crate::data::load::load_from;
use crate::data::places::Places;
use crate::data::{Choice, Digits, Request, Source};
use ch11_fetch::Network;

/// A mirror over TLS, whose certificate it has signed itself; `true` comes of the thread if it was asked for something.
fn self_signed_mirror() -> (String, thread::JoinHandle<bool>) {
    let key = PrivatePkcs8KeyDer::from(include_bytes!("certificate/key.der").as_slice());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CERTIFICATE.into()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mirror = format!("https://{}/", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = listener.accept().unwrap().0;
        let mut tls = rustls::Stream::new(&mut session, &mut stream);
        tls.read(&mut [0]).is_ok_and(|bytes| bytes > 0)
    });
    (mirror, asked)
}

const CERTIFICATE: &[u8] = include_bytes!("certificate/self-signed.der");

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (mirror, asked) = self_signed_mirror();
    let cache = tempdir().unwrap();
    let error = load(Choice::Mnist, cache.path(), &[&mirror], &Heard::default()).unwrap_err().to_string();
    assert!(error.contains("certificate") && error.contains("UnknownIssuer"), "{error}");
    assert!(!asked.join().unwrap(), "the client asked for something");
    assert_eq!(files_in(cache.path()), [""; 0]);
}

/// Loads with what the environment says of the network.
fn load_by(variables: &[(&str, &str)], mirror: &str) -> Result<Digits> {
    let network =
        Network::new(|name| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned()));
    let cache = tempdir().unwrap();
    let places = Places { mirrors: vec![mirror.to_owned()], network, ..places(cache.path()) };
    load_from(&places, &Request { choice: Choice::Mnist, ..request() }, &Heard::default())
}

#[test]
fn an_authority_of_ones_own_is_trusted_if_the_environment_names_it() {
    let pem = base64::engine::general_purpose::STANDARD.encode(CERTIFICATE);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    let folder = tempdir().unwrap();
    let file = folder.path().join("own.pem");
    fs::write(&file, pem).unwrap();
    let [file, folder] = [&file, folder.path()].map(|path| path.to_str().unwrap());
    for variable in [("SSL_CERT_FILE", file), ("CURL_CA_BUNDLE", file), ("SSL_CERT_DIR", folder)] {
        let (mirror, asked) = self_signed_mirror();
        load_by(&[variable], &mirror).unwrap_err();
        assert!(asked.join().unwrap(), "{variable:?}: the client did not trust it");
    }
}

/// Speaks SOCKS 5 on a connection up to where the other side begins to speak itself, and returns the host that it asked
/// for.
fn socks(stream: &mut TcpStream) -> String {
    let mut read = |bytes: usize| {
        let mut buffer = vec![0; bytes];
        stream.read_exact(&mut buffer).unwrap();
        buffer
    };
    let greeting = read(2);
    read(greeting[1].into());
    stream.write_all(&[5, 0]).unwrap();
    let mut read = |bytes: usize| {
        let mut buffer = vec![0; bytes];
        stream.read_exact(&mut buffer).unwrap();
        buffer
    };
    let request = read(5);
    assert_eq!(request[..4], [5, 1, 0, 3], "a host by its name");
    let host = read(request[4].into());
    read(2);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    String::from_utf8(host).unwrap()
}

#[test]
fn a_proxy_that_speaks_socks_is_used() {
    LazyLock::force(&GZIPPED);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("socks5h://{}", proxy.local_addr().unwrap());
    thread::spawn(move || {
        for stream in proxy.incoming() {
            let mut stream = stream.unwrap();
            assert_eq!(socks(&mut stream), "mirror.invalid");
            serve(stream, &|index| Answer::Whole(GZIPPED[index].clone()), &Mutex::default());
        }
    });
    let digits = load_by(&[("ALL_PROXY", &address)], "http://mirror.invalid/").unwrap();
    assert_eq!(digits.source, Source::Mnist);
}
