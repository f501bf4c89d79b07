from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import box

from crawler.model.errors import QueryError
from search.analysis import name_key
from search.areas import Areas
from search.names import Names
from search.query import MAX_CLAUSES, MAX_DEPTH, parse_query, show
from search.query_lexer import MAX_LENGTH
from search.tree import And, At, Field, Houses, Node, Not, Or, Period, Phrase, Prefix, Query, Word
from tests.search.engines.worlds import fields, periods, places


def bare(node: Any) -> Any:
    """A node without its spans."""
    if isinstance(node, tuple):
        return tuple(map(bare, node))
    if not hasattr(type(node), "__dataclass_fields__"):
        return node
    names = [name for name in type(node).__dataclass_fields__ if name != "span"]
    return (type(node).__name__, *(bare(getattr(node, name)) for name in names))


def same(one: Query, other: Query) -> bool:
    return bool(bare(one.root) == bare(other.root))


def read(text: str) -> Query | QueryError:
    try:
        return parse_query(text)
    except QueryError as error:
        return error


def w(text: str) -> Word:
    return Word(text, (0, 0))


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", None),
        (" \n", None),
        ("яма дорога", And((w("яма"), w("дорога")))),
        ("яма AND дорога", And((w("яма"), w("дорога")))),
        ("воды,света", And((w("воды"), w("света")))),
        ("a OR b c", Or((w("a"), And((w("b"), w("c")))))),
        ("(a OR b) c", And((Or((w("a"), w("b"))), w("c")))),
        ("a -b NOT c", And((w("a"), Not(w("b")), Not(w("c"))))),
        ("a or b", And((w("a"), w("or"), w("b")))),
        ("=Ямы", Word("ямы", (0, 0), exact=True)),
        ("Водо*", Prefix("водо", (0, 0))),
        ("Ещё*", Prefix("еще", (0, 0))),
        ('"нет воды"', Phrase(((w("нет"),), (w("воды"),)), (0, 0))),
        ("«нет воды»", Phrase(((w("нет"),), (w("воды"),)), (0, 0))),
        ('"вода"', w("вода")),
        ("юго-западный", Phrase(((w("юго"),), (w("западный"),)), (0, 0))),
        ("=юго-западный", Word("юго-западный", (0, 0), exact=True)),
        ("29/2", w("29/2")),
        ('"a b"~5', Phrase(((w("a"),), (w("b"),)), (0, 0), distance=5, ordered=False)),
        ('"a b"~>5', Phrase(((w("a"),), (w("b"),)), (0, 0), distance=5)),
        ('"a b"~s', Phrase(((w("a"),), (w("b"),)), (0, 0), ordered=False, sentence=True)),
        ('"(a|b) c"', Phrase(((w("a"), w("b")), (w("c"),)), (0, 0))),
        ('"(нет воды)"', Phrase(((w("нет"),), (w("воды"),)), (0, 0))),
        ("kind:comment", Field("kind", "comment", (0, 0))),
        ("since:-24h", Period("since", "-24h", (0, 0))),
        ("when:завтра", Period("when", "завтра", (0, 0))),
        ("when:2026-02-01..2026-02-03", Period("when", "2026-02-01..2026-02-03", (0, 0))),
        ("when:+7d", Period("when", "+7d", (0, 0))),
        ("street:Ленина house:10-20", At((0, 0), "ленина/", Houses(10, 20))),
        ("street:Ленина яма house:5", And((At((0, 0), "ленина/", Houses(5, 5)), w("яма")))),
        ('street:"улица Ленина"', At((0, 0), "ленина/улица")),
        ("street:Ленина OR house:5", Or((At((0, 0), "ленина/"), At((0, 0), house=Houses(5, 5))))),
        ("street:Ленина -house:5", And((At((0, 0), "ленина/"), Not(At((0, 0), house=Houses(5, 5)))))),
        ("at(street:Ленина) house:5", And((At((0, 0), "ленина/"), At((0, 0), house=Houses(5, 5))))),
        ("near:46.95,142.73,500m", At((0, 0), near=(46.95, 142.73, 500.0))),
        ("at(house:5 near:-33.90000049,-70.5,1.5км)", At((0, 0), house=Houses(5, 5), near=(-33.9, -70.5, 1500.0))),
        ('near:"46.95, 142.73, 500 м"', At((0, 0), near=(46.95, 142.73, 500.0))),
        ("place:Школа house:5", At((0, 0), house=Houses(5, 5), place="Школа")),
        ('at(place:"ТЦ Европа" in:Центр)', At((0, 0), place="ТЦ Европа", polygon="Центр")),
        ("at(district:Луговое settlement:Саранск)", At((0, 0), district="Луговое", settlement="Саранск")),
    ],
)
def test_trees(text: str, root: Node | None) -> None:
    assert bare(parse_query(text).root) == bare(root)


