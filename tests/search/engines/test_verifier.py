"""The quick look at a stored stream says what the reference matcher says, also of words that stand for one another."""

from hypothesis import given, settings
from hypothesis import strategies as st

from search.engines.stream import lines, pack
from search.engines.verifier import Verifier
from search.reference import compile_query
from search.tree import Phrase, Prefix, Query, Word
from tests.search.engines.worlds import CONTEXT, corpus

POSTS = corpus(seed=20260307, size=150)
STORED = [pack(lines(post)) for post in POSTS]
WORDS = [
    Word(text, (0, 0)) for text in ("яма", "ямы", "ям", "вода", "сел", "село", "сёл", "при", "нет", "стали", "сталь")
]
OTHERS = [Word("ям", (0, 0), exact=True), Word("вода", (0, 0), exact=True), Prefix("вод", (0, 0))]
SLOTS = st.lists(st.sampled_from(WORDS * 3 + OTHERS), min_size=1, max_size=2).map(tuple)


@given(st.lists(SLOTS, min_size=2, max_size=5), st.sampled_from((0, 1, 3, 8, 20)), st.sampled_from("ous"))
@settings(max_examples=400, deadline=None)
def test_a_phrase_stands_where_the_reference_says(slots: list[tuple[Word | Prefix, ...]], far: int, how: str) -> None:
    phrase = Phrase(tuple(slots), (0, 0), 0 if how == "s" else far, ordered=how == "o", sentence=how == "s")
    verifier, reference = Verifier(phrase), compile_query(Query("", phrase))
    told = [verifier(stored) for stored in STORED]
    assert told == [reference.fits(post, CONTEXT) for post in POSTS]
