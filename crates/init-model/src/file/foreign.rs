//! Files of formats that are not supported, recognised by their first bytes for an error that says
//! what they seem to be.

/// The bytes that the recognition looks at.
pub(super) const WINDOW: usize = 64;

/// Returns what a file seems to be, by its first bytes.
pub(super) fn seems_to_be(start: &[u8]) -> Option<&'static str> {
    let begins = |magic: &[u8]| start.starts_with(magic);
    Some(match () {
        () if begins(b"\x80\x02") || begins(b"\x80\x03") || begins(b"\x80\x04") || begins(b"\x80\x05") => {
            "a Python pickle, such as an old PyTorch checkpoint (convert it with safetensors.torch.save_file)"
        }
        () if begins(b"\x89HDF\r\n\x1a\n") => "an HDF5 file, such as Keras' .h5",
        () if begins(b"\x1f\x8b") => "a gzip archive (unpack it first)",
        () if begins(b"\x28\xb5\x2f\xfd") => "a zstd archive (unpack it first)",
        () if begins(b"BZh") => "a bzip2 archive (unpack it first)",
        () if begins(b"\xfd7zXZ\0") => "an xz archive (unpack it first)",
        () if begins(b"PAR1") => "a Parquet file",
        () if begins(b"ggml") || begins(b"lmgg") || begins(b"tjgg") => "a GGML file, which GGUF has replaced",
        () if begins(b"version https://git-lfs") => "a Git LFS pointer (fetch the file itself with `git lfs pull`)",
        () if begins(b"\x08") && start.windows(7).any(|bytes| bytes == b"pytorch") => "an ONNX model",
        () if is_text(start) => return Some(text(start)),
        () => return None,
    })
}

/// Whether the bytes are printable text, whose last character may be cut.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// Returns which text it seems to be.
fn text(start: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(start).trim_start().to_lowercase();
    let line = text.lines().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    match () {
        () if text.starts_with("<!doctype html") || text.starts_with("<html") => {
            "a web page, such as an error page in place of a download"
        }
        () if text.starts_with(['{', '[']) && text[1..].trim_start().starts_with(['"', '}', '{']) => {
            "a JSON text, such as a configuration"
        }
        () if line.starts_with('[') || line.contains(" = ") => "a TOML text, such as a recipe",
        () => "a text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_formats_are_recognised() {
        for (start, found) in [
            (&b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03"[..], "pickle"),
            (b"\x89HDF\r\n\x1a\n\0\0", "HDF5"),
            (b"# my model\nseed = 3\n", "TOML"),
            (b"[parameters]\nw = [1]", "TOML"),
            (b"{\"model_type\": \"gpt2\"}", "JSON"),
            (b"<!DOCTYPE html><html>", "web page"),
            (b"hello\nworld \xd1\x81\xd0", "a text"),
            (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
        ] {
            assert!(seems_to_be(start).is_some_and(|what| what.contains(found)), "{found}");
        }
        assert_eq!(seems_to_be(b"\xff\xfe\0\x01binary"), None);
        assert_eq!(seems_to_be(b""), None);
    }
}
