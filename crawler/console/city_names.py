"""What pages call the parts of a city file that have keys of their own and no name: by what they say."""

from crawler.console import times
from crawler.console.names import platform, sending, severity
from crawler.model.city import City, Policy, Route, SourceRole
from crawler.model.role_names import SOURCE_ROLES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.incidents import Delivery
from search.tickets.called import KEPT_ONLY, destination

__all__ = ["destination", "policy", "route", "sent"]

_KEPT = Text("записано, никуда не уходит", "recorded, goes nowhere")
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


def sent(city: City, one: Delivery) -> str:
    """How far a ticket is: «система исполнителя: доставлено, T-12». What is only kept waits for nobody, and has no
    number that anybody could ask for.
    """
    system = {known.key: known.system for known in city.destinations}.get(one.destination)
    where = destination(city, one.destination)
    if system in KEPT_ONLY:
        return f"{where}: {_KEPT}"
    return ", ".join(filter(None, (f"{where}: {sending(one.state)}", one.external_id)))


def _channel(key: str) -> str:
    if key in PLATFORMS:
        return str(platform(key).title)
    return str(SOURCE_ROLES[SourceRole(key)]) if key in set(SourceRole) else key
