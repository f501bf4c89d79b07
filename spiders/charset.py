"""Bytes to text for pages and feeds of Russian sites, which declare their encoding, forget to, or declare another."""

import codecs

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

_UNDECLARED = ("utf-8", "cp1251", "koi8-r", "cp866")
# The ten most frequent letters: a wrong guess turns them into capitals, signs or other letters.
_FREQUENT = frozenset("оеаинтсрвл")
_ENOUGH = 20_000
"""Characters that a guess is judged by."""


def decode(body: bytes, content_type: str = "") -> str:
    """Text of a page or a feed, never failing: a bad byte becomes U+FFFD.

    UTF-8 that is valid wins over any declaration (Russian text of another encoding is never valid UTF-8 by accident);
    then what the HTTP header or the document declares, if that is possible; then the likeliest encoding.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    if _is_utf8(body):
        return body.decode("utf-8", "replace")
    declared = http_content_type_encoding(content_type) or html_body_declared_encoding(body[:4096])
    if declared and declared != "utf-8":
        try:
            return body.decode(declared)
        except (UnicodeDecodeError, LookupError):
            pass  # the declaration is wrong: guess below
    return max((body.decode(encoding, "replace") for encoding in _UNDECLARED), key=_likelihood)


def _is_utf8(body: bytes) -> bool:
    """Whether it is UTF-8, a character cut in two at the end allowed."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(text: str) -> int:
    beyond = [char for char in text if ord(char) > 127][:_ENOUGH]
    return sum(1 if char in _FREQUENT else -20 if char == "\ufffd" else 0 for char in beyond)
