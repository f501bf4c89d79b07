"""What pages call the parts of a city file that have keys of their own and no name: by what they say."""

from crawler.console import times
from crawler.console.names import platform, severity
from crawler.model.city import City, Policy, Route, SourceRole
from crawler.model.role_names import SOURCE_ROLES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS

SYSTEMS = {
    "blackhole": Text("учёт без отправки", "kept, not sent"),
    "webhook": Text("система исполнителя", "the executor's system"),
}
_TERMS = Text("реакция {first}, решение {last}", "reaction {first}, resolution {last}")


def policy(one: Policy) -> str:
    """«опасно, Телеграм: реакция 0:10, решение 4:00»."""
    bounds = [str(severity(one.severity))] if one.severity else []
    bounds += [_channel(one.channel)] if one.channel else []
    terms = _TERMS.format(first=times.span(one.first_reaction), last=times.span(one.resolution))
    return f"{', '.join(bounds)}: {terms}" if bounds else terms


def route(one: Route) -> str:
    """«АО «Теплосети» (Отопление, Заречье)»."""
    bounds = ", ".join(part for part in (one.topic, one.district) if part)
    return f"{one.executor} ({bounds})" if bounds else one.executor


def destination(city: City, key: str) -> str:
    """Where tickets go: by what the system is, with its key where the city has several alike."""
    known = {one.key: one.system for one in city.destinations}
    if key not in known or known[key] not in SYSTEMS:
        return key
    named = str(SYSTEMS[known[key]])
    return named if list(known.values()).count(known[key]) == 1 else f"{named} {key}"


def _channel(key: str) -> str:
    if key in PLATFORMS:
        return str(platform(key).title)
    return str(SOURCE_ROLES[SourceRole(key)]) if key in set(SourceRole) else key
