"""What a city file says, after it was read and checked: frozen records, no reading here (crawler/checking reads)."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.model.rubric import RubricTopic
from crawler.model.rules import Rule
from crawler.model.topic_groups import TopicGroups


class SourceRole(StrEnum):
    """Whose feed a source is."""

    OFFICIAL = "official"
    PUBLIC = "public"
    MEDIA = "media"
    PERSON = "person"
    INTAKE = "intake"


class Severity(StrEnum):
    """How bad it is, worst first: severity goes before any deadline."""

    DANGER = "danger"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Deliver(StrEnum):
    """When a route hands an incident over."""

    CONFIRMED = "confirmed"
    AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a source should give: at least and at most so many posts in `per`; fewer or more is said by the doctor."""

    at_least: int = 0
    at_most: int | None = None
    per: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token: `env` names the environment variable that holds it, `kind` is what its platform calls it (VK:
    user, community, service; "" where that does not matter). `a_second` and `a_day` (method → calls) replace what the
    platform's own table allows, where a platform granted more or less.
    """

    env: str
    kind: str = ""
    a_second: float | None = None
    a_day: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableForm:
    """How the tables of an intake are laid out. `columns` maps a field of a post to the columns that make it, each by
    its heading, its letter or its number from 1; `header` is the row of the headings, 0 for none; `sheet` the name of
    a workbook's sheet, "" for the first. An empty `encoding` or `delimiter` is found out.
    """

    columns: dict[str, tuple[str | int, ...]]
    header: int = 1
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One feed to watch. `revisit` is how far back edits and deletions are looked for, `backfill` how far back a first
    crawl reads; `zone` is the source's own (a Moscow agency prints Moscow time), `home` its home settlement.
    `token` is the key of the token it is read with, "" for that of the platform's name; `name` what people call it.
    `allow_private` names hosts of an intranet that the address guard lets through for this source. `table` is there
    for an intake of tables, whose `address` is an absolute path.
    """

    key: str
    platform: str
    address: str
    zone: ZoneInfo
    role: SourceRole = SourceRole.PUBLIC
    every: timedelta = timedelta(minutes=15)
    revisit: timedelta = timedelta(days=2)
    backfill: timedelta = timedelta(days=7)
    home: str = ""
    expectations: Expectations = Expectations()
    legal_basis: str = ""
    allow_private: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    token: str = ""
    table: TableForm | None = None
    name: str = ""

    @property
    def shown(self) -> str:
        """«Подслушано Тихоозёрск», the key where the city file has no name for it."""
        return self.name or self.key


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A named query that raises incidents. `id` is `file:KEY` or `user:KEY`; `topic` names a topic or a group, "" is
    what each text is read as. `rule` says which matches raise one; `risk` makes it an information risk.

    `window` is how long an incident of it takes further reports; `area_wide` lets a street alone group reports;
    `personal` (benefits, medical cases) keeps reports from ever being merged. `route` and `policy` override the choice
    by topic, district and severity with a key of a destination's route or of a policy.
    """

    id: str
    name: str
    query: str
    topic: str
    severity: Severity = Severity.NORMAL
    rule: Rule = Rule()
    risk: bool = False
    window: timedelta = timedelta(days=3)
    area_wide: bool = False
    personal: bool = False
    route: str = ""
    policy: str = ""
    owner: str = ""
    state: str = "active"
    version: int = 1


@dataclass(frozen=True, slots=True)
class Destination:
    """A ticket system of the city: `system` is a key of TICKET_SYSTEMS, `secret` names an environment variable, and
    `fields` (search/tickets) what its tickets tell beside what all do.
    """

    key: str
    system: str
    url: str = ""
    secret: str = ""
    allow_private: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Which executor answers for a topic (or group) in a district, and where its tickets go. Empty means any.

    The most specific route wins: topic before group of the city file before group of the rubric before any, a district
    before none; then the order of the file.
    """

    key: str
    executor: str
    destination: str
    topic: str = ""
    district: str = ""
    deliver: Deliver = Deliver.CONFIRMED


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time in the city's zone: weekdays (0 is Monday) from `start` to `end`, without `holidays`, with
    `workdays` that were moved to a weekend. `round_the_clock` counts every minute.
    """

    key: str
    round_the_clock: bool = True
    weekdays: frozenset[int] = frozenset(range(5))
    start: time = time(9)
    end: time = time(18)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """Minutes to the first reaction and to the resolution, counted in a calendar. Empty channel or severity: any.

    The channel is a platform or a source role. The most specific policy wins (channel and severity, channel,
    severity, none); then the order of the file.
    """

    key: str
    first_reaction: timedelta
    resolution: timedelta
    calendar: str = ""
    channel: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How long something is kept, counted from its publication: posts as a whole, and what their platform answered
    (`raw`). Empty kind, platform or role: any; None: no limit of this rule. The kind "event" is the journal.

    For each of the two limits the most specific rule that names it wins; then the order of the file.
    """

    keep: timedelta | None
    raw: timedelta | None
    kind: str = ""
    platform: str = ""
    role: SourceRole | None = None


