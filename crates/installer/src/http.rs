//! The one HTTP client: no other file names reqwest's client.

use std::error::Error as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use goshim_resolver::Env;
use goshim_resolver::escape::Escaped;
use goshim_resolver::settings::Config;
use reqwest::blocking::{Client, Response};
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    IF_NONE_MATCH, LOCATION, RANGE, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Certificate, StatusCode, Url};

use crate::dns;
use crate::error::Error;
use crate::limits::Limits;
use crate::netrc::Netrc;
use crate::source::shown;
use crate::threads;

/// The most redirects; go.dev needs one.
const REDIRECTS: usize = 5;
/// The most bytes of an index: ten times the official one.
pub(crate) const INDEX_CAP: u64 = 32 << 20;
/// The pause before the first new try of a failed request; it doubles.
const PAUSE: Duration = Duration::from_millis(300);
/// The longest pause that a server may ask for with Retry-After; who asks for more is left alone.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A client with goshim's limits. Proxies come from the environment, certificates from the system and the user.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    limits: Limits,
    netrc: Netrc,
}

/// A small text file as it was fetched.
pub(crate) enum Fetched {
    /// The server still has what the caller has.
    Unchanged,
    /// The text, and the server's name for this state of it.
    Text {
        /// All of it.
        text: String,
        /// The header `ETag`.
        etag: Option<String>,
    },
}

/// A body that is being received.
#[derive(Debug)]
pub(crate) struct Body {
    /// `None` where nothing lies behind the offset: the file ends there, or before.
    response: Option<Response>,
    /// Where in the file it begins.
    pub(crate) offset: u64,
    /// The length of the whole file, where the server says so.
    pub(crate) total: Option<u64>,
    pace: Pace,
}

impl Http {
    /// Builds the client; starts its thread.
    ///
    /// # Errors
    /// Where a limit or the file of certificates is not what it should be.
    pub(crate) fn new(env: &Env, config: &Config, limits: Limits) -> Result<Self, Error> {
        let mut builder = Client::builder()
            .user_agent(concat!("goshim/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            // In the blocking client this is the limit of each wait: for the head of an answer, and for each read of its body.
            .timeout(limits.stall)
            // The address of the last server is no business of the next one.
            .referer(false)
            .dns_resolver(Arc::new(dns::System))
            // Followed here: reqwest would send the first server's password to the second one if that redirects once more.
            .redirect(Policy::none());
        if let Some((what, file)) = ca_file(env, config) {
            builder = builder.tls_certs_merge(certificates(what, &file)?);
        }
        let client = builder.build().map_err(|error| {
            if let Some(refusal) = threads::refusal_in(&error) {
                return refusal.into();
            }
            Error::Unreachable {
                url: "anything".to_owned(),
                reason: root_cause(&error),
            }
        })?;
        let netrc = Netrc::read(env);
        Ok(Self {
            client,
            limits,
            netrc,
        })
    }

    /// The limits of its connections.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The whole of a small text file, unless the server still has the state that `etag` names. One try.
    pub(crate) fn text(&self, url: &Url, etag: Option<&str>) -> Result<Fetched, Error> {
        let header = etag.map(|etag| (IF_NONE_MATCH, etag.to_owned()));
        let expected: &[StatusCode] = if etag.is_some() {
            &[StatusCode::NOT_MODIFIED]
        } else {
            &[]
        };
        let response = self.send(url, header.as_ref(), expected)?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        let etag = header_text(response.headers(), &ETAG).map(str::to_owned);
        let mut body = Body {
            response: Some(response),
            offset: 0,
            total: None,
            pace: Pace::new(self.limits),
        };
        let mut text = String::new();
        let read = (&mut body).take(INDEX_CAP).read_to_string(&mut text);
        read.map_err(|error| self.broke_off(url, &error))?;
        Ok(Fetched::Text { text, etag })
    }

    /// The body of a file from `offset` on; the server may ignore the offset, see [`Body::offset`]. One try.
    pub(crate) fn body(&self, url: &Url, offset: u64) -> Result<Body, Error> {
        let header = (offset > 0).then(|| (RANGE, format!("bytes={offset}-")));
        let ends: &[StatusCode] = if offset > 0 {
            &[StatusCode::RANGE_NOT_SATISFIABLE]
        } else {
            &[]
        };
        let response = self.send(url, header.as_ref(), ends)?;
        let pace = Pace::new(self.limits);
        let range = header_text(response.headers(), &CONTENT_RANGE);
        // `bytes 10-99/100`, `bytes */100`.
        let total_of_range = range
            .and_then(|range| range.rsplit_once('/'))
            .and_then(|(_, total)| total.parse().ok());
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            return Ok(Body {
                response: None,
                offset,
                total: total_of_range,
                pace,
            });
        }
        let answer = |what: &str| Error::Answer {
            url: shown(url),
            what: what.to_owned(),
        };
        if header_text(response.headers(), &CONTENT_TYPE)
            .is_some_and(|kind| kind.starts_with("text/html"))
        {
            return Err(Error::Page { url: shown(url) });
        }
        // Many servers call a file whose name ends with .gz encoded, and send it as it is; its size and its hash tell whether they did.
        if header_text(response.headers(), &CONTENT_ENCODING).is_some_and(|coding| {
            let names = ["", "identity", "gzip", "x-gzip"];
            !names.iter().any(|name| coding.eq_ignore_ascii_case(name))
        }) {
            return Err(answer("an encoding that was not asked for"));
        }
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let expected = format!("bytes {offset}-");
            if offset == 0 || !range.is_some_and(|range| range.starts_with(&expected)) {
                return Err(answer("another part of the file than was asked for"));
            }
            return Ok(Body {
                offset,
                total: total_of_range,
                response: Some(response),
                pace,
            });
        }
        let total =
            header_text(response.headers(), &CONTENT_LENGTH).and_then(|length| length.parse().ok());
        Ok(Body {
            response: Some(response),
            offset: 0,
            total,
            pace,
        })
    }

