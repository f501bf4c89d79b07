"""Words that are probably not meant as they are typed: letters of another alphabet, another keyboard layout, operators
in small letters or in Russian, and words that stand in almost every post.
"""

import re
from collections.abc import Iterator

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.layouts import KEYS
from search.lemmas import LOOK_ALIKES, morph, spelling
from search.lint.remark import Around, Remark, each_word, leaves, warning
from search.morphology import forms
from search.query import parse_query
from search.tree import And, Node, Or, Query, Span, Word

_LATIN = re.compile(r"[a-zA-Z]")
_CYRILLIC = re.compile(r"[а-яёА-ЯЁ]")
_TO_LATIN = {cyrillic: latin for latin, cyrillic in LOOK_ALIKES.items()}
_TYPED = re.compile(r"[a-z\[\];',.`]+", re.IGNORECASE | re.ASCII)
_SHORTEST = 3
_OPERATORS = {"and": "AND", "or": "OR", "not": "NOT", "и": "AND", "или": "OR", "не": "NOT"}
_FOLLOWING = re.compile(r"\s+[а-яё]+(?![\w*:-])", re.IGNORECASE)
_FREQUENT = 20
_EVERYWHERE = ("PREP", "CONJ", "PRCL", "NPRO")


def of_words(query: Query, around: Around) -> Iterator[Remark]:
    """What is odd about single words, in the order of the text."""
    for word in each_word(query):
        raw = query.text[slice(*word.span)]
        if _LATIN.search(raw) and _CYRILLIC.search(raw):
            yield _mixed(raw, word.span)
        elif isinstance(word, Word) and _LATIN.search(raw):
            yield from _layout(query.text, word, around)


def of_clauses(query: Query, around: Around) -> Iterator[Remark]:
    """Words that are clauses of their own and probably operators, or say nothing."""
    bare = [leaf for leaf in leaves(query.root) if isinstance(leaf, Word) and not leaf.exact]
    telling = _top(query.root)
    for word in bare:
        operator = _operator(query.text, word)
        if operator:
            yield operator
        elif word in telling and forms(word.text)[0].pos in _EVERYWHERE and _is_frequent(word, around):
            said = Text(
                f"«{word.text}» есть во многих публикациях и ничего не говорит: уберите или возьмите в кавычки",
                f"«{word.text}» is in many posts and tells nothing: remove it, or make it part of a phrase in quotes",
            )
            yield warning("stop-word", word.span, said)


def _is_frequent(word: Word, around: Around) -> bool:
    """Whether the archive has it in a twentieth of its posts; any word may be, where there is no archive."""
    return around.count is None or around.count(Query("", word)) * _FREQUENT >= around.count(Query("", None))


def _top(root: Node | None) -> set[Node]:
    """The clauses that alone decide about a post: alternatives inside an AND may be any word."""
    parts = root.parts if isinstance(root, Or) else (root,)
    return {clause for part in parts if part for clause in (part.parts if isinstance(part, And) else (part,))}


def _operator(text: str, word: Word) -> Remark | None:
    """The remark on an operator in small letters or in Russian, where it could be one."""
    start, end = word.span
    raw = text[start:end]
    meant = _OPERATORS.get(spelling(raw)) if raw.isalpha() else None
    follows = _FOLLOWING.match(text, end)
    if raw == "не" and follows:
        said = Text(
            "«не» здесь — отдельное слово: слова подряд берут в кавычки, исключают минусом или NOT",
            "«не» is a word of its own here: words in a row stand in quotes, a minus or NOT excludes",
        )
        hint = f'"{text[start : follows.end()]}"'
        return (
            warning("operator", (start, follows.end()), said, hint)
            if _can_be_read(text, start, follows.end(), hint)
            else None
        )
    if meant and _can_be_read(text, start, end, meant):
        said = Text(
            f"«{raw}» здесь — слово, которое ищется; оператор пишется {meant}",
            f"«{raw}» is a word to look for here; the operator is written {meant}",
        )
        return warning("operator", word.span, said, meant)
    return None


def _can_be_read(text: str, start: int, end: int, hint: str) -> bool:
    try:
        parse_query(text[:start] + hint + text[end:])
    except QueryError:
        return False
    return True


def _mixed(raw: str, span: Span) -> Remark:
    """Both alphabets in one word. Of Latin letters in a Russian word those that look alike are read as Russian."""
    russian = raw.translate(LOOK_ALIKES)
    latin = raw.translate(_TO_LATIN)
    if not _LATIN.search(russian):
        letters = ", ".join(f"{char} ({at})" for at, char in enumerate(raw, 1) if _LATIN.match(char))
        return warning(
            "look-alike",
            span,
            Text(
                f"в «{raw}» латинские буквы {letters}; слово прочитано как «{russian}»",
                f"Latin letters in «{raw}»: {letters}; the word is read as «{russian}»",
            ),
            russian,
        )
    hint = "" if _CYRILLIC.search(latin) else latin
    letters = ", ".join(f"{char} ({at})" for at, char in enumerate(raw, 1) if _CYRILLIC.match(char))
    return warning(
        "mixed-alphabets",
        span,
        Text(
            f"в «{raw}» перемешаны русские и латинские буквы; русские: {letters}",
            f"«{raw}» mixes Russian and Latin letters; Russian: {letters}",
        ),
        hint,
    )


def _layout(text: str, word: Word, around: Around) -> Iterator[Remark]:
    """A Russian word typed with the Latin layout, where the archive has no such Latin word."""
    start, end = word.span
    start += text[start] == "="
    before, after = _reaching(text, start), _TYPED.match(text, start)
    stretches = [
        (before, after.end() if after else end),
        (before, end),
        (start, after.end() if after else end),
        (start, end),
    ]
    for left, right in dict.fromkeys(stretches):
        typed = text[left:right].lower()
        if not _TYPED.fullmatch(typed):
            continue
        meant = "".join(KEYS[char] for char in typed)
        if _is_likely(meant) and not (around.count and around.count(Query("", word))):
            said = Text(
                f"«{text[left:right]}» в русской раскладке — «{meant}»",
                f"«{text[left:right]}» is «{meant}» in the Russian layout",
            )
            yield warning("layout", (left, right), said, meant)
            return


def _reaching(text: str, start: int) -> int:
    while start and _TYPED.fullmatch(text[start - 1]):
        start -= 1
    return start


def _is_likely(word: str) -> bool:
    """Whether it is a word of the dictionary; of three letters only in its first form, since short ones collide."""
    if len(word) < _SHORTEST or not morph().word_is_known(word):
        return False
    return len(word) > _SHORTEST or forms(word)[0].lemma == word
