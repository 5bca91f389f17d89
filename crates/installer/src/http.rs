//! The one HTTP client: no other file names reqwest's client.

use std::error::Error as _;
use std::io::{self, Read};
use std::time::Duration;

use goshim_resolver::escape::Escaped;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use reqwest::redirect::{self, Policy};
use reqwest::{StatusCode, Url};

use crate::error::Error;
use crate::source::shown;

/// The longest time without a byte, per read and for the answer's head.
const STALL: Duration = Duration::from_secs(30);
/// The longest time until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);
/// The most redirects; go.dev needs one.
const REDIRECTS: usize = 5;
/// The most bytes of an index: ten times the official one.
const INDEX_CAP: u64 = 32 << 20;

/// A client with goshim's limits. Proxies come from the environment, certificates from the system.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
}

/// A body that is being received.
#[derive(Debug)]
pub(crate) struct Body {
    /// `None` where nothing lies behind the offset: the file ends there, or before.
    response: Option<Response>,
    /// Where in the file it begins.
    pub(crate) offset: u64,
}

impl Http {
    /// Builds the client; starts its thread.
    pub(crate) fn new() -> Result<Self, Error> {
        let client = Client::builder()
            .user_agent(concat!("goshim/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(STALL)
            .redirect(Policy::custom(follow))
            .build()
            .map_err(|error| Error::Unreachable {
                url: "anything".to_owned(),
                reason: root_cause(&error),
            })?;
        Ok(Self { client })
    }

    /// The whole of a small text file.
    pub(crate) fn text(&self, url: &Url) -> Result<String, Error> {
        let response = self.send(url, 0)?;
        let mut text = String::new();
        let read = response.take(INDEX_CAP).read_to_string(&mut text);
        read.map_err(|error| Error::Unreachable {
            url: shown(url),
            reason: io_cause(&error),
        })?;
        Ok(text)
    }

    /// The body of a file from `offset` on; the server may ignore the offset, see [`Body::offset`].
    pub(crate) fn body(&self, url: &Url, offset: u64) -> Result<Body, Error> {
        let response = self.send(url, offset)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            return Ok(Body {
                response: None,
                offset,
            });
        }
        let is_page = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if is_page {
            return Err(Error::Answer {
                url: shown(url),
                what: "a web page instead of a file".to_owned(),
            });
        }
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let expected = format!("bytes {offset}-");
            let range = response
                .headers()
                .get(CONTENT_RANGE)
                .is_some_and(|range| range.as_bytes().starts_with(expected.as_bytes()));
            if !range {
                return Err(Error::Answer {
                    url: shown(url),
                    what: "another part of the file than was asked for".to_owned(),
                });
            }
            return Ok(Body {
                response: Some(response),
                offset,
            });
        }
        Ok(Body {
            response: Some(response),
            offset: 0,
        })
    }

    fn send(&self, url: &Url, offset: u64) -> Result<Response, Error> {
        tracing::debug!(url = shown(url), offset, "GET");
        let mut request = self.client.get(url.clone());
        if offset > 0 {
            request = request.header(RANGE, format!("bytes={offset}-"));
        }
        let response = request.send().map_err(|error| Error::Unreachable {
            url: shown(url),
            reason: root_cause(&error),
        })?;
        let status = response.status();
        tracing::debug!(%status, length = ?response.headers().get(CONTENT_LENGTH), "answer");
        let is_end = offset > 0 && status == StatusCode::RANGE_NOT_SATISFIABLE;
        if status.is_success() || is_end {
            Ok(response)
        } else {
            Err(Error::Answer {
                url: shown(url),
                what: format!("status {status}"),
            })
        }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.response
            .as_mut()
            .map_or(Ok(0), |response| response.read(buffer))
    }
}

/// At most five redirects, and never from https to http.
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let is_downgrade = attempt
        .previous()
        .last()
        .is_some_and(|from| from.scheme() == "https")
        && attempt.url().scheme() != "https";
    if is_downgrade {
        attempt.error("it redirects from https to http")
    } else if attempt.previous().len() > REDIRECTS {
        attempt.error("it redirects too often")
    } else {
        attempt.follow()
    }
}

/// The innermost reason: the outer ones only repeat the address, which may have credentials.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
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

/// The reason of a failed read.
pub(crate) fn io_cause(error: &io::Error) -> String {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<reqwest::Error>())
    {
        Some(error) => root_cause(error),
        None => Escaped(&error.to_string()).to_string(),
    }
}
