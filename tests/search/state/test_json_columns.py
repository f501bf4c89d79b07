"""JSON of the state's columns: read by whatever reads JSON, the same as Python's own wherever that writes any."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.state.json_columns import to_json

_KEYS = st.one_of(st.text(max_size=5), st.integers())
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(), max_size=20),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(_VALUES)
def test_what_is_written_is_read_as_python_would_read_it(value: object) -> None:
    assert json.loads(to_json(value)) == json.loads(json.dumps(value))


def test_letters_stand_as_they_are_and_nothing_is_spaced() -> None:
    assert to_json({"улица": ["Мира", 5], "лат": 61.5}) == '{"улица":["Мира",5],"лат":61.5}'


def test_halves_of_surrogate_pairs_and_numbers_of_any_size_are_kept() -> None:
    value = ["\ud83d", 2**80, {7: "дом"}]
    assert json.loads(to_json(value)) == ["\ud83d", 2**80, {"7": "дом"}]


@pytest.mark.parametrize("value", [datetime(2026, 11, 27, tzinfo=UTC), {"at": date(2026, 11, 27)}, {1, 2}])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_json(value)
