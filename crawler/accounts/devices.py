"""Browsers that somebody has signed in with before. A guesser elsewhere has none of their marks, so whoever comes back
is not kept waiting by one (OWASP, "Device cookies"). A mark opens nothing: it is only another count of wrong tries.
"""

import re
import secrets
from datetime import datetime, timedelta

from crawler.model.ports import Keys

LASTS = timedelta(days=180)
MOST = 8
"""People who share one browser: a duty office has one for a shift."""
_MARK = re.compile(r"([0-9a-f]{32})-(\d{1,12})-([0-9a-f]{32})")


def known(keys: Keys, cookie: str, name: str, at: datetime) -> str:
    """What the tries of that browser are counted by, where the person of that name has signed in with it, else ""."""
    for mark in _marks(cookie):
        device, made, digest = mark
        age = at.timestamp() - int(made)
        if 0 <= age < LASTS.total_seconds() and secrets.compare_digest(digest, _digest(keys, name, device, made)):
            return device
    return ""


def with_mark(keys: Keys, cookie: str, name: str, at: datetime) -> str:
    """The cookie after a sign-in: a new mark for that name, and those of others that it had."""
    device, made = secrets.token_hex(16), str(int(at.timestamp()))
    others = [mark for mark in _marks(cookie) if mark[2] != _digest(keys, name, *mark[:2])]
    return "~".join("-".join(mark) for mark in [(device, made, _digest(keys, name, device, made)), *others][:MOST])


def _marks(cookie: str) -> list[tuple[str, str, str]]:
    found = [_MARK.fullmatch(one) for one in cookie.split("~")[:MOST]]
    return [(one[1], one[2], one[3]) for one in found if one]


def _digest(keys: Keys, name: str, device: str, made: str) -> str:
    return keys.pseudonym("device", name.strip().lower(), device, made)
