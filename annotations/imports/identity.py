"""What makes two rows the same: hashes of content, so that importing a file twice changes nothing."""

from __future__ import annotations

from hashlib import blake2b, sha256


def content_hash(kind: str, text: str) -> str:
    """Return a problem's identity in its project: kind and text, whatever its white space."""
    return sha256(f"{kind}\n{' '.join(text.split())}".encode()).hexdigest()


def step_key(above: str, text: str) -> str:
    """Return the identity of a step under the step (or, for a first step, the problem) whose key is `above`."""
    return blake2b(f"{above}\n{text}".encode(), digest_size=16).hexdigest()


def row_key(source: str, canonical: str) -> str:
    """Return the external key of a corpus row: its source and a hash of everything in it."""
    return f"{source}:{blake2b(canonical.encode(), digest_size=16).hexdigest()}"
