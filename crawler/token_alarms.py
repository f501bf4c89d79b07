"""What is wrong with the access tokens of a city, by what the last crawls of their sources say: a console has no
secrets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.alarms import Level, watched_sources
from crawler.model.city import City, Source, Token
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, TokenRules
from crawler.troubles import TROUBLES
from search.state.health import SourceHealth

NEAR = 0.8
"""The part of a day's calls from which on they are near their end."""
REFUSED = ("no token", "token", "token expired", "validation", "captcha", "not permitted")
"""Words of a token that is not taken, for all that it is asked for or for some of it."""


@dataclass(frozen=True, slots=True)
class TokenAlarm:
    """One thing that is wrong with a token, by its key in the city file; `sources` are those that it concerns."""

    token: str
    level: Level
    short: Text
    what: Text
    todo: Text
    sources: tuple[str, ...]

    @property
    def is_refused(self) -> bool:
        """Whether its sources cannot be read for it."""
        return self.level is Level.ATTENTION and self.short in [TROUBLES[word] for word in REFUSED]


def token_alarms(city: City, last: Mapping[str, SourceHealth], now: datetime) -> list[TokenAlarm]:
    """Every alarm, the worst first."""
    found: list[TokenAlarm] = []
    for key, token in city.tokens.items():
        sources = [one for one in watched_sources(city) if city.token_of(one) is token and one.key in last]
        rules = PLATFORMS[sources[0].platform].tokens if sources else None
        if rules:
            found += _refused(key, sources, last)
            found += _spent(key, token, rules, [last[one.key] for one in sources], now)
    return sorted(found, key=lambda alarm: alarm.level is not Level.ATTENTION)


def concerned(found: Sequence[TokenAlarm], level: Level) -> set[str]:
    """The sources whose token has an alarm of that level."""
    return {source for alarm in found if alarm.level is level for source in alarm.sources}


def _refused(key: str, sources: Sequence[Source], last: Mapping[str, SourceHealth]) -> Iterator[TokenAlarm]:
    """What its platform refused: where nothing could be read people are needed, where it was partway they may look."""
    for word in REFUSED:
        met = [one for one in sources if word in last[one.key].errors]
        unread = [one for one in met if last[one.key].outcomes.get("broken")]
        partly = [one for one in met if one not in unread]
        for level, what, of_it in ((Level.ATTENTION, NOT_READ, unread), (Level.WARNING, PARTLY_READ, partly)):
            if of_it:
                named = ", ".join(one.key for one in of_it[:4])
                told = what.filled(n=len(of_it), of=len(sources), named=named)
                todo = PLATFORMS[of_it[0].platform].advice[word]
                yield TokenAlarm(key, level, TROUBLES[word], told, todo, tuple(one.key for one in of_it))


def _spent(
    key: str, token: Token, rules: TokenRules, crawls: Sequence[SourceHealth], now: datetime
) -> Iterator[TokenAlarm]:
    """What was left of the platform's day after the latest crawl of it."""
    today = now.astimezone(rules.zone).date()
    of_today = [one for one in crawls if one.finished_at.astimezone(rules.zone).date() == today]
    for method, most in rules.bounds(token).items():
        told = [one for one in of_today if method in one.quota]
        if not told or not most:
            continue
        newest = max(told, key=lambda one: one.finished_at)
        left = newest.quota[method]
        # The platform may say so before our count does: somebody else calls with the token.
        spent = not left or any("quota" in one.errors for one in of_today)
        if not spent and most - left < NEAR * most:
            continue
        level = Level.ATTENTION if spent else Level.WARNING
        short = SPENT_SHORT if spent else NEAR_SHORT.filled(left=left, most=most)
        what = USED.filled(
            method=method,
            made=most - left,
            most=most,
            at=newest.finished_at.astimezone(rules.zone).strftime("%H:%M"),
            zone=rules.zone.key,
        )
        yield TokenAlarm(key, level, short, what, SLOWER, tuple(one.source for one in told))


NOT_READ = Text("не читаются источники: {n} из {of} ({named})", "sources that cannot be read: {n} of {of} ({named})")
PARTLY_READ = Text(
    "источники прочитаны не целиком, площадка отказала по ходу обхода: {n} из {of} ({named})",
    "sources that were not read whole, the platform refused partway: {n} of {of} ({named})",
)
NEAR_SHORT = Text(
    "квота почти исчерпана: осталось {left} из {most}", "the quota is nearly used: {left} of {most} are left"
)
SPENT_SHORT = Text("квота на сегодня исчерпана", "the day's quota is used up")
USED = Text(
    "сделано {made} вызовов {method} из {most}, на {at} ({zone}); новые сутки начнутся в полночь",
    "{made} of {most} calls of {method} were made by {at} ({zone}); the next day begins at midnight",
)
SLOWER = Text(
    "увеличьте every источников с этим токеном или дайте части из них другой: token = …",
    "raise `every` of the sources with this token, or give some of them another: token = …",
)
