"""What FTS5 can say of a query exactly, as MATCH expressions, and what it can say of a phrase nearly."""

from collections.abc import Sequence

from search.mapping import is_key, key_sequences, plain_phrases, word_keys
from search.tree import And, Node, Not, Or, Phrase, Prefix, Word

_MOST_PHRASES = 16
"""Above it FTS5 reads the posts of a word once for each combination; looking at the posts that have all is cheaper."""


def match_of(node: Node) -> str | None:
    """The MATCH expression that says exactly the same; None where FTS5 cannot."""
    match node:
        case Word():
            column, keys = word_keys(node)
            return any_of([f'{column}:"{key}"' for key in keys])
        case Prefix(text):
            return f'surface:"{text}" *' if is_key(text) else None
        case Phrase():
            plain = plain_phrases(node, _MOST_PHRASES)
            return None if plain is None else any_of([f'{plain[0]}:"{" ".join(keys)}"' for keys in plain[1]])
        case Or(parts):
            found = [match_of(part) for part in parts]
            return None if None in found else any_of([text for text in found if text])
        case And(parts):
            return _match_of_all(parts)
        case _:
            return None


def _match_of_all(parts: Sequence[Node]) -> str | None:
    wanted = [match_of(part) for part in parts if not isinstance(part, Not)]
    unwanted = [match_of(part.part) for part in parts if isinstance(part, Not)]
    if not wanted or None in wanted or None in unwanted:
        return None
    return together([text for text in wanted if text], [text for text in unwanted if text])


def together(wanted: Sequence[str], unwanted: Sequence[str]) -> str:
    """The MATCH of all that is wanted and nothing of what is not."""
    all_of = "(" + " AND ".join(dict.fromkeys(wanted)) + ")"
    return f"({all_of} NOT {any_of(unwanted)})" if unwanted else all_of


def around(phrase: Phrase) -> str | None:
    """A MATCH that every post with the phrase fits: its words near each other, or at least all of them.

    None where a word has no key that a post could have. NEAR allows `distance` words and those of the middle slots; it
    knows no order, and takes one word for two.
    """
    sequences = None if phrase.sentence or len(phrase.slots) < 2 else key_sequences(phrase, _MOST_PHRASES)
    if sequences is not None:
        column, choices = sequences
        between = phrase.distance + len(phrase.slots) - 2
        quoted = [" ".join(f'"{key}"' for key in keys) for keys in choices]
        return any_of([f"{column}:NEAR({keys}, {between})" for keys in quoted])
    slots = [match_of(Or(slot)) for slot in phrase.slots]
    return None if None in slots else together([text for text in slots if text], [])


def told(parts: Sequence[Node]) -> tuple[list[str], list[str], list[Node]]:
    """MATCH expressions of what is wanted and of what is not, and the parts that FTS5 cannot say."""
    wanted: list[str] = []
    unwanted: list[str] = []
    rest: list[Node] = []
    for part in parts:
        text = match_of(part.part if isinstance(part, Not) else part)
        if text is None:
            rest.append(part)
        else:
            (unwanted if isinstance(part, Not) else wanted).append(text)
    return wanted, unwanted, rest


def any_of(texts: Sequence[str]) -> str | None:
    """The MATCH of any of them, None for none."""
    found = list(dict.fromkeys(texts))
    return ("(" + " OR ".join(found) + ")" if len(found) > 1 else found[0]) if found else None
