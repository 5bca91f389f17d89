//! Servers that misbehave: each installation ends within its limits, with one error that says what was wrong or with the right tree; and
//! the next one, from a healthy server, succeeds and asks for nothing that came before.

use std::io::{self, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use goshim_test_support::{Request, Script, host, stand_in};

use crate::support::{GO, RELEASE, Ran, World, gzip};

/// Far more than the limits below add up to: what takes longer hangs.
const HANG: Duration = Duration::from_mins(1);

/// Most of the cases wait most of the time.
const WORKERS: usize = 12;

/// What must become of the installation from the misbehaving server.
#[derive(Clone, Copy)]
enum End {
    /// It fails with this reason.
    Fails(&'static str),
    /// It succeeds in spite of all.
    Succeeds,
}

/// How many bytes of the archive the next installation need not ask for.
#[derive(Clone, Copy)]
enum Kept {
    /// None: the first request is for the whole.
    Nothing,
    /// Half of it.
    Half,
    /// Whatever the part file has, which is something.
    Some,
}

type Answer = dyn Fn(usize, &Request, &mut TcpStream, &[u8]) -> io::Result<()> + Send + Sync;

struct Case {
    name: &'static str,
    answer: Arc<Answer>,
    end: End,
    kept: Kept,
}

fn case(
    name: &'static str,
    end: End,
    kept: Kept,
    answer: impl Fn(usize, &Request, &mut TcpStream, &[u8]) -> io::Result<()> + Send + Sync + 'static,
) -> Case {
    Case {
        name,
        answer: Arc::new(answer),
        end,
        kept,
    }
}

/// A head with these lines, and nothing behind it.
fn head(stream: &mut TcpStream, status: &str, lines: &[&str]) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n")?;
    for line in lines {
        write!(stream, "{line}\r\n")?;
    }
    stream.write_all(b"\r\n")
}

/// A whole answer.
fn full(stream: &mut TcpStream, status: &str, lines: &[&str], body: &[u8]) -> io::Result<()> {
    let length = format!("Content-Length: {}", body.len());
    head(stream, status, &[lines, &[&length]].concat())?;
    stream.write_all(body)
}

fn ok(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    full(
        stream,
        "200 OK",
        &["Content-Type: application/octet-stream"],
        body,
    )
}

/// The first byte that a request asks for.
fn offset(request: &Request) -> usize {
    let range = request.range.as_deref().unwrap_or("bytes=0-");
    let first = range.trim_start_matches("bytes=").trim_end_matches('-');
    first.parse().unwrap()
}

/// The rest of `file` from where the request wants it, as an honest server sends it.
fn rest(stream: &mut TcpStream, request: &Request, file: &[u8]) -> io::Result<()> {
    match offset(request) {
        0 => ok(stream, file),
        offset => {
            let range = format!(
                "Content-Range: bytes {offset}-{}/{}",
                file.len() - 1,
                file.len()
            );
            full(stream, "206 Partial Content", &[&range], &file[offset..])
        }
    }
}

/// The first half of `file` under a head that promises all of it.
fn half(stream: &mut TcpStream, file: &[u8]) -> io::Result<()> {
    let length = format!("Content-Length: {}", file.len());
    head(stream, "200 OK", &[&length])?;
    stream.write_all(&file[..file.len() / 2])
}

fn chunk(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    write!(stream, "{:x}\r\n", bytes.len())?;
    stream.write_all(bytes)?;
    stream.write_all(b"\r\n")
}

const CHUNKED: &str = "Transfer-Encoding: chunked";

/// Longer than every limit below, shorter than [`HANG`].
fn silence() {
    thread::sleep(Duration::from_secs(20));
}

/// What servers do to an archive.
#[expect(clippy::too_many_lines, reason = "a table")]
fn of_archives() -> Vec<Case> {
    use End::{Fails, Succeeds};
    let mut cases = vec![
        case(
            "truncated",
            Fails("cannot fetch"),
            Kept::Half,
            |_, request, stream, file| match offset(request) {
                0 => half(stream, file),
                // Nothing more, ever.
                offset => {
                    let range = format!(
                        "Content-Range: bytes {offset}-{}/{}",
                        file.len() - 1,
                        file.len()
                    );
                    let length = format!("Content-Length: {}", file.len() - offset);
                    head(stream, "206 Partial Content", &[&range, &length])
                }
            },
        ),
        case(
            "truncated once",
            Succeeds,
            Kept::Nothing,
            |number, request, stream, file| match number {
                0 => half(stream, file),
                _ => rest(stream, request, file),
            },
        ),
        case(
            "truncated under a head that fits",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| ok(stream, &file[..file.len() / 2]),
        ),
        case(
            "longer than announced in the index",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| ok(stream, &[file, b"x"].concat()),
        ),
        case(
            "longer, in chunks",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| {
                head(stream, "200 OK", &[CHUNKED])?;
                chunk(stream, file)?;
                chunk(stream, b"more")?;
                chunk(stream, b"")
            },
        ),
        case(
            "never ending",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| {
                head(stream, "200 OK", &[CHUNKED])?;
                loop {
                    chunk(stream, file)?;
                }
            },
        ),
        case(
            "bytes behind the announced length",
            Succeeds,
            Kept::Nothing,
            |_, _, stream, file| {
                ok(stream, file)?;
                stream.write_all(b"behind the end")
            },
        ),
        case(
            "a larger Content-Length than the file",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| {
                let length = format!("Content-Length: {}", file.len() + 1000);
                head(stream, "200 OK", &[&length])?;
                stream.write_all(file)
            },
        ),
        case(
            "changed between ranges",
            Fails("sha256"),
            Kept::Nothing,
            |number, request, stream, file| {
                if number == 0 {
                    return half(stream, file);
                }
                let other: Vec<u8> = file.iter().map(|byte| !byte).collect();
                rest(stream, request, &other)
            },
        ),
        case(
            "changed between ranges, then whole",
            Succeeds,
            Kept::Nothing,
            |number, request, stream, file| {
                let other: Vec<u8> = file.iter().map(|byte| !byte).collect();
                match number {
                    0 => half(stream, file),
                    1 => rest(stream, request, &other),
                    _ => rest(stream, request, file),
                }
            },
        ),
        case(
            "changed its length between ranges",
            Fails("sent"),
            Kept::Half,
            |number, request, stream, file| {
                if number == 0 {
                    return half(stream, file);
                }
                rest(stream, request, &[file, b"longer"].concat())
            },
        ),
        case(
            "the whole file instead of the range",
            Succeeds,
            Kept::Nothing,
            |number, _, stream, file| {
                if number == 0 {
                    half(stream, file)
                } else {
                    ok(stream, file)
                }
            },
        ),
        case(
            "another range than was asked for",
            Fails("another part of the file"),
            Kept::Half,
            |number, _, stream, file| {
                if number == 0 {
                    return half(stream, file);
                }
                let range = format!("Content-Range: bytes 7-{}/{}", file.len() - 1, file.len());
                full(stream, "206 Partial Content", &[&range], &file[7..])
            },
        ),
        case(
            "206 without Content-Range",
            Fails("another part of the file"),
            Kept::Half,
            |number, request, stream, file| {
                if number == 0 {
                    return half(stream, file);
                }
                full(stream, "206 Partial Content", &[], &file[offset(request)..])
            },
        ),
        case(
            "206 where none was asked for",
            Fails("another part of the file"),
            Kept::Nothing,
            |_, _, stream, file| {
                let range = format!("Content-Range: bytes 0-{}/{}", file.len() - 1, file.len());
                full(stream, "206 Partial Content", &[&range], file)
            },
        ),
        case(
            "416 to a range",
            Fails("sent"),
            Kept::Half,
            |number, _, stream, file| {
                if number == 0 {
                    return half(stream, file);
                }
                full(
                    stream,
                    "416 Range Not Satisfiable",
                    &["Content-Range: bytes */10"],
                    b"",
                )
            },
        ),
        case(
            "416 to everything",
            Fails("status 416"),
            Kept::Nothing,
            |_, _, stream, _| full(stream, "416 Range Not Satisfiable", &[], b""),
        ),
        case(
            "a web page with 200",
            Fails("a web page instead of a file"),
            Kept::Nothing,
            |_, _, stream, _| {
                full(
                    stream,
                    "200 OK",
                    &["Content-Type: text/html; charset=utf-8"],
                    b"<html>Sign in</html>",
                )
            },
        ),
        case(
            "a web page as octets",
            Fails("a web page instead of a file"),
            Kept::Nothing,
            |_, _, stream, _| {
                head(
                    stream,
                    "200 OK",
                    &["Content-Type: application/octet-stream", CHUNKED],
                )?;
                chunk(stream, b"\r\n<!DOCTYPE html><html>Sign in</html>")?;
                chunk(stream, b"")
            },
        ),
        case(
            "a redirect to a web page",
            Fails("a web page instead of a file"),
            Kept::Nothing,
            |_, request, stream, _| {
                if request.path == "/login" {
                    return full(
                        stream,
                        "200 OK",
                        &["Content-Type: text/html"],
                        b"<html>Sign in</html>",
                    );
                }
                full(stream, "302 Found", &["Location: /login"], b"")
            },
        ),
        case(
            "a web page in the middle",
            Fails("a web page instead of a file"),
            Kept::Half,
            |number, _, stream, file| {
                if number == 0 {
                    return half(stream, file);
                }
                full(
                    stream,
                    "200 OK",
                    &["Content-Type: text/html"],
                    b"<html>Sign in</html>",
                )
            },
        ),
        case(
            "nothing at all",
            Fails("cannot fetch"),
            Kept::Nothing,
            |_, _, _, _| Ok(()),
        ),
        case(
            "an empty body",
            Fails("sent 0 bytes"),
            Kept::Nothing,
            |_, _, stream, _| ok(stream, b""),
        ),
        case(
            "204 without a body",
            Fails("sent 0 bytes"),
            Kept::Nothing,
            |_, _, stream, _| head(stream, "204 No Content", &[]),
        ),
        case(
            "304 unasked",
            Fails("status 304"),
            Kept::Nothing,
            |_, _, stream, _| head(stream, "304 Not Modified", &[]),
        ),
        case(
            "a body without a length that is cut",
            Fails("sent"),
            Kept::Half,
            |_, _, stream, file| {
                head(stream, "200 OK", &[])?;
                stream.write_all(&file[..file.len() / 2])
            },
        ),
        case(
            "a length that is no number",
            Fails("cannot fetch"),
            Kept::Nothing,
            |_, _, stream, file| {
                head(stream, "200 OK", &["Content-Length: many"])?;
                stream.write_all(file)
            },
        ),
        case(
            "another encoding",
            Fails("an encoding that was not asked for"),
            Kept::Nothing,
            |_, _, stream, file| full(stream, "200 OK", &["Content-Encoding: br"], file),
        ),
        case(
            "gzip on top",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| full(stream, "200 OK", &["Content-Encoding: gzip"], &gzip(file)),
        ),
        case(
            "what the file is, for an encoding",
            Succeeds,
            Kept::Nothing,
            |_, _, stream, file| full(stream, "200 OK", &["Content-Encoding: x-gzip"], file),
        ),
        case(
            "gzip on top, unannounced",
            Fails("sent"),
            Kept::Nothing,
            |_, _, stream, file| ok(stream, &gzip(file)),
        ),
        case(
            "inflated on the way",
            Fails("sha256"),
            Kept::Nothing,
            |_, _, stream, file| {
                // As proxies do that take .gz for an encoding; of the right length, which only chance would give it.
                let mut plain = vec![b'x'; file.len()];
                plain[..5].copy_from_slice(b"go/\0\0");
                ok(stream, &plain)
            },
        ),
        case(
            "one byte flipped",
            Fails("sha256"),
            Kept::Nothing,
            |_, _, stream, file| {
                let mut file = file.to_vec();
                let middle = file.len() / 2;
                file[middle] ^= 1;
                ok(stream, &file)
            },
        ),
        case(
            "garbage in chunks",
            Fails("cannot fetch"),
            Kept::Nothing,
            |_, _, stream, _| {
                head(stream, "200 OK", &[CHUNKED])?;
                stream.write_all(b"zz\r\nnot a chunk\r\n")
            },
        ),
        case(
            "chunks that end early",
            Fails("cannot fetch"),
            Kept::Half,
            |_, _, stream, file| {
                head(stream, "200 OK", &[CHUNKED])?;
                chunk(stream, &file[..file.len() / 2])?;
                stream.write_all(b"100\r\n")
            },
        ),
        case(
            "no HTTP",
            Fails("cannot fetch"),
            Kept::Nothing,
            |_, _, stream, _| stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n"),
        ),
        case(
            "a header bomb",
            Fails("cannot fetch"),
            Kept::Nothing,
            |_, _, stream, _| {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                for number in 0..200_000 {
                    write!(stream, "X-{number}: {}\r\n", "x".repeat(100))?;
                }
                stream.write_all(b"\r\n")
            },
        ),
        case(
            "a header without end",
            Fails("cannot fetch"),
            Kept::Nothing,
            |_, _, stream, _| {
                stream.write_all(b"HTTP/1.1 200 OK\r\nX: ")?;
                loop {
                    stream.write_all(&[b'x'; 4096])?;
                }
            },
        ),
        case(
            "a stall before the head",
            Fails("no answer for 2 s"),
            Kept::Nothing,
            |_, _, _, _| {
                silence();
                Ok(())
            },
        ),
        case(
            "a head that drips",
            Fails("no answer for 2 s"),
            Kept::Nothing,
            |_, _, stream, _| {
                // It is over long after the client's patience.
                let head = [b"HTTP/1.1 200 OK\r\nX: ", &[b'x'; 1000][..]].concat();
                Script::drip(stream, &head, 1, Duration::from_millis(50))
            },
        ),
        case(
            "a stall in the middle",
            Fails("no answer for 2 s"),
            Kept::Half,
            |number, request, stream, file| {
                if number == 0 {
                    half(stream, file)?;
                } else {
                    let range = format!(
                        "Content-Range: bytes {}-{}/{}",
                        offset(request),
                        file.len() - 1,
                        file.len()
                    );
                    let length = format!("Content-Length: {}", file.len() - offset(request));
                    head(stream, "206 Partial Content", &[&range, &length])?;
                }
                silence();
                Ok(())
            },
        ),
        case(
            "a stall in the middle, once",
            Succeeds,
            Kept::Nothing,
            |number, request, stream, file| {
                if number == 0 {
                    half(stream, file)?;
                    silence();
                }
                rest(stream, request, file)
            },
        ),
        case(
            "a drip",
            Fails("it is too slow"),
            Kept::Some,
            |_, request, stream, file| {
                let from = offset(request);
                let range = format!(
                    "Content-Range: bytes {from}-{}/{}",
                    file.len() - 1,
                    file.len()
                );
                let length = format!("Content-Length: {}", file.len() - from);
                let status = if from == 0 {
                    "200 OK"
                } else {
                    "206 Partial Content"
                };
                let lines = [&*length, &*range];
                head(stream, status, if from == 0 { &lines[..1] } else { &lines })?;
                Script::drip(stream, &file[from..], 10, Duration::from_millis(20))
            },
        ),
        case(
            "a byte for each connection",
            Fails("cannot fetch"),
            Kept::Some,
            |_, request, stream, file| {
                let from = offset(request);
                if from == 0 {
                    let length = format!("Content-Length: {}", file.len());
                    head(stream, "200 OK", &[&length])?;
                } else {
                    let range = format!(
                        "Content-Range: bytes {from}-{}/{}",
                        file.len() - 1,
                        file.len()
                    );
                    let length = format!("Content-Length: {}", file.len() - from);
                    head(stream, "206 Partial Content", &[&range, &length])?;
                }
                stream.write_all(&file[from..=from])
            },
        ),
        case(
            "a redirect to itself",
            Fails("too many redirects"),
            Kept::Nothing,
            |_, request, stream, _| {
                let location = format!("Location: {}", request.path);
                full(stream, "302 Found", &[&location], b"")
            },
        ),
        case(
            "six redirects",
            Fails("too many redirects"),
            Kept::Nothing,
            |number, _, stream, file| {
                let location = format!("Location: /{number}");
                if number < 6 {
                    full(stream, "301 Moved Permanently", &[&location], b"")
                } else {
                    ok(stream, file)
                }
            },
        ),
        case(
            "five redirects",
            Succeeds,
            Kept::Nothing,
            |number, _, stream, file| {
                let location = format!("Location: /{number}");
                if number < 5 {
                    full(stream, "307 Temporary Redirect", &[&location], b"")
                } else {
                    ok(stream, file)
                }
            },
        ),
        case(
            "a redirect to a file",
            Fails("no http or https address"),
            Kept::Nothing,
            |_, _, stream, _| full(stream, "302 Found", &["Location: file:///etc/passwd"], b""),
        ),
        case(
            "a redirect without a place",
            Fails("status 302"),
            Kept::Nothing,
            |_, _, stream, _| full(stream, "302 Found", &[], b""),
        ),
        case(
            "500, then fine",
            Succeeds,
            Kept::Nothing,
            |number, request, stream, file| match number {
                0 => full(stream, "500 Internal Server Error", &[], b"oops"),
                _ => rest(stream, request, file),
            },
        ),
        case(
            "503 with Retry-After, then fine to those who wait",
            Succeeds,
            Kept::Nothing,
            {
                let asked = Mutex::new(None::<Instant>);
                move |number, request, stream, file| {
                    let first = *asked.lock().unwrap().get_or_insert_with(Instant::now);
                    if number == 0 {
                        full(stream, "503 Service Unavailable", &["Retry-After: 1"], b"")
                    } else if first.elapsed() > Duration::from_millis(900) {
                        rest(stream, request, file)
                    } else {
                        full(stream, "403 Forbidden", &[], b"too soon")
                    }
                }
            },
        ),
        case(
            "429 with a Retry-After of an hour",
            Fails("asks to wait 3600 s"),
            Kept::Nothing,
            |_, _, stream, _| full(stream, "429 Too Many Requests", &["Retry-After: 3600"], b""),
        ),
        case(
            "429 with a Retry-After that is a date",
            Fails("status 429"),
            Kept::Nothing,
            |_, _, stream, _| {
                full(
                    stream,
                    "429 Too Many Requests",
                    &["Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"],
                    b"",
                )
            },
        ),
    ];
    for (name, status) in [
        ("400", "400 Bad Request"),
        ("401", "401 Unauthorized"),
        ("403", "403 Forbidden"),
        ("404", "404 Not Found"),
        ("410", "410 Gone"),
        ("451", "451 Unavailable For Legal Reasons"),
        ("500", "500 Internal Server Error"),
        ("502", "502 Bad Gateway"),
        ("504", "504 Gateway Timeout"),
    ] {
        cases.push(case(
            name,
            Fails("answered with status"),
            Kept::Nothing,
            move |_, _, stream, _| {
                full(
                    stream,
                    status,
                    &["Content-Type: text/plain"],
                    b"\x1b[31mno\x1b[0m",
                )
            },
        ));
    }
    cases
}

/// What servers do to an index. What is kept is of no concern: there is no part of an index.
fn of_indexes() -> Vec<Case> {
    use End::{Fails, Succeeds};
    let kept = Kept::Nothing;
    vec![
        case(
            "an index that stalls",
            Fails("no answer for 2 s"),
            kept,
            |_, _, stream, json| {
                half(stream, json)?;
                silence();
                Ok(())
            },
        ),
        case(
            "an index that drips",
            Fails("it is too slow"),
            kept,
            |_, _, stream, json| {
                let length = format!("Content-Length: {}", json.len());
                head(stream, "200 OK", &[&length])?;
                Script::drip(stream, json, 1, Duration::from_millis(50))
            },
        ),
        case(
            "an index that is cut",
            Fails("cannot fetch"),
            kept,
            |_, _, stream, json| half(stream, json),
        ),
        case(
            "an index that is cut once",
            Succeeds,
            kept,
            |number, _, stream, json| {
                if number == 0 {
                    half(stream, json)
                } else {
                    ok(stream, json)
                }
            },
        ),
        case(
            "an index without end",
            Fails("the index at"),
            kept,
            |_, _, stream, _| {
                head(stream, "200 OK", &[])?;
                loop {
                    stream.write_all(&[b' '; 64 << 10])?;
                }
            },
        ),
        case(
            "a web page for an index",
            Fails("it is a web page"),
            kept,
            |_, _, stream, _| {
                full(
                    stream,
                    "200 OK",
                    &["Content-Type: text/html"],
                    b"<html>Sign in</html>",
                )
            },
        ),
        case(
            "an index with gzip on top",
            Fails("cannot fetch"),
            kept,
            |_, _, stream, json| full(stream, "200 OK", &["Content-Encoding: gzip"], &gzip(json)),
        ),
        case(
            "304 for an index that nobody has",
            Fails("status 304"),
            kept,
            |_, _, stream, _| head(stream, "304 Not Modified", &[]),
        ),
        case(
            "an index behind 503, then fine",
            Succeeds,
            kept,
            |number, _, stream, json| match number {
                0 => full(stream, "503 Service Unavailable", &["Retry-After: 0"], b""),
                _ => ok(stream, json),
            },
        ),
        case(
            "a control character in a header",
            Fails("cannot fetch"),
            kept,
            |_, _, stream, json| full(stream, "200 OK", &["ETag: \"a\x0bb\""], json),
        ),
        case(
            "an ETag that is not ASCII",
            Succeeds,
            kept,
            |_, _, stream, json| full(stream, "200 OK", &["ETag: \"\u{e9}\u{202e}\""], json),
        ),
    ]
}

/// Installs with tight limits, which are the user's to set.
fn install(world: &World, variable: &str, url: &str, end: End) -> Ran {
    // A server of ours may be slow where the machine is busy; only who must fail is to fail soon.
    let timeout = match end {
        End::Fails(_) => "2",
        End::Succeeds => "4",
    };
    let mut command = world.goshim(["install", RELEASE]);
    command
        .env(variable, url)
        .env("GOSHIM_HTTP_TIMEOUT", timeout)
        .env("GOSHIM_HTTP_CONNECT_TIMEOUT", "5")
        .env("GOSHIM_HTTP_RETRIES", "1")
        .env("GOSHIM_HTTP_MIN_RATE", "20000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let what = format!("{command:?}");
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < HANG, "it hangs: {what}");
        thread::sleep(Duration::from_millis(5));
    }
    Ran::from_output(what, child.wait_with_output().unwrap())
}

