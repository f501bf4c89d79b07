"""Every error of a query stands somewhere, says what to do, and what it offers instead leads on."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.model.errors import QueryError
from search.query import mend, parse_query

MOST_STEPS = 60


def error_of(text: str) -> QueryError | None:
    try:
        parse_query(text)
    except QueryError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        # Quotes.
        ('яма "нет воды', 'яма "нет воды"'),
        ("яма «нет воды", "яма «нет воды»"),
        ('“нет воды" яма', "“нет воды” яма"),
        ('«нет воды" яма', "«нет воды» яма"),
        ("вода» яма", "вода  яма"),
        ("'нет воды' яма", '"нет воды" яма'),
        ("‘нет воды’", '"нет воды"'),
        ('яма ""', "яма  "),
        # Values with blanks, as they are copied and typed.
        ("street:ул. Речная яма", 'street:"ул. Речная" яма'),
        ("at(street:пр-т Ленина house:3)", 'at(street:"пр-т Ленина" house:3)'),
        ("near:46.95, 142.73, 500m яма", "near:46.95,142.73,500m яма"),
        ("near:46.95; 142.73 яма", "near:46.95,142.73,500m яма"),
        # Words of other languages and of people.
        ("text:вода яма", " вода яма"),
        ('заголовок:"нет воды"', ' "нет воды"'),
        ("kind:комментарии", "kind:comment"),
        ("act:жалобы вода", "act:complaint вода"),
        ("is:копии", "is:copy"),
        ("house:14..22", "house:14-22"),
        ('"вода подъезд"~S', '"вода подъезд"~s'),
        # Signs that look like those of the language.
        ("вода –ремонт", "вода -ремонт"),
        ("вода −ремонт", "вода -ремонт"),
        ("вода — ремонт", "вода   ремонт"),
        ("вода - ремонт", "вода   ремонт"),
        ("street：Ленина", "street:Ленина"),
        ("（вода)", "(вода)"),
        # Operators of other languages.
        ("вода|свет", "вода OR свет"),
        ("вода || свет", "вода OR свет"),
        ("вода&&свет", "вода AND свет"),
        ("вода & свет", "вода AND свет"),
        ("!вода свет", "-вода свет"),
        ("+вода +свет", " вода +свет"),
        # Brackets.
        ("((вода OR свет) яма", "((вода OR свет) яма)"),
        ("((вода OR свет", "((вода OR свет))"),
        ("at(street:Ленина", "at(street:Ленина)"),
        ("(at(street:Ленина", "(at(street:Ленина))"),
        ("вода) свет", "вода  свет"),
        ("вода ()", "вода  "),
        ("вода at()", "вода  "),
        # Pieces set apart.
        ("street: Ленина", "street:Ленина"),
        ('street: "улица Ленина"', 'street:"улица Ленина"'),
        ("street :Ленина", "street:Ленина"),
        ("= ямы", "=ямы"),
        ('"нет воды" ~5', '"нет воды"~5'),
        ('"нет воды"~ 5', '"нет воды"~5'),
        ("at (street:Ленина)", "at(street:Ленина)"),
        ("AT(street:Ленина)", "at(street:Ленина)"),
        # Distances and stars.
        ('"нет воды"~', '"нет воды"~5'),
        ('"нет воды"~>', '"нет воды"~>5'),
        ('"нет воды"~с', '"нет воды"~s'),
        ("вода~2 свет", "вода  свет"),
        ("вода^2 свет", "вода  свет"),
        ("подъ*зд", "подъ*"),
        ("*вода*", "вода*"),
        # Values.
        ("street:(Ленина OR Мира)", "(street:Ленина OR street:Мира)"),
        ("street:(улица Ленина)", 'street:"улица Ленина"'),
        ("since:31/01/2026", "since:2026-01-31"),
        ("since:2026-1-5", "since:2026-01-05"),
        ("since:1.2.26", "since:2026-02-01"),
        ("since:24ч", "since:-24h"),
        ("since:-7д", "since:-7d"),
        ("since:вчера", "since:-1d"),
        ("house:20-10", "house:10-20"),
        ("near:142.73,46.95,500m", "near:46.95,142.73,500m"),
        ("near:46.95,142.73", "near:46.95,142.73,500m"),
        ('near:"46,95 142,73 1.5 км"', "near:46.95,142.73,1.5km"),
        ("at(Ленина)", "at(street:Ленина)"),
        ("at(street:Ленина 5)", "at(street:Ленина house:5)"),
        ("Streat:Ленина", "street:Ленина"),
        ("house:5 яма house:5", "house:5 яма  "),
        ("https://vk.com/wall-1", '"https://vk.com/wall-1"'),
        # Operators with nothing to join.
        ("вода OR", "вода  "),
        ("вода OR OR свет", "вода OR   свет"),
        ("(вода OR) свет", "(вода  ) свет"),
        ("AND вода", "  вода"),
    ],
)
def test_what_is_offered_is_what_was_probably_meant(text: str, mended: str) -> None:
    error = error_of(text)
    assert error is not None
    assert mend(text, error) == mended
    if "+" not in mended:
        parse_query(mended)


@pytest.mark.parametrize(
    "text",
    ["", "?", "()", "AT", "вода ? свет!", "R&D", "it's", "д'Артаньян", "«»вода", "вода(свет)", "5'", "look at (a)"],
)
def test_what_needs_no_repair(text: str) -> None:
    error = error_of(text)
    assert error is None or not error.hint or not mend(text, error).strip() or error_of(mend(text, error)) is None


PIECES = st.sampled_from(
    [
        *(
            "яма",
            "вода",
            "=ямы",
            "водо*",
            "вo",
            "*",
            "а*б",
            "~5",
            "~",
            "^2",
            "=",
            "-",
            "–",
            "—",
            "−",
            "'",
            "‘",
            "’",
            "`",
        ),
        *(
            '"',
            "«",
            "»",
            "“",
            "”",
            "„",
            "＂",
            "(",
            ")",
            "（",
            "）",
            "at(",
            "at (",
            "AT(",
            "|",
            "||",
            "&&",
            "&",
            "!",
            "+",
        ),
        *(
            "AND",
            "OR",
            "NOT",
            "AND OR",
            "NOT)",
            "и",
            "ИЛИ",
            ",",
            ";",
            "，",
            "\u00a0",
            "\u200b",
            "\u3000",
            ":",
            "：",
            "::",
        ),
        *("street:", "street :", "street:Ленина", "house:20-10", "house:№5", "since:", "since:вчера", "since:1/2/26"),
        *("near:1", "near:142,46", "kind:комментарий", "улитца:Мира", "http://a.b/c", "source:(a OR b)", "source:(a"),
        *(
            '"нет воды"',
            '"нет воды',
            'воды"~',
            '"(a|b',
            '"(a|b c)"',
            '"(a||b)"',
            "~>",
            "~с",
            "~999",
            "~>x",
            "\\",
            "\x00",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=9).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda blank: blank.join(parts))
)


@given(TEXTS)
@example("((((street:(a OR b")
@example('“a "b')
@example('at(воды"~')
@settings(max_examples=1500, deadline=None)
def test_hints_lead_to_a_query_or_to_an_error_that_has_none(text: str) -> None:
    seen: set[str] = set()
    while (error := error_of(text)) is not None:
        assert 0 <= error.start <= error.end <= len(text)
        assert error.text.ru
        assert error.text.en
        if not error.hint:
            return
        assert text not in seen, "hints go round in circles"
        seen.add(text)
        assert len(seen) < MOST_STEPS
        text = mend(text, error)


WORDS = st.sampled_from(["яма", '"нет воды"', "(вода OR свет)", "source:wall", "=ямы", "водо*", '"a b"~5', "since:-1d"])
SLIPS = st.sampled_from(
    [
        *(
            "—",
            "–вода",
            "*вода",
            "вода~2",
            "вода^3",
            "'нет света'",
            "+свет",
            "!свет",
            "»",
            ")",
            "()",
            "at()",
            '""',
            "?!",
        ),
        *("street: Мира", "street :Мира", "= ям", "at (house:5)", "house:20-10", "since:вчера", "kind:пост", "&&", "|"),
        *(
            "since:31/1/2026",
            "улитца:Мира",
            "at(Мира)",
            "source:(a OR b)",
            '"a b" ~3',
            '"c d"~ 3',
            '"c d"~',
            "near:1,2",
        ),
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=3), SLIPS, st.lists(WORDS, min_size=1, max_size=3))
@settings(max_examples=400, deadline=None)
def test_one_slip_is_mended_by_its_hint(before: list[str], slip: str, after: list[str]) -> None:
    text = " ".join([*before, slip, *after])
    error = error_of(text)
    assert error is not None
    assert error.hint
    parse_query(mend(text, error))


@pytest.mark.parametrize(
    ("query", "called"),
    [
        ("Где: Ленина 5", "Где:"),
        ("с:давно", "с:"),
        ("улица:", "улица:"),
        ("Street: ", "Street:"),
    ],
)
def test_an_error_calls_a_field_as_it_was_written(query: str, called: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_query(query)
    for said in (refused.value.text.ru, refused.value.text.en):
        assert called in said
        assert "place:" not in said.split(";")[0]
