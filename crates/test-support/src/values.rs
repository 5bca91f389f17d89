//! Values of variables that are hard to bring through a shell.

/// What shells have a meaning for, and what they use inside for themselves.
const HARD: &[&[u8]] = &[
    b"'",
    b"\"",
    b"\\",
    b"\\'",
    b"''",
    b"`id`",
    b"$(id)",
    b"$HOME",
    b"${x}",
    b"$",
    b"!",
    b"!!",
    b"*",
    b"?",
    b"[a]",
    b"{a,b}",
    b"~",
    b"~root",
    b"=ls",
    b"%self",
    b"#",
    b";",
    b"&",
    b"|",
    b"<",
    b">",
    b"(",
    b")",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\x01",
    b"\x1b[31m",
    b"\x7f",
    b"\x80",
    b"\x81",
    b"\x84",
    b"\x88",
    b"\xa2",
    b"\xff",
    b"\xfe\xff",
    b"\xc3",
    b"\xc3\xa4",
    b"\xe2\x82",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"\xef\x98\x80",
    b"\xf0\x9f\x90\xb9",
    b"\xf4\x90\x80\x80",
    b"-n",
    b"--",
    b"1.22",
    b"true",
    b"EOF",
    b"\\x41",
    b"\\n",
    b"\\Xff",
    b"^",
    b"@",
    b"a",
];

/// Values without end, the same for the same seed.
#[derive(Debug)]
pub struct RandomValues(u64);

impl RandomValues {
    /// Those of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's generator; the upper half is the random one.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// Bytes without NUL, perhaps none.
    pub fn value(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        for _ in 0..self.below(12) {
            if self.below(3) == 0 {
                let count = self.below(20);
                value.extend((0..count).map(|_| u8::try_from(1 + self.below(255)).unwrap()));
            } else {
                value.extend_from_slice(HARD[self.below(HARD.len())]);
            }
        }
        value
    }

    /// The same as text: what is not UTF-8 is replaced.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.value()).into_owned()
    }

    /// A name for a directory: never empty, never UTF-8 as a whole, and without the separators of paths and of PATH.
    pub fn directory(&mut self) -> Vec<u8> {
        let mut name = vec![b'd', 0xff];
        name.extend(self.value());
        name.retain(|byte| !b"/:".contains(byte));
        name.truncate(200);
        name
    }
}
