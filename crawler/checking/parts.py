"""What each kind of table of a city file says: one reader a kind, from a table to a frozen record."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from crawler.checking.columns import read_form, read_path
from crawler.checking.problems import did_you_mean, listed, shown
from crawler.checking.table import Table
from crawler.checking.urls import check_address, is_host, names_secret
from crawler.model.city import (
    Calendar,
    Deliver,
    Destination,
    Expectations,
    Policy,
    Route,
    Severity,
    Source,
    SourceRole,
)
from crawler.model.text import Text
from search.tickets import FIELDS

Record = TypeVar("Record")

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
YEAR = 365 * DAY
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The source of `otklik ingest` that every city has without naming it.
_INGEST = "ingest"


@dataclass(frozen=True)
class Read(Generic[Record]):
    """A record with the table it was read from, for problems found later."""

    record: Record
    table: Table


@dataclass
class Names:
    """What other tables of the file may refer to."""

    platforms: Collection[str] = ()
    tokens: Collection[str] = ()
    of_files: Collection[str] = ()
    sources: Collection[str] = ()
    systems: Collection[str] = ()
    topics: Collection[str] = ()
    districts: Collection[str] = ()
    calendars: Collection[str] = ()
    policies: Collection[str] = ()
    destinations: Collection[str] = ()
    routes: Collection[str] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    home: str = ""


def read_zone(table: Table, key: str, default: ZoneInfo, *, required: bool = False) -> ZoneInfo:
    """A time zone by its IANA name."""
    name = table.text(key, required=required)
    if not name:
        return default
    zones = available_timezones()
    if name in zones:
        return ZoneInfo(name)
    table.problem(
        key,
        Text("ожидается часовой пояс IANA, например Asia/Sakhalin", "an IANA time zone is expected, as Asia/Sakhalin"),
        hint=did_you_mean(name, zones),
    )
    return default


def read_source(table: Table, names: Names) -> Source:
    """`[[source]]`."""
    private = _hosts(table)
    platform = table.one_of("platform", names.platforms, required=True)
    files = platform in names.of_files
    source = Source(
        key=table.key("key"),
        platform=platform,
        address=read_path(table) if files else table.text("address", required=True),
        zone=read_zone(table, "zone", names.zone),
        role=table.choice("role", SourceRole, SourceRole.PUBLIC) or SourceRole.PUBLIC,
        # A site of one's own network may be asked as often as one likes.
        every=table.duration("every", 15 * MINUTE, SECOND if private else MINUTE, 30 * DAY),
        revisit=table.duration("revisit", 2 * DAY, timedelta(0), 90 * DAY),
        backfill=table.duration("backfill", 7 * DAY, timedelta(0), 5 * YEAR),
        home=table.text("home", names.home),
        expectations=_read_expectations(table),
        legal_basis=table.text("legal_basis"),
        allow_private=private,
        options=_read_options(table),
        token=table.reference("token", names.tokens, Text("токена", "token")),
        table=read_form(table, needed=files),
        name=table.text("name"),
    )
    if source.address and not files:
        check_address(table, "address", source.address)
    if source.key == _INGEST and source.platform not in ("", "given"):
        table.problem(
            "key",
            Text(
                'этот ключ оставлен переданным сообщениям (platform = "given"): возьмите другой',
                'this key is kept for given posts (platform = "given"): take another',
            ),
        )
    table.finish()
    return source


def _read_expectations(table: Table) -> Expectations:
    inner = table.table("expectations")
    least = inner.whole("at_least", 0, 0, 10**9) or 0
    most = inner.whole("at_most", None, 0, 10**9)
    if most is not None and most < least:
        inner.problem(
            "at_most", Text(f"не может быть меньше at_least = {least}", f"cannot be less than at_least = {least}")
        )
    per = inner.duration("per", 7 * DAY, MINUTE, YEAR)
    inner.finish()
    return Expectations(at_least=least, at_most=most, per=per)


def _read_options(table: Table) -> dict[str, str]:
    """`options`: strings for the platform or ticket system; what is named as a secret must name a variable."""
    inner = table.table("options")
    options = {}
    for key in inner.values:
        value = inner.variable(key) if names_secret(key) else inner.text(key)
        if value:
            options[key] = value
    return options


def _hosts(table: Table) -> tuple[str, ...]:
    hosts = table.strings("allow_private")
    for index, host in enumerate(hosts):
        if not is_host(host):
            table.problem(
                "allow_private",
                Text(
                    "ожидается один узел без схемы и пути, например 10.0.0.5, [fd00::5]:8080 или intranet.local",
                    "one host without scheme and path is expected, such as 10.0.0.5, [fd00::5]:8080 or intranet.local",
                ),
                found=shown(host),
                index=index,
            )
    return hosts


def read_destination(table: Table, names: Names) -> Destination:
    """`[[destination]]`."""
    destination = Destination(
        key=table.key("key"),
        system=table.one_of("system", names.systems, required=True),
        url=table.text("url"),
        secret=table.variable("secret"),
        allow_private=_hosts(table),
        options=_read_options(table),
        fields=_ticket_fields(table),
    )
    if destination.url:
        check_address(table, "url", destination.url)
    table.finish()
    return destination


def _ticket_fields(table: Table) -> tuple[str, ...]:
    fields = table.strings("fields")
    for index, name in enumerate(fields):
        if name not in FIELDS:
            known = listed(FIELDS)
            wrong = Text(f"такого поля заявки нет, есть: {known}", f"a ticket has no such field, there are: {known}")
            table.problem("fields", wrong, found=shown(name), index=index)
    return fields


def read_calendar(table: Table, _: Names) -> Calendar:
    """`[[calendar]]`: round the clock unless it names hours, weekdays or days."""
    working = any(key in table.values for key in ("weekdays", "start", "end", "holidays", "workdays"))
    calendar = Calendar(
        key=table.key("key"),
        round_the_clock=table.flag("round_the_clock", default=not working),
        weekdays=_read_weekdays(table),
        start=_read_time(table, "start", time(9)),
        end=_read_time(table, "end", time(18)),
        holidays=_read_days(table, "holidays"),
        workdays=_read_days(table, "workdays"),
    )
    if calendar.round_the_clock and working:
        table.problem(
            "round_the_clock",
            Text(
                "круглосуточный календарь не имеет дней и часов: уберите их или round_the_clock",
                "a calendar round the clock has no days or hours: remove them, or round_the_clock",
            ),
        )
    if calendar.start >= calendar.end:
        table.problem("end", Text("конец дня должен быть позже начала", "the end must be later than the start"))
    both = calendar.holidays & calendar.workdays
    if both:
        days = ", ".join(sorted(day.isoformat() for day in both))
        table.problem(
            "workdays",
            Text(f"день сразу и рабочий, и выходной: {days}", f"a day is both a workday and a holiday: {days}"),
        )
    table.finish()
    return calendar


def _read_weekdays(table: Table) -> frozenset[int]:
    names = table.strings("weekdays")
    if table.values.get("weekdays") == []:
        table.problem("weekdays", Text("нужен хотя бы один день", "at least one day is needed"))
    for index, name in enumerate(names):
        if name not in WEEKDAYS:
            allowed = ", ".join(WEEKDAYS)
            table.problem("weekdays", Text(f"можно: {allowed}", f"allowed: {allowed}"), found=shown(name), index=index)
    return frozenset(WEEKDAYS.index(name) for name in names if name in WEEKDAYS) or frozenset(range(5))


def _read_time(table: Table, key: str, default: time) -> time:
    """A TOML local time (09:00:00) or a string "09:00"."""
    value = table.raw(key)
    if value is None or isinstance(value, time):
        return value or default
    try:
        return time.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        table.problem(key, Text('ожидается время вида "09:00"', 'a time of day such as "09:00" is expected'))
        return default


def _read_days(table: Table, key: str) -> frozenset[date]:
    """An array of TOML dates (2027-01-01) or of strings with them."""
    value = table.raw(key)
    items = value if isinstance(value, list) else [] if value is None else [value]
    days = set()
    for index, item in enumerate(items):
        try:
            days.add(item if type(item) is date else date.fromisoformat(item if isinstance(item, str) else ""))
        except ValueError:
            table.problem(
                key,
                Text("ожидается дата вида 2027-01-01", "a date such as 2027-01-01 is expected"),
                found=shown(item),
                index=index,
            )
    return frozenset(days)


def read_policy(table: Table, names: Names) -> Policy:
    """`[[policy]]`."""
    policy = Policy(
        key=table.key("key"),
        first_reaction=table.duration("first_reaction", 4 * timedelta(hours=1), MINUTE, YEAR, required=True),
        resolution=table.duration("resolution", 3 * DAY, MINUTE, YEAR, required=True),
        calendar=table.reference("calendar", names.calendars, Text("календаря", "calendar")),
        channel=table.one_of(
            "channel", sorted({*names.sources, _INGEST, *names.platforms, *(role.value for role in SourceRole)})
        ),
        severity=table.choice("severity", Severity, None),
    )
    if policy.resolution < policy.first_reaction:
        table.problem(
            "resolution",
            Text("срок решения короче срока первой реакции", "the resolution is due before the first reaction"),
        )
    table.finish()
    return policy


def read_route(table: Table, names: Names) -> Route:
    """`[[route]]`."""
    route = Route(
        key=table.key("key"),
        executor=table.text("executor", required=True),
        destination=table.reference(
            "destination", names.destinations, Text("назначения", "destination"), required=True
        ),
        topic=table.reference("topic", names.topics, Text("темы или группы", "topic or group")),
        district=_read_district(table, names.districts),
        deliver=table.choice("deliver", Deliver, Deliver.CONFIRMED) or Deliver.CONFIRMED,
    )
    table.finish()
    return route


def _read_district(table: Table, districts: Collection[str]) -> str:
    """Any name where the city has no polygons of districts, else one of them."""
    if districts:
        return table.reference("district", districts, Text("района", "district"))
    return table.text("district")
