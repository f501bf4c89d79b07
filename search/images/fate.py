"""What becomes of an image, under one word. The process that decodes imports this, so it imports nothing heavy."""

from enum import StrEnum


class Fate(StrEnum):
    """What became of an image. WAITING and FETCHING go on; the rest is settled."""

    WAITING = "waiting"
    FETCHING = "fetching"
    KEPT = "kept"
    TOO_LARGE = "too large"
    WRONG_TYPE = "wrong type"
    DAMAGED = "damaged"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    OVER_NUMBER = "over the number"
