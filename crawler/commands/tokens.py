"""What the doctor says of access tokens: what they rest from, how far their day's calls are used up, whether the day is
enough for the schedule of the city.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from crawler.commands.finding import Finding
from crawler.desk import Desk
from crawler.installation import Installation
from crawler.model.city import Source
from crawler.model.errors import OtklikError
from crawler.model.ports import Account, Standing
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, Platform
from crawler.runner import crawlable
from crawler.token_alarms import NEAR, SLOWER

RESTS = Text("отдыхает до {until} ({zone}): {why}{method}", "rests until {until} ({zone}): {why}{method}")
USED = Text(
    "сегодня сделано {made} вызовов {method} из {most}, до полуночи ({zone}) осталось {left}",
    "{made} of {most} calls of {method} are made today, {left} are left until midnight ({zone})",
)
TOO_MANY = Text(
    "источникам города нужно {need} вызовов {method} в день, а есть {most}",
    "the city's sources need {need} calls of {method} a day, there are {most}",
)
WAIT = Text("подождите; источники дочитаются сами", "wait; the sources are read to the end by themselves")


def look_at_tokens(installation: Installation, desk: Desk) -> Iterator[Finding]:
    """Every token that a source of the city is read with; one whose variable is not set is told by another look."""
    for key, token in desk.city.tokens.items():
        sources = [one for one in crawlable(desk.city.sources) if desk.city.token_of(one) is token]
        platform = PLATFORMS[sources[0].platform] if sources else None
        if not platform or not platform.tokens:
            continue
        try:
            account = Account(sources[0].platform, desk.secrets.get(token.env), platform.tokens.zone)
        except OtklikError:
            continue
        standing = installation.ledger.standing(account)
        yield from _rests(key, platform, account, standing)
        yield from _day(key, platform.tokens.bounds(token), account, standing)
        yield from _schedule(key, platform.tokens.bounds(token), sources)


def _rests(key: str, platform: Platform, account: Account, standing: Standing) -> Iterator[Finding]:
    for rest in standing.rests:
        what = RESTS.filled(
            until=rest.until.astimezone(account.zone).strftime("%d.%m %H:%M"),
            zone=account.zone.key,
            why=rest.why,
            method=f", {rest.method}" if rest.method else "",
        )
        yield Finding(key, what, platform.advice.get(rest.why, WAIT))


def _day(key: str, bounds: Mapping[str, int], account: Account, standing: Standing) -> Iterator[Finding]:
    for method, most in bounds.items():
        made = standing.calls.get(method, 0)
        if made >= NEAR * most:
            values = {"made": made, "most": most, "left": max(0, most - made)}
            yield Finding(key, USED.filled(method=method, zone=account.zone.key, **values), SLOWER)


def _schedule(key: str, bounds: Mapping[str, int], sources: Sequence[Source]) -> Iterator[Finding]:
    """Every crawl makes one call of each bounded method at least."""
    need = math.ceil(sum(timedelta(days=1) / source.every for source in sources))
    for method, most in bounds.items():
        if need > most:
            yield Finding(key, TOO_MANY.filled(need=need, method=method, most=most), SLOWER)
