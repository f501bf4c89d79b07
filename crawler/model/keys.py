"""The two keys of an installation: one makes pseudonyms, one seals what must be readable again."""

import hashlib
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crawler.model.errors import OtklikError
from crawler.model.text import Text

KEY_SIZE = 32
_VERSION = b"\x01"
_NONCE_SIZE = 12


@dataclass(frozen=True, slots=True)
class InstallationKeys:
    """Keyed BLAKE2b for pseudonyms and AES-256-GCM for sealing; each key is 32 random bytes.

    A sealed value is a version byte, a nonce of 12 bytes and the ciphertext with its tag.
    """

    hash_key: bytes = field(repr=False)
    encryption_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.hash_key) != KEY_SIZE or len(self.encryption_key) != KEY_SIZE:
            raise OtklikError(
                Text(f"Каждый ключ установки: ровно {KEY_SIZE} байта", f"Each key must be exactly {KEY_SIZE} bytes")
            )

    @classmethod
    def generate(cls) -> "InstallationKeys":
        """Two new keys from the system's random source."""
        return cls(os.urandom(KEY_SIZE), os.urandom(KEY_SIZE))

    def pseudonym(self, *parts: str) -> str:
        """A keyed hash of the parts, 32 hex digits; ("ab", "c") and ("a", "bc") differ."""
        digest = hashlib.blake2b(key=self.hash_key, digest_size=16, person=b"pseudonym")
        for part in parts:
            encoded = part.encode()
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()

    def seal(self, plain: bytes) -> bytes:
        """Authenticated encryption; the same bytes come out different every time."""
        nonce = os.urandom(_NONCE_SIZE)
        return _VERSION + nonce + AESGCM(self.encryption_key).encrypt(nonce, plain, _VERSION)

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed, or an OtklikError if it was changed or sealed with another key."""
        if sealed[:1] != _VERSION:
            raise OtklikError(
                Text(
                    f"Запечатанное значение имеет неизвестную версию {sealed[:1].hex() or 'нет'}, ожидается 01: "
                    "база новее этой программы или испорчена",
                    f"A sealed value has the unknown version {sealed[:1].hex() or 'none'}, expected 01: "
                    "the state is newer than this program or damaged",
                )
            )
        body = sealed[1:]
        try:
            return AESGCM(self.encryption_key).decrypt(body[:_NONCE_SIZE], body[_NONCE_SIZE:], _VERSION)
        except (InvalidTag, ValueError) as error:
            raise OtklikError(
                Text(
                    "Запечатанное значение не открывается: оно изменено или запечатано другим ключом. "
                    "Верните прежний файл ключей",
                    "A sealed value does not open: it was changed or sealed with another key. "
                    "Bring back the former key file",
                )
            ) from error

    def fingerprint(self) -> str:
        """A short public name of this pair of keys, 16 hex digits, which tells nothing about them."""
        return hashlib.blake2b(self.encryption_key, key=self.hash_key, digest_size=8, person=b"fingerprint").hexdigest()
