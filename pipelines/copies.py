"""Copies: the key by which exact copies are told. Which of them is the original is decided where they are recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from pipelines.draft import Draft
from search.likeness import folded

# «Нет воды!» is said by many people of many houses: a text this short is never a copy by itself.
FEWEST_WORDS = 8
FEWEST_LETTERS = 40


class Copies:
    """Give every post long enough its copy key."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with their copy keys."""
        return [replace(draft, copy_key=copy_key(draft.post.title, draft.post.text)) for draft in batch]


def copy_key(title: str, text: str) -> str:
    """Hash of the words, whatever their case, ё, punctuation, blanks and emoji; "" for a text too short to tell."""
    text = folded(title, text)
    if text.count(" ") + 1 < FEWEST_WORDS or len(text) < FEWEST_LETTERS:
        return ""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