def test_spans_are_code_points_of_the_query() -> None:
    text = '😀 яма "нет воды"~5 -свет at(house:5)'
    root = parse_query(text.replace("😀", "")).root
    assert isinstance(root, And)
    shown = text.replace("😀", "")
    word, phrase, negated, place = root.parts
    assert isinstance(word, Word)
    assert shown[slice(*word.span)] == "яма"
    assert isinstance(phrase, Phrase)
    assert shown[slice(*phrase.span)] == '"нет воды"~5'
    assert isinstance(negated, Not)
    assert isinstance(negated.part, Word)
    assert shown[slice(*negated.part.span)] == "свет"
    assert isinstance(place, At)
    assert shown[slice(*place.span)] == "at(house:5)"


@pytest.mark.parametrize(
    ("text", "where", "hint", "says"),
    [
        ("()", "()", "", "empty brackets"),
        ("вода (", "(", " ", "bracket"),
        ("(вода", "(вода", "(вода)", "not closed"),
        ("вода)", ")", " ", "not opened"),
        ('"нет воды', '"нет воды', '"нет воды"', "not closed"),
        ('яма "?!"', '"?!"', " ", "without words"),
        ("яма ?!", "?!", " ", "neither a word"),
        ("*вода", "*вода", "вода*", "end of a word"),
        ("во*", "во*", "", "three letters"),
        ("=яма*", "=яма*", "яма*", "exclude"),
        ("вода~2", "~2", " ", "after a phrase"),
        ('"нет воды"~x', "~x", "~5", "after ~"),
        ('"нет воды"~51', "~51", "~50", "at most 50"),
        ("strret:Ленина", "strret:", "street:", "did you mean street:"),
        ("улитца:Ленина", "улитца:", "улица:", "did you mean улица:?"),
        ("seet:1", "seet:", "street:", "did you mean street: or seen:?"),
        ("сроки:вода", "сроки:вода", '"сроки:вода"', "There are source: platform: kind:"),
        ("since:завтра", "since:завтра", "", "neither a day nor a time"),
        ("since:2026-02-30", "since:2026-02-30", "", "neither a day nor a time"),
        ("since:+7d", "since:+7d", "", "neither a day nor a time"),
        ("when:скоро", "when:скоро", "", "tomorrow, +7d or 2026-01-31..2026-02-02"),
        ("when:2026-02-03..2026-02-01", "when:2026-02-03..2026-02-01", "", "neither a day nor a time"),
        ("Когда:скоро", "Когда:скоро", "", "Когда: neither a day nor a time"),
        ("house:abc", "house:abc", "", "not a house number"),
        ("street:", "street:", "", "no value"),
        ("kind:комментарий", "kind:комментарий", "kind:comment", "no value комментарий"),
        ("act:жалоба", "act:жалоба", "act:complaint", "no value жалоба. There are: advert, complaint"),
        ("act:complain", "act:complain", "act:complaint", "no value"),
        ("lang:русский", "lang:русский", "lang:ru", "no value"),
        ("lang:", "lang:", "", "no value after lang:"),
        ("яма has:фото", "has:фото", "has:photo", "photo, place, poll, video"),
        ("is:original", "is:original", "-is:copy", "copy, reply, repost"),
        ("author:official1", "author:official1", "author:official", "unknown; or the pseudonym of an author"),
        ("author:ivanov", "author:ivanov", "", "no value ivanov"),
        ("seen:вчера", "seen:вчера", "seen:-1d", "seen: neither a day nor a time"),
        ("near:46.95", "near:46.95", "", "expected latitude, longitude, distance"),
        (
            "яма near:46.95,142.73,500",
            "near:46.95,142.73,500",
            "near:46.95,142.73,500m",
            "not understood: 46.95,142.73,500;",
        ),
        ("near:91,142.73,1m", "near:91,142.73,1m", "", "not understood"),
        ("near:46.95,142.73,1001km", "near:46.95,142.73,1001km", "", "up to 1000km"),
        ("near:46.95,142.73,0m", "near:46.95,142.73,0m", "", "not understood"),
        ("яма at(topic:Вода)", "topic:Вода", "", "settlement: place: near: in:"),
        ("in:Центр in:Юг", "in:Юг", "", "in: twice for one place"),
        ('place:"?!"', 'place:"?!"', "", "no name in place:"),
        ("at()", "at()", "", "empty at()"),
        ("at(яма)", "яма", "street:яма", "only fields of a place"),
        ("house:5 house:6", "house:6", "", "twice"),
        ("a AND", "AND", " ", "after AND"),
        ("OR b", "OR", " ", "before OR"),
        ("a OR", "OR", " ", "after OR"),
        ("NOT", "NOT", "not", "after NOT"),
        ("a && b", "&&", "AND", "AND"),
        ("a | b", "|", "OR", "OR"),
        ("a - b", "-", " ", "after the minus"),
        ('"(a|b c)"', "b c", "", "one word"),
    ],
)
def test_errors_have_a_place_and_a_repair(text: str, where: str, hint: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    error = caught.value
    assert (text[error.start : error.end], error.hint) == (where, hint)
    assert says in error.text.en
    assert error.text.ru != error.text.en


def test_values_are_checked_against_what_there_is() -> None:
    assert parse_query("source:wall", sources={"wall"}).root == Field("source", "wall", (0, 11))
    with pytest.raises(QueryError) as caught:
        parse_query("source:wal", sources={"wall"})
    assert caught.value.hint == "source:wall"
    for written in ("ВК", "ВКонтакте", "vkk"):
        with pytest.raises(QueryError) as caught:
            parse_query(f"platform:{written}", platforms={"vk", "telegram"})
        assert caught.value.hint == "platform:vk"


def test_topics_are_those_of_the_city_however_their_letters_are() -> None:
    names = Names({"Вода": ("Нет воды", "Ёлки-палки"), "Дороги": ()})
    for text, topic in (("topic:вода", "Вода"), ('topic:"нет Воды"', "Нет воды"), ("topic:елки-палки", "Ёлки-палки")):
        assert parse_query(text, names=names).root == Field("topic", topic, (0, len(text)))
    assert parse_query("topic:Небо").root == Field("topic", "Небо", (0, 10))
    with pytest.raises(QueryError, match="Вода, Дороги, Нет воды") as caught:
        parse_query('яма topic:"нет вады"', names=names)
    assert (caught.value.start, caught.value.end, caught.value.hint) == (4, 20, 'topic:"Нет воды"')
    for text, hint in (("topic:нет воды яма", 'topic:"нет воды"'), ("(topic:Нет воды OR яма)", 'topic:"Нет воды"')):
        with pytest.raises(QueryError) as caught:
            parse_query(text, names=names)
        assert caught.value.hint == hint
        assert text[caught.value.start : caught.value.end].casefold() == "topic:нет воды"
    with pytest.raises(QueryError, match="ни одного"):
        parse_query("topic:Вода", names=Names())


def test_polygons_are_those_of_the_city_in_any_form_of_their_names() -> None:
    names = Names(areas=Areas(lambda: {"Центр": box(0, 0, 1, 1), "Парк Победы": box(2, 0, 3, 1)}))
    for text, name in (("in:Центр", "Центр"), ("in:центре", "Центр"), ('in:"парке Победы"', "Парк Победы")):
        assert parse_query(text, names=names).root == At((0, len(text)), polygon=name)
    assert parse_query("in:Море", names=Names()).root == At((0, 7), polygon="Море")
    with pytest.raises(QueryError, match="Центр, Парк Победы") as caught:
        parse_query('яма in:"парк побды"', names=names)
    assert (caught.value.start, caught.value.end, caught.value.hint) == (4, 19, 'in:"Парк Победы"')
    with pytest.raises(QueryError, match="нет ни одного многоугольника"):
        parse_query("in:Центр", names=Names(areas=Areas(dict)))


def test_depth_and_clauses_are_bounded() -> None:
    parse_query("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    parse_query("a " * MAX_CLAUSES)
    for text in ("(" * 10_000, "-" * 10_000 + "a", "NOT " * 10_000 + "a", "a " * (MAX_CLAUSES + 1)):
        with pytest.raises(QueryError):
            parse_query(text)


def test_a_query_of_a_book_is_refused_where_it_gets_too_long() -> None:
    assert parse_query("(яма)" + " " * (MAX_LENGTH - 5)).root == Word("яма", (1, 4))
    with pytest.raises(QueryError, match="20000") as caught:
        parse_query("(" * (MAX_LENGTH + 7))
    assert (caught.value.start, caught.value.end) == (MAX_LENGTH, MAX_LENGTH + 1)


def test_alternatives_of_a_phrase_are_bounded() -> None:
    with pytest.raises(QueryError, match="64"):
        parse_query('"' + "(a|b) " * 6 + '"')


PIECES = st.sampled_from(
    [
        *("яма", "Ёлки", "юго-западный", "=ямы", "=юго-западный", "водо*", "юго-за*", "29/2", "нет", "at", "12:30"),
        *('"нет воды"', '"нет воды"~5', '"нет воды"~>5', '"нет воды"~s', '"(свет|вода) нет*"', "«и»", '"(a|b)"~3'),
        *(
            "AND",
            "OR",
            "NOT",
            "-",
            "(",
            ")",
            "at(",
            '"',
            "*",
            "~",
            ":",
            "=",
            "|",
            ",",
            "😀",
            "house:",
            'district:«a"b»',
        ),
        *("street:Ленина", 'street:"5-я линия"', "house:10-20", "house:29к2", 'district:"Луговой район"'),
        *(
            'street:"7 d until"',
            'street:"Парковая А"',
            "street:Лесном",
            'street:"я 1"',
            'at(street:"пл а',
            "д",
            "7",
            "street:Ё",
        ),
        *(
            "settlement:Саранск",
            "in:Центр",
            'place:"ул. Мира"',
            "source:a/b",
            "platform:VK",
            "kind:post",
            "author:official",
            "has:photo",
            "lang:ru",
            "is:copy",
            'topic:"Нет воды"',
            "seen:-1h",
            "since:-7d",
            'until:"31.01.2026 12:30"',
        ),
    ]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=14).map(" ".join) | st.text(max_size=60))
@example("at(at(")
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    query = read(text)
    if isinstance(query, QueryError):
        assert 0 <= query.start <= query.end <= len(text)
        assert query.text.ru
        return
    shown = show(query)
    assert same(parse_query(shown), query)
    assert show(parse_query(shown)) == shown


LEAVES = st.sampled_from(
    [
        w("яма"),
        Word("ям", (0, 0), exact=True),
        Prefix("вод", (0, 0)),
        Phrase(((w("нет"),), (w("воды"),)), (0, 0)),
        At((0, 0), "ленина/улица", Houses(5, 5)),
        At((0, 0), near=(-33.9, 142.730001, 0.5)),
        At((0, 0), place="Школа № 6", polygon="Зона «5»"),
        Field("kind", "post", (0, 0)),
        Field("author", "a" * 32, (0, 0)),
        Field("topic", "Нет «воды»", (0, 0)),
        Field("has", "photo", (0, 0)),
        Period("seen", "-1h", (0, 0)),
        Period("until", "2026-01-31", (0, 0)),
    ]
)


def flat(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    return kind(tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))))


