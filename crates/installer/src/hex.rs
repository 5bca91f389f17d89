//! Bytes as hexadecimal digits, and back. An installation makes half a million of them.

const DIGITS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
];

/// The digits of a sha256.
pub(crate) const SHA256: usize = 64;

/// Lower-case digits, two for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}

/// Whether a text is so many digits as [`hex`] writes them.
pub(crate) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.chars().all(|digit| DIGITS.contains(&digit))
}

/// The bytes whose digits, of either case, these are.
pub(crate) fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let byte = |[high, low]: &[u8; 2]| u8::try_from(value(*high)? << 4 | value(*low)?).ok();
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = hex(&bytes);
        assert!(text.starts_with("000102") && text.ends_with("fdfeff"));
        assert!(is_hex(&text, 512));
        assert_eq!(unhex(text.as_bytes()), Some(bytes.clone()));
        assert_eq!(unhex(text.to_uppercase().as_bytes()), Some(bytes));
        assert!(!is_hex(&text.to_uppercase(), 512) && !is_hex(&text, 511));
        for wrong in ["0", "0g", "+f", " 1", "0x"] {
            assert_eq!(unhex(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
