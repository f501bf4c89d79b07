"""Posts and queries of a small world, made so that they often meet: few words, few places, few moments."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from crawler.model.items import (
    Author,
    AuthorRole,
    EventPrecision,
    EventTime,
    Forward,
    House,
    Kind,
    Location,
    Media,
    Place,
    PlaceKind,
    Poll,
    Post,
    Reading,
)
from search.areas import Areas
from search.document import HAS, TRAITS, Document, document_of
from search.names import Names
from search.reference import Context
from search.tree import And, At, Field, Houses, Node, Not, Or, Period, Phrase, Prefix, Query, Word

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = "переосвидетельствование" * 6
WORDS = [
    *("яма", "ямы", "ям", "воды", "вода", "водой", "водопровод", "нет", "сёл", "село", "сел", "ёлка", "елки", "кто-то"),
    *("бизнес-центр", "бизнес", "центр", "29/2", "12к1", "29", "12", "улица-то", "ленина", "Ленина", "горячая"),
    *("горячей", "wi-fi", "5G", "🔥вода", "при", "приехал", "прибыл", "стол", "стали", "сталь", LONG),
]
MARKS = [" ", " ", " ", " ", ", ", ". ", "! ", "\n\n", " — ", "-"]
HOUSES = (
    House(10),
    House(10, "А"),
    House(12, "/1"),
    House(10, "", 20),
    House(11, "", 21, "odd"),
    House(10, "", 16, "even"),
    House(29, "к2"),
)
STREETS = ("ленина/улица", "ленина/", "ленина/проспект", "мира/улица", "ленина/улица|мира/улица", "")
AREAS = ("", "Луговое", "Центральный район", "Центральный", "Красное Село", "г. Красное Село")
POINTS = (
    (None, None),
    (46.95, 142.73),
    (46.9536, 142.73),
    (46.95, 142.7352),
    (46.9500004, 142.7299996),
    (66.1, 179.9995),
    (66.1, -179.9995),
    (89.999, 10.0),
    (-33.9, -70.5),
)
"""Two are a rounding apart, two lie across the 180th meridian from each other."""
CALLED = (("", "Ленина"), ("улица", "Ленина"), ("школа", "6"), ("торговый центр", "Европа"), ("остановка", "Школа № 6"))
QUOTES = ("", "ТЦ «Европа»", "на улице Ленина, 5")
SHAPES = {
    # With a hole around one of the points, without a corner, across the 180th meridian, at a pole, where nothing is.
    "Центр": Polygon(
        [(142.72, 46.94), (142.74, 46.94), (142.74, 46.96), (142.72, 46.96)],
        [[(142.735, 46.949), (142.736, 46.949), (142.736, 46.951), (142.735, 46.951)]],
    ),
    "Зона 5": Polygon([(142.729, 46.949), (142.74, 46.949), (142.74, 46.952), (142.7305, 46.951), (142.729, 46.96)]),
    "Чукотский берег": MultiPolygon([box(179.9, 66.0, 180.0, 66.2), box(-180.0, 66.05, -179.999, 66.15)]),
    "Север": MultiPolygon(
        [box(-180.0, 89.5, -5.0, 90.0), box(-5.0, 89.0, 170.0, 90.0), box(179.9, 66.05, 179.95, 66.2)]
    ),
    "Море": box(142.7, 46.8, 142.701, 46.801),
}
TOPICS = {"Вода": ("Нет воды", "Плохая вода"), "Дороги": (), "Ёлки": ("Ёлки и трава",)}
AUTHORS = (None, Author(AuthorRole.RESIDENT, "a" * 32), Author(AuthorRole.OFFICIAL, "b" * 32), Author(key="c" * 32))
FIELDS = (
    *(("source", "one"), ("source", "two"), ("platform", "vk"), ("kind", "comment"), ("kind", "post")),
    *(("author", role) for role in ("resident", "official", "media", "unknown")),
    *(("author", "a" * 32), ("author", "c" * 32)),
    *(("topic", name) for name in ("Вода", "вода", "Нет воды", "плохая вода", "Дороги", "елки", "Ёлки", "Старая тема")),
    *(("act", "complaint"), ("act", "advert"), ("lang", "ru"), ("lang", "tt")),
    *(("story", "vk:2"), ("story", "news:https://example.org/a")),
    *(("has", value) for value in HAS),
    *(("is", value) for value in TRAITS),
)
MEDIA = tuple(Media(kind) for kind in ("photo", "video", "round_video", "voice", "document", "sticker"))
CONTEXT = Context(START + timedelta(hours=30), ZoneInfo("Asia/Sakhalin"), Names(TOPICS, Areas(lambda: SHAPES)))


def text_of(random: Random) -> str:
    """A few sentences of the small vocabulary."""
    return "".join(random.choice(WORDS) + random.choice(MARKS) for _ in range(random.randint(0, 14)))


def place_of(random: Random) -> Place:
    """A place that may be anything, with or without houses and coordinates."""
    lat, lon = random.choice(POINTS)
    kind, name = random.choice(CALLED)
    return Place(
        random.choice(list(PlaceKind)),
        (random.choice(AREAS) or name, *random.choice(((), (), ("Мира",)))),
        0,
        1,
        random.choice(QUOTES),
        type=kind,
        houses=tuple(random.sample(HOUSES, random.choice((0, 0, 1, 2)))),
        settlement=random.choice(AREAS),
        district=random.choice(AREAS),
        street_key=random.choice(STREETS),
        lat=lat,
        lon=lon,
    )


def event_of(random: Random) -> EventTime:
    """A time that a text tells, with or without its ends, to the microsecond at times."""
    begins = START + timedelta(hours=random.randint(-30, 60), microseconds=random.choice((0, 0, 1, 999_999)))
    ends = begins + random.choice((timedelta(microseconds=1), timedelta(hours=2), timedelta(days=3)))
    first, last = random.choice(((begins, ends), (begins, None), (None, ends)))
    return EventTime(0, 1, "?", first, last, EventPrecision.MINUTE, "Asia/Sakhalin")


def document(number: int, random: Random) -> Document:
    """A post of this world; many share a moment of publication."""
    post = Post(
        id=f"post:{number}" + "x" * (600 if number % 50 == 7 else 0),
        source=random.choice(("one", "two")),
        platform=random.choice(("vk", "telegram")),
        kind=random.choice((Kind.POST, Kind.COMMENT)),
        title=text_of(random) if random.random() < 0.3 else "",
        text=text_of(random),
        seen_at=START + timedelta(hours=random.randint(20, 28), microseconds=random.choice((0, 0, 1))),
        published_at=START + timedelta(hours=random.randint(0, 24), microseconds=random.choice((0, 0, 1, 999_999))),
        version=random.randint(1, 3),
        author=random.choice(AUTHORS),
        links=random.choice(((), (), ("https://example.org/",))),
        media=tuple(random.sample(MEDIA, random.choice((0, 0, 1, 2)))),
        poll=random.choice((None, None, Poll("?", ()))),
        location=random.choice((None, None, Location(46.95, 142.73))),
        reply_to=random.choice(("", "", "vk:1")),
        forwarded_from=random.choice((None, None, Forward("?"))),
    )
    reading = Reading(
        places=tuple(place_of(random) for _ in range(random.choice((0, 1, 1, 2)))),
        topic=random.choice(("", "Нет воды", "Плохая вода", "Вода", "Дороги", "Ёлки и трава", "Старая тема")),
        act=random.choice(("", "complaint", "advert")),
        language=random.choice(("", "ru", "tt")),
        copy_of=random.choice(("", "", "vk:2")),
        story=random.choice(("", "", "vk:2", "news:https://example.org/a")),
        event_times=tuple(event_of(random) for _ in range(random.choice((0, 0, 1, 2)))),
    )
    return document_of(post, reading)


def corpus(seed: int, size: int) -> list[Document]:
    """The same posts for the same seed."""
    random = Random(seed)
    return [document(number, random) for number in range(size)]


_SPAN = (0, 0)
_word_texts = st.sampled_from([word.lower() for word in WORDS if "🔥" not in word])
_plain = st.builds(lambda text: Word(text, _SPAN), _word_texts)
_exact = st.builds(lambda text: Word(text, _SPAN, exact=True), _word_texts)
_prefixes = st.builds(
    lambda text, size: Prefix(text.replace("ё", "е")[: max(3, size)], _SPAN),
    _word_texts.filter(lambda text: len(text) > 3),
    st.integers(3, 15),
)
_slots = st.lists(st.one_of(_plain, _plain, _exact, _prefixes), min_size=1, max_size=2).map(tuple)
_phrases = st.builds(
    lambda slots, distance, ordered, sentence: Phrase(
        tuple(slots), _SPAN, 0 if sentence else distance, ordered or (not sentence and distance == 0), sentence
    ),
    st.lists(_slots, min_size=1, max_size=4),
    st.sampled_from((0, 0, 1, 3, 8)),
    st.booleans(),
    st.booleans(),
)
_houses = st.builds(
    lambda first, more, suffix: Houses(first, first + more, None if more else suffix),
    st.integers(9, 30),
    st.sampled_from((0, 0, 0, 1, 5)),
    st.sampled_from((None, None, "А", "/1", "к2")),
)
_near = st.tuples(
    st.sampled_from([(lat, lon) for lat, lon in POINTS if lat is not None and lon is not None and lat != 46.9500004]),
    st.sampled_from((0.5, 5.0, 380.0, 420.0, 560.0, 900_000.0)),
).map(lambda pair: (*pair[0], pair[1]))
places = st.builds(
    lambda street, house, district, settlement, place, near, polygon: At(
        _SPAN, street, house, district, settlement, place, near, polygon
    ),
    st.sampled_from(("", "ленина/улица", "ленина/", "мира/улица", "мира/")),
    st.one_of(st.none(), _houses),
    st.sampled_from(("", "", "Луговое", "в Луговом районе", "Центральный")),
    st.sampled_from(("", "", "Красное Село")),
    st.sampled_from(("", "", "", "Ленина", "Ленина ул.", "школы № 6", "ТЦ Европа", "Луговое", "Мира", "площадь Мира")),
    st.one_of(st.none(), st.none(), st.none(), _near),
    st.sampled_from(("", "", "", *SHAPES, "в центре", "Нигде")),
)
_moments = ("2026-03-02", "01.03.2026", "2026-03-01T23:00", "2026-03-01T23:00:01", "-12h", "-1d")
_ahead = (
    *("+6h", "+1d", "вчера", "today", "завтра", "сегодня..завтра"),
    *("2026-03-01..02.03.2026", "2026-03-01T23:00..today"),
)

periods = st.one_of(
    st.builds(Period, st.sampled_from(("since", "until", "seen")), st.sampled_from(_moments), st.just(_SPAN)),
    st.builds(Period, st.just("when"), st.sampled_from(_moments + _ahead), st.just(_SPAN)),
)
fields = st.builds(lambda field: Field(field[0], field[1], _SPAN), st.sampled_from(FIELDS))
_leaves: st.SearchStrategy[Node] = st.one_of(
    _plain, _plain, _exact, _prefixes, _phrases, _phrases, fields, periods, places
)


def _joined(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(children, min_size=1, max_size=4).map(tuple)
    return st.one_of(parts.map(And), parts.map(Or), children.map(Not))


queries = st.one_of(st.just(None), st.recursive(_leaves, _joined, max_leaves=8)).map(lambda root: Query("", root))
"""Every node of the first form of the language, nested."""
