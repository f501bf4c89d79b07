"""JSON as the state's columns hold it: compact, letters as they are. A post writes some ten such values.

They are read by Python's own reader: orjson makes fractions of whole numbers over 64 bits.
"""

import json

import orjson

# Refused as by Python's writer: a time in a JSON column would come back as text. What orjson takes beside that (UUIDs,
# NaN as null, where Python writes no JSON at all) no column has.
_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: object) -> str:
    """The value as JSON text. TypeError for what JSON cannot say."""
    try:
        return orjson.dumps(value, option=_STRICT).decode()
    except orjson.JSONEncodeError:
        # Numbers over 64 bits, keys that are numbers and halves of surrogate pairs: rare, and as they always were.
        return _encode(value)
