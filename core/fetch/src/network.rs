//! Proxies and certificates from the environment: those that curl would use.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use ureq::Proxy;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// The variables that name a proxy for https and http addresses; the first that is set counts. `HTTP_PROXY` is not
/// among them, since a web server sets it for its scripts from a visitor's request.
const HTTPS_PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP_PROXIES: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];
/// The variables that name hosts to connect to directly.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The variables that name a file of certificates, and a folder of such files, to trust instead of the system's.
const CERTIFICATE_FILES: [&str; 2] = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"];
const CERTIFICATE_FOLDERS: [&str; 1] = ["SSL_CERT_DIR"];

/// The system's own certificates and Mozilla's: a system may have none, or outdated ones.
static SYSTEM: LazyLock<Vec<Certificate<'static>>> = LazyLock::new(|| {
    let own = rustls_native_certs::load_native_certs().certs;
    let mozillas = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let der = own.iter().map(AsRef::as_ref).chain(mozillas.map(AsRef::as_ref));
    der.map(|der: &[u8]| Certificate::from_der(der).to_owned()).collect()
});

/// How long reading may take before it is given up.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To reach the host.
    pub connect: Duration,
    /// Between two pieces of the response.
    pub silence: Duration,
    /// For one file, in all.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), silence: Duration::from_secs(20), whole: Duration::from_secs(15 * 60) }
    }
}

/// The environment's variables about the network.
#[derive(Debug, Clone, Default)]
pub struct Network {
    variables: BTreeMap<&'static str, String>,
}

impl Network {
    /// Looks variables up with `value`; an empty one counts as not set.
    pub fn new(value: impl Fn(&str) -> Option<String>) -> Self {
        let names = HTTPS_PROXIES.iter().chain(&HTTP_PROXIES).chain(&EXCEPTIONS);
        let names = names.chain(&CERTIFICATE_FILES).chain(&CERTIFICATE_FOLDERS);
        let said = names.filter_map(|&name| Some((name, value(name).filter(|value| !value.is_empty())?)));
        Self { variables: said.collect() }
    }