/// One case, and what must follow it. Returns how long the installation from the misbehaving server took.
fn run(case: &Case, is_index: bool) -> Duration {
    let world = World::new(&[GO]);
    let archive = stand_in::archive(GO);
    let size = archive.len();
    let served = if is_index {
        let name = host::archive_name(GO);
        crate::support::index(GO, &name, &crate::support::sha256(&archive), size)
    } else {
        archive.clone()
    };
    let answer = Arc::clone(&case.answer);
    let script =
        Script::start(move |number, request, stream| answer(number, request, stream, &served));
    let variable = if is_index {
        "GOSHIM_INDEX_URL"
    } else {
        "GOSHIM_MIRROR"
    };
    let started = Instant::now();
    let ran = install(&world, variable, &script.url(), case.end);
    let took = started.elapsed();
    let ran = match case.end {
        End::Fails(reason) => ran.refused(1, reason).printed_plainly(),
        End::Succeeds => ran.succeeded().printed_plainly(),
    };
    let name = case.name;
    if matches!(case.end, End::Succeeds) {
        world.assert_is_reference(&format!("{name}: {ran}"));
        return took;
    }
    world.assert_nothing_is_installed(&format!("{name}: {ran}"));
    let part = fs_err::metadata(world.part(&archive)).map(|metadata| metadata.len());
    let part = part.map_or(0, |part| usize::try_from(part).unwrap());
    match case.kept {
        Kept::Nothing => assert_eq!(part, 0, "{name}: {ran}"),
        Kept::Half => assert_eq!(part, size / 2, "{name}: {ran}"),
        Kept::Some => assert!(part > 0 && part < size, "{name}: {ran}"),
    }
    // The healthy server, with the limits as they come.
    let again = world.ok(["install", RELEASE]);
    world.assert_is_reference(&format!("{name}: {again}"));
    let path = format!("/dl/{}", host::archive_name(GO));
    let requests = world.mirror.requests();
    let first = requests
        .iter()
        .find(|request| request.path == path)
        .unwrap();
    assert_eq!(offset(first), part, "{name}: {ran}\n{again}");
    assert_eq!(world.stored("downloads"), [""; 0], "{name}");
    assert_eq!(world.stored("staging"), [""; 0], "{name}");
    took
}

#[test]
fn all_end_and_the_next_installation_succeeds() {
    let archives = of_archives();
    let indexes = of_indexes();
    let cases: Vec<(&Case, bool)> = (archives.iter().map(|case| (case, false)))
        .chain(indexes.iter().map(|case| (case, true)))
        .collect();
    let slowest = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let cases = cases.iter().skip(worker).step_by(WORKERS);
                scope.spawn(move || cases.map(|(case, is_index)| run(case, *is_index)).max())
            })
            .collect();
        let ended: Vec<_> = workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        let ended: Option<Vec<_>> = ended.into_iter().map(Result::ok).collect();
        ended.expect("see above").into_iter().flatten().max()
    });
    println!(
        "misbehaving servers: {}, the slowest ended after {slowest:?}",
        cases.len()
    );
    assert!(cases.len() >= 71, "there were 71: {}", cases.len());
}
