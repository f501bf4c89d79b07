"""The records of crawler/model as plain values for a JSON column, and back, exactly.

A codec is made once a type from its annotations, so that a new field of a record needs no line here. A field that has
its default is left out; one that is not in the stored value gets its default, so records may grow.
"""

import dataclasses
import types
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from crawler.model.items import Post, Reading

T = TypeVar("T")
_MICROSECOND = timedelta(microseconds=1)


class _Codec(NamedTuple):
    """`pack` and `unpack`; None where the value goes through as it is."""

    pack: Callable[[Any], Any] | None
    unpack: Callable[[Any], Any] | None


_AS_IT_IS = _Codec(None, None)
_MOMENT = _Codec(lambda at: at.astimezone(UTC).isoformat(), datetime.fromisoformat)
_DURATION = _Codec(lambda span: span // _MICROSECOND, lambda number: timedelta(microseconds=number))


_CODECS: dict[Any, _Codec] = {}


def pack(record: Any) -> dict[str, Any]:
    """A frozen record as a dict of JSON's own types."""
    coder = _codec(type(record)).pack
    assert coder is not None
    packed: dict[str, Any] = coder(record)
    return packed


def unpack(kind: type[T], content: dict[str, Any]) -> T:
    """The record of that type that was packed."""
    coder = _codec(kind).unpack
    assert coder is not None
    record: T = coder(content)
    return record


def pack_post(post: Post) -> dict[str, Any]:
    """A post as the state keeps it: payload, counters and personal data have rows of their own."""
    packed = pack(post)
    packed.pop("counters", None)
    for field, personal in (("author", ("platform_id", "name")), ("forwarded_from", ("author",))):
        for name in personal:
            packed.get(field, {}).pop(name, None)
    if "post" not in packed.get("forwarded_from", {"post"}):
        packed["forwarded_from"]["source"] = ""
    return packed


def pack_reading(reading: Reading) -> dict[str, Any]:
    """A reading as the state keeps it: `copy_of` and `story` are looked up when it is read (search/state/copies.py,
    search/state/stories.py).
    """
    packed = pack(reading)
    packed.pop("copy_of", None)
    packed.pop("story", None)
    return packed


def _codec(kind: Any) -> _Codec:
    if kind not in _CODECS:
        _CODECS[kind] = _make(kind)
    return _CODECS[kind]


def _make(kind: Any) -> _Codec:
    if kind in {str, int, float, bool, type(None)}:
        return _AS_IT_IS
    if kind is datetime:
        return _MOMENT
    if kind is timedelta:
        return _DURATION
    if dataclasses.is_dataclass(kind):
        return _of_record(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        # A StrEnum is a string as it is.
        return _Codec(None if issubclass(kind, str) else lambda member: member.value, kind)
    return _of_generic(get_origin(kind), get_args(kind), kind)


def _of_generic(origin: Any, inner: tuple[Any, ...], kind: Any) -> _Codec:
    if origin in {Union, types.UnionType} and len(inner) == 2 and type(None) in inner:
        one = _codec(next(part for part in inner if part is not type(None)))
        return _Codec(_unless_none(one.pack), _unless_none(one.unpack))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        one = _codec(inner[0])
        return _Codec(_each(one.pack, list), _each(one.unpack, tuple))
    if origin is tuple:
        parts = [_codec(part) for part in inner]
        return _Codec(
            _side_by_side([part.pack for part in parts], list), _side_by_side([part.unpack for part in parts], tuple)
        )
    raise TypeError(f"no form in JSON for {kind}: give it one in search/state/records.py")


def _unless_none(coder: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    return coder and (lambda value: None if value is None else coder(value))


def _each(coder: Callable[[Any], Any] | None, made: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return made if coder is None else lambda values: made([coder(value) for value in values])


def _side_by_side(coders: list[Callable[[Any], Any] | None], made: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def run(values: Any) -> Any:
        return made(value if coder is None else coder(value) for coder, value in zip(coders, values, strict=True))

    return run


def _of_record(kind: Any) -> _Codec:
    hints = get_type_hints(kind)
    # Payloads are bytes and have a table of their own.
    fields = [field for field in dataclasses.fields(kind) if hints[field.name] is not bytes]
    packers = [(field.name, _default(field), _codec(hints[field.name]).pack) for field in fields]
    values_of = attrgetter(*[field.name for field in fields]) if len(fields) > 1 else _one_value(fields[0].name)
    unpackers = {field.name: _codec(hints[field.name]).unpack for field in fields}

    def pack_record(record: Any) -> dict[str, Any]:
        packed = {}
        for value, (name, default, coder) in zip(values_of(record), packers, strict=True):
            if value is not default and value != default:
                packed[name] = value if coder is None else coder(value)
        return packed

    def unpack_record(content: dict[str, Any]) -> Any:
        return kind(
            **{
                name: value if (coder := unpackers[name]) is None else coder(value)
                for name, value in content.items()
                if name in unpackers
            }
        )

    return _Codec(pack_record, unpack_record)


def _one_value(name: str) -> Callable[[Any], tuple[Any]]:
    return lambda record: (getattr(record, name),)


def _default(field: "dataclasses.Field[Any]") -> Any:
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