    /// Why a body could not be read to its end.
    pub(crate) fn broke_off(&self, url: &Url, error: &io::Error) -> Error {
        let cause = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<reqwest::Error>());
        let reason = match cause {
            Some(cause) if cause.is_timeout() => self.silence(),
            Some(cause) => root_cause(cause),
            None => Escaped(&error.to_string()).to_string(),
        };
        Error::Unreachable {
            url: shown(url),
            reason,
        }
    }

    /// Sends the request, and follows redirects. An answer that is neither a success nor in `expected` is an error.
    fn send(
        &self,
        url: &Url,
        header: Option<&(HeaderName, String)>,
        expected: &[StatusCode],
    ) -> Result<Response, Error> {
        let mut current = url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.send_once(url, &current, header)?;
            let status = response.status();
            if status.is_success() || expected.contains(&status) {
                return Ok(response);
            }
            match header_text(response.headers(), &LOCATION) {
                Some(location) if status.is_redirection() => {
                    current = next_address(url, &current, location)?;
                }
                _ => return Err(refusal(url, &response)),
            }
        }
        Err(Error::Answer {
            url: shown(url),
            what: "too many redirects".to_owned(),
        })
    }

    /// Sends one request for `original` to `current`, which is it or what it led to.
    fn send_once(
        &self,
        original: &Url,
        current: &Url,
        header: Option<&(HeaderName, String)>,
    ) -> Result<Response, Error> {
        tracing::debug!(url = shown(current), ?header, "GET");
        let mut request = self.client.get(current.clone());
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        // A password goes over an encrypted connection only, unless the user wrote it into the address; and to no server but the one
        // that the user named.
        if current.scheme() == "https"
            && current.origin() == original.origin()
            && current.username().is_empty()
            && let Some((name, password)) =
                current.host_str().and_then(|host| self.netrc.login(host))
        {
            request = request.basic_auth(name, password);
        }
        let response = request.send();
        let response = response.map_err(|error| self.failed(original, &error))?;
        tracing::debug!(status = %response.status(), length = ?response.headers().get(CONTENT_LENGTH), "answer");
        Ok(response)
    }

    fn failed(&self, url: &Url, error: &reqwest::Error) -> Error {
        let reason = if error.is_timeout() && error.is_connect() {
            format!("no connection within {}", seconds(self.limits.connect))
        } else if error.is_timeout() {
            self.silence()
        } else {
            root_cause(error)
        };
        Error::Unreachable {
            url: shown(url),
            reason,
        }
    }

    fn silence(&self) -> String {
        format!("no answer for {}", seconds(self.limits.stall))
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(response) = &mut self.response else {
            return Ok(0);
        };
        let started = Instant::now();
        let count = response.read(buffer)?;
        self.pace.count(count, started.elapsed())?;
        Ok(count)
    }
}