@dataclass(frozen=True, slots=True)
class GazetteerFiles:
    """Where the gazetteer of the city lies, paths made absolute: `built`, or `addresses` and `districts` that are read
    at every start. `polygons` are those that only queries ask for; `aliases` maps a colloquial name to that on the map.
    """

    built: Path | None = None
    addresses: Path | None = None
    districts: Path | None = None
    polygons: Path | None = None
    aliases: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageRules:
    """Which images of reports are kept: bytes of one as its host sends it, images of one post, bytes of all that the
    city has on its disk.
    """

    keep: bool = True
    most_bytes: int = 8_000_000
    most_per_post: int = 10
    most_total: int = 20_000_000_000


@dataclass(frozen=True, slots=True)
class City:
    """A whole city file. `engine` is `embedded:` or `elasticsearch:http(s)://host:port`; `topics` maps a group to its
    topics; `topic_model` is the file of a model that was trained, `rubric` what tells topics where there is none;
    `tokens` has the access tokens by their keys.
    """

    key: str
    name: str
    zone: ZoneInfo
    home: str
    region: str
    path: Path
    engine: str = "embedded:"
    gazetteer: GazetteerFiles = GazetteerFiles()
    topics: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    tokens: dict[str, Token] = field(default_factory=dict)
    searches: tuple[SavedSearch, ...] = ()
    destinations: tuple[Destination, ...] = ()
    routes: tuple[Route, ...] = ()
    policies: tuple[Policy, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    images: ImageRules = ImageRules()
    retentions: tuple[Retention, ...] = ()
    topic_model: Path | None = None
    rubric: tuple[RubricTopic, ...] = ()
    groups: TopicGroups = field(init=False, repr=False, compare=False)
    _searches: dict[str, list[SavedSearch]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Where the city has a model, its rubric is not asked.
        object.__setattr__(self, "groups", TopicGroups(self.topics, () if self.topic_model else self.rubric))
        # Asked for every topic group of every batch: a pass over a thousand searches each was a tenth of a post's cost.
        under: dict[str, list[SavedSearch]] = {"": []}
        for search in self.searches:
            under.setdefault(search.topic and self.group_of(search.topic), []).append(search)
        object.__setattr__(self, "_searches", under)

    def source(self, key: str) -> Source:
        """The source of that key; KeyError when the file has none."""
        for source in self.sources:
            if source.key == key:
                return source
        raise KeyError(key)

    def source_name(self, key: str) -> str:
        """What people call a source; the key of one that the file does not have, or no longer."""
        return next((source.shown for source in self.sources if source.key == key), key)

    def token_of(self, source: Source) -> Token | None:
        """The token that a source is read with: the one it names, else the one of its platform's name, else none."""
        return self.tokens.get(source.token or source.platform)

    def group_of(self, topic: str) -> str:
        """The group of the city file that a topic belongs to; a group is its own group, an unknown name too."""
        return self.groups.of(topic)

    def searches_of(self, group: str) -> list[SavedSearch]:
        """The searches that may raise reports of a topic group: its own, and those that leave the topic to the text."""
        return [*(self._searches.get(group, []) if group else []), *self._searches[""]]
