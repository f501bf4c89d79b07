"""Normalize: the form in which a text is stored, and in which every offset counts from here on."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from crawler.model.items import Post, digest_of
from pipelines.draft import Draft

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\u0085\v\f]")
# No-break, thin, ideographic … spaces and the tab: one blank each.
_SPACES = re.compile(r"[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Controls, soft hyphen, zero-width marks, direction overrides, byte order mark, variation selectors of text.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]"
)
_BLANKS = re.compile(r" {2,}")
_AROUND_LINES = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")
# No language sets more marks on a letter (Unicode's Stream-Safe Text Format); ordering them costs the square of them.
_MOST_MARKS = 30
# Some marks are stored as two (U+0344), so half as many signs may be too many.
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS // 2 + 1},}}")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class Normalize:
    """Bring title and text into the stored form, then compute the digest of what a person reads."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts whose posts are in the stored form."""
        return [draft.with_post(normalized(draft.post)) for draft in batch]


def normalized(post: Post) -> Post:
    """The post with title and text in the stored form and its digest."""
    title, text = clean_text(post.title).replace("\n", " "), clean_text(post.text)
    clean = post if (title, text) == (post.title, post.text) else replace(post, title=title, text=text)
    return replace(clean, digest=digest_of(clean))


def clean_text(text: str) -> str:
    """NFC, one kind of line end and of blank, nothing invisible, at most one empty line together.

    The zero-width joiner stays: emoji are made of it. A lone surrogate, which no UTF-8 file can hold, becomes U+FFFD.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", text))
    text = _MAYBE_MARKS.sub(_fewer_marks, text)
    text = unicodedata.normalize("NFC", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _BLANKS.sub(" ", _SPACES.sub(" ", text))
    text = _AROUND_LINES.sub("\n", text)
    return _EMPTY_LINES.sub("\n\n", text).strip()


def _fewer_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for sign in match[0]:
        parts = unicodedata.normalize("NFD", sign)
        marks = marks + len(parts) if all(map(unicodedata.combining, parts)) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)