/// Measures how fast a body comes. Only the time spent waiting for it counts, not that in which nobody asked for more.
#[derive(Debug)]
struct Pace {
    window: Duration,
    min_rate: u64,
    waited: Duration,
    bytes: u64,
}

impl Pace {
    fn new(limits: Limits) -> Self {
        Self {
            window: limits.window(),
            min_rate: limits.min_rate,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Fails where a whole window brought less than the least rate.
    fn count(&mut self, bytes: usize, waited: Duration) -> io::Result<()> {
        self.bytes += bytes as u64;
        self.waited += waited;
        if bytes == 0 || self.waited < self.window {
            return Ok(());
        }
        let (bytes, waited) = (self.bytes, self.waited);
        self.bytes = 0;
        self.waited = Duration::ZERO;
        let least = u128::from(self.min_rate) * waited.as_millis() / 1000;
        if u128::from(bytes) < least {
            return Err(io::Error::other(format!(
                "it is too slow: {bytes} bytes in {}, and {} a second are the least",
                seconds(waited),
                self.min_rate
            )));
        }
        Ok(())
    }
}

/// How long to wait before the try number `tried` + 1 of what failed with `error`; `None` where trying again is no use.
pub(crate) fn pause_after(error: &Error, tried: u32) -> Option<Duration> {
    // Up to half as much again, so that the clients of a server that failed do not all come back at once.
    let jitter = |pause: Duration| {
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |now| now.subsec_nanos());
        pause + pause.mul_f64(f64::from(nanos % 1000) / 2000.0)
    };
    let back_off = jitter(PAUSE * 2u32.pow(tried.min(6)));
    match error {
        Error::Unreachable { .. } | Error::Length { .. } => Some(back_off),
        Error::Status {
            status: 408 | 425 | 429 | 500..=599,
            retry_after,
            ..
        } => match retry_after {
            Some(pause) if *pause > LONGEST_PAUSE => None,
            pause => Some(pause.unwrap_or_default().max(back_off)),
        },
        _ => None,
    }
}

/// The error for an answer that is no success.
fn refusal(url: &Url, response: &Response) -> Error {
    let seconds = header_text(response.headers(), &RETRY_AFTER)
        .and_then(|seconds| seconds.trim().parse().ok());
    Error::Status {
        url: shown(url),
        status: response.status().as_u16(),
        reason: response.status().canonical_reason().unwrap_or_default(),
        retry_after: seconds.map(Duration::from_secs),
    }
}

/// Where a redirect leads: never from https to http, never to anything but a server. The user's name and password go along only where it
/// leads back to the server that they are for; those in the redirect itself count for nothing.
fn next_address(original: &Url, current: &Url, location: &str) -> Result<Url, Error> {
    let refused = |what: &str| Error::Answer {
        url: shown(original),
        what: what.to_owned(),
    };
    let mut next = current
        .join(location)
        .ok()
        .filter(|next| matches!(next.scheme(), "http" | "https"))
        .ok_or_else(|| refused("a redirect to something that is no http or https address"))?;
    if current.scheme() == "https" && next.scheme() != "https" {
        return Err(refused("a redirect from https to http"));
    }
    let (name, password) = if next.origin() == original.origin() {
        (original.username(), original.password())
    } else {
        ("", None)
    };
    // These fail for addresses without a host alone.
    let _ = next.set_username(name);
    let _ = next.set_password(password);
    Ok(next)
}

/// The file with certificates of further authorities, and who names it: `SSL_CERT_FILE`, else `ca_file`.
fn ca_file(env: &Env, config: &Config) -> Option<(&'static str, PathBuf)> {
    match (env.var("SSL_CERT_FILE"), &config.http.ca_file) {
        (Some(file), _) => Some(("SSL_CERT_FILE", file.into())),
        (None, Some(file)) => Some(("ca_file in config.toml", file.clone())),
        (None, None) => None,
    }
}

fn certificates(what: &'static str, file: &Path) -> Result<Vec<Certificate>, Error> {
    let unusable = |reason: String| Error::Certificates {
        what,
        file: file.to_owned(),
        reason,
    };
    let pem = fs_err::read(file).map_err(|error| {
        // The path is in the message already.
        unusable(error.kind().to_string())
    })?;
    let certificates = Certificate::from_pem_bundle(&pem)
        .map_err(|error| unusable(Escaped(&error.to_string()).to_string()))?;
    if certificates.is_empty() {
        return Err(unusable("no certificate is in it".to_owned()));
    }
    Ok(certificates)
}

fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A duration for people.
fn seconds(duration: Duration) -> String {
    let seconds = (duration.as_secs_f64() * 10.0).round() / 10.0;
    format!("{seconds} s")
}

/// The innermost reason: the outer ones only repeat the address, which may have credentials.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    // An outermost error without a cause would show the address.
    if error.source().is_none() {
        "the request failed".to_owned()
    } else {
        Escaped(&cause.to_string()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> Error {
        Error::Status {
            url: "http://h/".to_owned(),
            status,
            reason: "",
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn what_is_tried_again_and_when() {
        for (code, retry_after, at_least) in [
            (503, None, Some(300)),
            (503, Some(0), Some(300)),
            (503, Some(7), Some(7000)),
            (429, Some(60), Some(60_000)),
            (429, Some(61), None),
            (404, None, None),
            (403, Some(1), None),
            (501, None, Some(300)),
        ] {
            let pause = pause_after(&status(code, retry_after), 0);
            assert_eq!(pause.is_some(), at_least.is_some(), "{code}");
            if let (Some(pause), Some(at_least)) = (pause, at_least) {
                let at_least = Duration::from_millis(at_least);
                assert!(pause >= at_least && pause <= at_least * 3 / 2, "{pause:?}");
            }
        }
        let pause = pause_after(&status(500, None), 3).unwrap();
        assert!(pause >= PAUSE * 8, "{pause:?}");
    }

    #[test]
    fn where_redirects_lead() {
        let url = |text: &str| Url::parse(text).unwrap();
        let original = url("https://u:p@a/dl/f");
        for (current, location, expected) in [
            ("https://u:p@a/dl/f", "g", Some("https://u:p@a/dl/g")),
            ("https://u:p@a/dl/f", "https://b/f", Some("https://b/f")),
            ("https://b/f", "/g", Some("https://b/g")),
            ("https://b/f", "https://a/g", Some("https://u:p@a/g")),
            ("https://b/f", "https://x:y@b/g", Some("https://b/g")),
            (
                "https://u:p@a/dl/f",
                "https://a:444/f",
                Some("https://a:444/f"),
            ),
            ("https://u:p@a/dl/f", "http://a/f", None),
            ("https://b/f", "file:///etc/passwd", None),
            ("https://b/f", "https://", None),
        ] {
            let next = next_address(&original, &url(current), location);
            let next = next.ok().map(|next| next.to_string());
            assert_eq!(next.as_deref(), expected, "{current} {location}");
        }
    }

    #[test]
    fn only_waiting_counts_as_slow() {
        let limits = Limits {
            connect: Duration::ZERO,
            stall: Duration::from_secs(5),
            min_rate: 100,
            retries: 0,
        };
        let mut pace = Pace::new(limits);
        for _ in 0..100 {
            pace.count(1, Duration::ZERO).unwrap();
        }
        pace.count(900, Duration::from_secs(10)).unwrap();
        pace.count(99, Duration::from_secs(9)).unwrap();
        let error = pace.count(1, Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains("100 bytes in 10 s"), "{error}");
        let mut pace = Pace::new(Limits {
            min_rate: 0,
            ..limits
        });
        pace.count(1, Duration::from_hours(1)).unwrap();
    }
}
