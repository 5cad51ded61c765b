"""Files that only the holder of a recovery key can read: X25519, HKDF and ChaCha20-Poly1305.

The file is a header and chunks, each sealed under a key of this file alone, with its number and
whether it is the last: none can be changed, moved, left out or cut off unnoticed.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"HEXABRAND-ENCRYPTED-1\n"  # 1: a later form of the file is told apart by it
CHUNK: Final = 64 * 1024
TAG: Final = 16
KEY_BYTES: Final = 32  # X25519 and ChaCha20 alike
CHECK_BYTES: Final = 3  # of its hash, behind the recovery key: a misspelt one is told as such
PREFIX: Final = "HBR"
HEADER: Final = len(MAGIC) + 2 * KEY_BYTES


class BadRecoveryKey(Exception):
    """A text that is no recovery key, or not the one of this file."""


class BadEncryptedFile(Exception):
    """Changed, cut off, or no encrypted file at all."""


def new_recovery_key() -> str:
    """Return a new private key, in groups that can be written down."""
    raw = X25519PrivateKey.generate().private_bytes_raw()
    text = base64.b32encode(raw + _check(raw)).decode().rstrip("=")
    return "-".join((PREFIX, *(text[at : at + 4] for at in range(0, len(text), 4))))


def public_key(recovery_key: str) -> bytes:
    """Return what files are encrypted for. Raises BadRecoveryKey."""
    return _private(recovery_key).public_key().public_bytes_raw()


class Encryptor:
    """Encrypts what is handed in piece by piece: `header`, then `update`s, then `finish`."""

    def __init__(self, recipient: bytes) -> None:
        sender = X25519PrivateKey.generate()  # of this file alone: no key and nonce come twice
        shared = sender.exchange(X25519PublicKey.from_public_bytes(recipient))
        self.header = MAGIC + recipient + sender.public_key().public_bytes_raw()
        self._cipher = _cipher(shared, self.header)
        self._waiting = bytearray()
        self._number = 0

    def update(self, data: bytes) -> bytes:
        """Encrypt what comes, as far as it fills chunks."""
        self._waiting += data
        # One chunk is held back until it is known not to be the last, which is marked.
        sealed = bytearray()
        while len(self._waiting) > CHUNK:
            sealed += self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return bytes(sealed)

    def finish(self) -> bytes:
        return self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._number, last=last)
        self._number += 1
        return self._cipher.encrypt(nonce, chunk, self.header)


def decrypted(file: IO[bytes], recovery_key: str) -> Iterator[bytes]:
    """Yield what was encrypted. Raise BadRecoveryKey, or BadEncryptedFile, also after good pieces:
    nothing may be used before the last one has come."""
    header = file.read(HEADER)
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise BadEncryptedFile("It is no encrypted backup.")
    recipient, sender = header[len(MAGIC) : -KEY_BYTES], header[-KEY_BYTES:]
    if public_key(recovery_key) != recipient:
        raise BadRecoveryKey("It was encrypted for another recovery key.")
    shared = _private(recovery_key).exchange(X25519PublicKey.from_public_bytes(sender))
    return _chunks(file, _cipher(shared, header), header)


def _chunks(file: IO[bytes], cipher: ChaCha20Poly1305, header: bytes) -> Iterator[bytes]:
    number, chunk = 0, file.read(CHUNK + TAG)
    while True:
        following = file.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, header)
        except InvalidTag as error:
            raise BadEncryptedFile("It was changed, or cut off.") from error
        if not following:
            return
        number, chunk = number + 1, following


def _private(recovery_key: str) -> X25519PrivateKey:
    """Read what a person typed: small letters, spaces, 0 for O, 1 for I, 8 for B."""
    bare = "".join(letter for letter in recovery_key.upper() if letter.isalnum())
    text = bare.removeprefix(PREFIX).translate(str.maketrans("018", "OIB"))
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        raw = b""
    key, check = raw[:KEY_BYTES], raw[KEY_BYTES:]
    if len(key) != KEY_BYTES or check != _check(key):
        raise BadRecoveryKey("That is no recovery key; look for a misspelt or missing letter.")
    return X25519PrivateKey.from_private_bytes(key)


def _check(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()[:CHECK_BYTES]


def _cipher(shared: bytes, header: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), KEY_BYTES, salt=header, info=MAGIC).derive(shared))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
