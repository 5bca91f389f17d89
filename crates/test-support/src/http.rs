//! The little of HTTP/1.1 that servers of tests need.

use std::io::{self, BufRead, BufReader, Read};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `HEAD`, …
    pub method: String,
    /// The path, decoded: `/dl/go1.22.10.linux-amd64.tar.gz`.
    pub path: String,
    /// What follows the `?`, or nothing.
    pub query: String,
    /// The Range header, e.g. `bytes=100-`.
    pub range: Option<String>,
    /// All headers; the names are in lower case.
    pub headers: Vec<(String, String)>,
}

/// `None` when the connection ends before a request does, or what arrives is none.
pub(crate) fn read_request(stream: impl Read) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream.take(64 * 1024));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: decode(path),
        query: query.to_owned(),
        range: None,
        headers: Vec::new(),
    };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request
            .headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    request.range = request.header("range").map(str::to_owned);
    Ok(Some(request))
}

impl Request {
    /// The value of a header, whose name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value)
    }
}

/// Undoes percent-encoding.
fn decode(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a request asks for of a content.
pub(crate) enum Range {
    /// All of it.
    Whole,
    /// The first byte and the number of bytes, at least one.
    Part(u64, u64),
    /// What lies behind its end.
    Unsatisfiable,
}

/// What a Range header asks of a content of `size` bytes. What is not understood, and several ranges at once, count as
/// no range, as RFC 9110 has it.
pub(crate) fn parse_range(header: &str, size: u64) -> Range {
    let Some((first, last)) = header
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Range::Whole;
    };
    let Ok(first) = first.parse::<u64>() else {
        return Range::Whole;
    };
    let last = match last {
        "" => u64::MAX,
        last => match last.parse() {
            Ok(last) if last >= first => last,
            _ => return Range::Whole,
        },
    };
    if first >= size {
        return Range::Unsatisfiable;
    }
    Range::Part(first, last.min(size - 1) - first + 1)
}

/// The words for a status.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        304 => "Not Modified",
        404 => "Not Found",
        405 => "Method Not Allowed",
        416 => "Range Not Satisfiable",
        _ => "Fault",
    }
}