    /// Makes an agent that can request an address.
    ///
    /// # Errors
    /// A sentence that names a variable whose value cannot be used.
    pub(crate) fn agent(&self, url: &str, timeouts: &Timeouts) -> Result<ureq::Agent, String> {
        let is_https = url.starts_with("https://");
        let mut config = ureq::Agent::config_builder()
            .https_only(is_https)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(timeouts.connect))
            .timeout_per_read(Some(timeouts.silence))
            .timeout_global(Some(timeouts.whole))
            .proxy(self.proxy(url)?);
        if is_https {
            config = config.tls_config(TlsConfig::builder().root_certs(self.root_certificates()?).build());
        }
        Ok(config.build().new_agent())
    }

    fn first_of(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        names.iter().find_map(|&name| Some((name, self.variables.get(name)?.as_str())))
    }

    /// Returns the proxy for an address, if there is one. This machine itself needs none.
    fn proxy(&self, url: &str) -> Result<Option<Proxy>, String> {
        let Ok(address) = url.parse::<ureq::http::Uri>() else { return Ok(None) };
        let host = address.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let names = if address.scheme_str() == Some("https") { &HTTPS_PROXIES[..] } else { &HTTP_PROXIES[..] };
        let excepted = self.first_of(&EXCEPTIONS).is_some_and(|(_, hosts)| is_among(&host, hosts));
        let Some((name, proxy)) = self.first_of(names).filter(|_| !excepted && !is_this_machine(&host)) else {
            return Ok(None);
        };
        Proxy::new(proxy).map(Some).map_err(|error| {
            format!(
                "{name}: found no proxy's address ({error}), expected one such as http://HOST:PORT or socks5h://HOST:PORT; correct it, or unset it"
            )
        })
    }

    fn root_certificates(&self) -> Result<RootCerts, String> {
        let (file, folder) = (self.first_of(&CERTIFICATE_FILES), self.first_of(&CERTIFICATE_FOLDERS));
        if file.is_none() && folder.is_none() {
            return Ok(RootCerts::new_with_certs(&SYSTEM));
        }
        let mut certificates = Vec::new();
        for (name, place, files) in [
            file.map(|(name, path)| (name, path, vec![PathBuf::from(path)])),
            folder.map(|(name, path)| (name, path, files_in(path))),
        ]
        .into_iter()
        .flatten()
        {
            let before = certificates.len();
            files.iter().for_each(|file| certificates.extend(certificates_in(file)));
            if certificates.len() == before {
                return Err(format!(
                    "{name}: found no certificate in {place}, expected some in PEM form; correct it, or unset it"
                ));
            }
        }
        Ok(RootCerts::new_with_certs(&certificates))
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns whether a host, or a domain that it is in, is on a list such as `localhost, .example.org, 10.0.0.1` or `*`.
fn is_among(host: &str, hosts: &str) -> bool {
    hosts.split([',', ' ']).map(|entry| entry.trim_start_matches('.').to_ascii_lowercase()).any(|entry| {
        let is_in = || host.strip_suffix(&entry).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        entry == "*" || (!entry.is_empty() && is_in())
    })
}

/// Lists the files in folders, which are separated by colons on Unix.
fn files_in(folders: &str) -> Vec<PathBuf> {
    let folders = std::env::split_paths(folders);
    let entries = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

/// Reads the certificates in a file, if there are any.
fn certificates_in(file: &Path) -> Vec<Certificate<'static>> {
    let pem = fs::read(file).unwrap_or_default();
    let items = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    items.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(variables: &[(&str, &str)]) -> Network {
        Network::new(|name| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned()))
    }

    fn proxy(variables: &[(&str, &str)], url: &str) -> Option<String> {
        network(variables).proxy(url).unwrap().map(|proxy| format!("{:?} {}", proxy.protocol(), proxy.host()))
    }

    #[test]
    fn the_proxy_is_the_one_that_curl_takes() {
        let https = "https://mirror.example.org/";
        let both = [("ALL_PROXY", "socks5://one:1080"), ("HTTPS_PROXY", "http://two:3128")];
        assert_eq!(proxy(&both, https).as_deref(), Some("Http two"));
        assert_eq!(proxy(&both[..1], https).as_deref(), Some("Socks5 one"));
        assert_eq!(proxy(&[("https_proxy", "three:8080"), both[1]], https).as_deref(), Some("Http three"));
        assert_eq!(proxy(&[("https_proxy", ""), both[1]], https).as_deref(), Some("Http two"));
        assert_eq!(proxy(&[("all_proxy", "socks5h://one")], https).as_deref(), Some("Socks5h one"));
        let http = "http://mirror.example.org/";
        assert_eq!(proxy(&both, http).as_deref(), Some("Socks5 one"));
        assert_eq!(proxy(&[("HTTP_PROXY", "http://two")], http), None);
        assert_eq!(proxy(&[("http_proxy", "http://two")], http).as_deref(), Some("Http two"));
        for local in ["http://127.0.0.1:80/", "http://localhost/", "http://[::1]:80/"] {
            assert_eq!(proxy(&both, local), None, "{local}");
        }
        for (exceptions, is_direct) in [
            ("mirror.example.org", true),
            ("other.org, .example.org", true),
            ("EXAMPLE.ORG", true),
            ("*", true),
            ("ample.org", false),
            ("", false),
            (",", false),
        ] {
            assert_eq!(proxy(&[both[1], ("no_proxy", exceptions)], https).is_none(), is_direct, "{exceptions}");
        }
    }

    #[test]
    fn a_variable_that_cannot_be_heeded_is_named() {
        let url = "https://mirror.example.org/";
        let agent = |variables: &[(&str, &str)]| network(variables).agent(url, &Timeouts::default()).unwrap_err();
        for (name, value) in [("ALL_PROXY", "quic://one"), ("https_proxy", "http://"), ("HTTPS_PROXY", "http://a b")] {
            let error = agent(&[(name, value)]);
            assert!(error.starts_with(&format!("{name}: ")) && error.contains("expected"), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "no certificate").unwrap();
        for (name, path) in [
            ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
            ("CURL_CA_BUNDLE", empty.to_str().unwrap()),
            ("SSL_CERT_DIR", folder.path().to_str().unwrap()),
        ] {
            let error = agent(&[(name, path)]);
            assert!(error.contains(&format!("{name}: found no certificate in {path}")), "{error}");
        }
    }
}
