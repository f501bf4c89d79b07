"""Looks for words in the raw bytes of every file of a folder, in every form in which anything stores them."""

from collections.abc import Iterable
from pathlib import Path

from search.analysis import analyze


def forms_of(text: str) -> dict[str, bytes]:
    """A text whole, and each of its words as written, in small letters and as its lemma, in UTF-8, cp1251, UTF-16."""
    words = {token.surface for token in analyze("", text)} | {token.lemma for token in analyze("", text)}
    written = {text, *text.split(), *words}
    # Without the letters that b-trees and segments may share with a neighbour.
    tails = {word[1:] for word in words if len(word) > 6}
    return {
        f"{form} in {code}": form.encode(code)
        for form in written | tails
        for code in ("utf-8", "cp1251", "utf-16-le")
        if len(form) > 5
    }


def found_in(folder: Path, text: str) -> list[str]:
    """Where any form of it stands: file and form."""
    return list(_found(folder, forms_of(text)))


def _found(folder: Path, forms: dict[str, bytes]) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for name, form in forms.items():
                if form in content:
                    yield f"{path.relative_to(folder)}: {name}"