NODES = st.recursive(
    LEAVES | fields | periods | places.filter(lambda at: at != At((0, 0))),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: flat(And, parts))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: flat(Or, parts))
        | inner.map(Not)
    ),
    max_leaves=8,
)


@given(NODES)
@settings(deadline=None)
def test_any_tree_is_shown_and_read_again(root: Node) -> None:
    read_again = read(show(Query("", root)))
    if isinstance(read_again, QueryError):
        assert "deeper" in read_again.text.en  # the only way a tree may be refused
    else:
        assert bare(read_again.root) == bare(root)


VALUES = (
    (st.text(max_size=20) | st.text('ЁУлица г.№6-«»"„“”()|:*~=,; \n', max_size=20))
    .map(str.strip)
    .filter(lambda value: bool(name_key(value)) and not {'"', "»", "”"} <= set(value))
)


@given(VALUES, st.sampled_from(["place", "polygon", "district", "settlement", "topic", "source"]))
@settings(deadline=None)
def test_any_value_is_shown_and_read_again(value: str, name: str) -> None:
    part: dict[str, Any] = {name: value}
    root: Node = Field(name, value, (0, 0)) if name in ("topic", "source") else At((0, 0), **part)
    shown = show(Query("", root))
    assert bare(parse_query(shown).root) == bare(root)
    assert show(parse_query(shown)) == shown
