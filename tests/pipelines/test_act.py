"""Acts of speech: the language of phrases, every rule with its cases, whose voice counts, and texts of any kind."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.city import SourceRole
from crawler.model.items import Act, Author, AuthorRole, Kind, Post
from pipelines import act_rules
from pipelines.act import Told, act_of
from pipelines.act_cues import FILE, cues
from pipelines.act_phrases import Phrases
from pipelines.act_rules import RULES
from pipelines.normalize import clean_text
from pipelines.toponyms import PlaceFinder
from search.analysis import analyze
from search.gazetteer import Gazetteer
from tests.quality.acts import DEV
from tests.quality.places import rows

AT = datetime(2026, 5, 1, tzinfo=UTC)
FINDER = PlaceFinder(Gazetteer.empty("Озёрск"), "Озёрск")


def told(
    text: str,
    kind: Kind = Kind.COMMENT,
    voice: AuthorRole | None = AuthorRole.RESIDENT,
    source: SourceRole = SourceRole.PUBLIC,
) -> Told:
    author = Author(voice) if voice else None
    post = Post("given:t/1", "t", "given", kind, text, AT, author=author)
    return act_of(post, source, FINDER.find(text))


@pytest.mark.parametrize(
    ("phrase", "yes", "no"),
    [
        ("фонарь", "фонарями", "фонарщик"),
        ("=дали", "дали", "дал"),
        ("благодар*", "Благодарочка", "благо"),
        ("те#impr+plur", "уберите", "уберёте"),
        ("не #verb+past", "не убрали", "не уберут"),
        ("не #infn|снег", "не снег", "не снегопад"),
        ("@fruit", "груша", "дуб"),
        ("нет|нету вода", "нету воды", "нет совсем воды"),
        ("нет _ вода", "нет совсем воды", "нет у нас в доме с утра воды"),
        ("нет _ вода", "нет воды", "нет. Воды принесите"),
        ("^когда", "А скажите, когда", "тогда, когда"),
        ("^когда", "Холодно. Когда", "холодно, когда"),
    ],
)
def test_the_language_of_phrases(phrase: str, yes: str, no: str) -> None:
    phrases = Phrases({"cue": phrase}, {"fruit": ["груша", "слива"]})
    assert [one.cue for one in phrases.find(analyze("", yes))] == ["cue"]
    assert phrases.find(analyze("", no)) == []


def test_of_phrases_that_start_at_one_word_the_longest_counts() -> None:
    phrases = Phrases({"wish": "хотелось =бы", "question": "хотелось =бы _ узнать"}, {})
    assert [one.cue for one in phrases.find(analyze("", "Хотелось бы мне узнать"))] == ["question"]
    assert [one.cue for one in phrases.find(analyze("", "Хотелось бы лавочку"))] == ["wish"]


@pytest.mark.parametrize("phrase", ["_ вода", "#verb ли", "=дал*", "=", "нет;", "@none"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Phrases({"cue": phrase}, {})


def test_the_file_of_cues_has_nothing_that_nothing_asks_for() -> None:
    text = FILE.read_text(encoding="utf-8")
    lists = tomllib.loads(text)["lists"]
    assert [name for name in lists if f"@{name}" not in text and name != "idle"] == []
    assert {act for act, _ in cues().weights.values()} == set(Act)
    rules = Path(act_rules.__file__).read_text(encoding="utf-8")
    unheard = [name for name, (_, weight) in cues().weights.items() if not weight and f'"{name}"' not in rules]
    assert unheard == []


CASES = {
    "advert": ["Продам дрова, 8-900-000-11-22", "Пропала собака, отзывается на Рекс"],
    "announcement": ["Уважаемые жители! В связи с ремонтом завтра не будет воды с 9 до 18"],
    "reproach": ["До каких пор терпеть эти ямы?", "почему никто не чистит двор"],
    "proposal": ["Предлагаю поставить у школы лавочки", "хорошо бы сделать переход"],
    "thanks": ["Спасибо, воду дали", "Яму засыпали, молодцы!"],
    "question": ["подскажите когда включат воду", "А где выдают талоны"],
    "chat": ["Доброе утро, соседи", "ты это серьёзно?"],
    "ends_asking": ["мост открыли?"],
    "complaint": ["второй день нет воды", "Спасибо за фонарь, но яму так и не засыпали", "у дома Мира, 7 опять"],
    "asks": ["Ладно? Потом разберёмся и дойдём до самого верха всей улицей вместе"],
    "small_advert": ["Репетитор по химии для старших классов"],
    "remark": ["такая вот погодка нынче"],
}
EXPECTED = {
    **{rule: Act(rule) for rule in ("advert", "proposal", "thanks", "question", "complaint")},
    "announcement": Act.TALK,
    "reproach": Act.COMPLAINT,
    "chat": Act.TALK,
    "ends_asking": Act.QUESTION,
    "asks": Act.QUESTION,
    "small_advert": Act.ADVERT,
    "remark": Act.TALK,
}


def test_every_rule_has_its_cases() -> None:
    assert {rule.__name__ for rule in RULES} == {*CASES, "authority", "appeal"}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in CASES.items() for text in texts])
def test_what_a_resident_writes(rule: str, text: str) -> None:
    assert told(text)[:2] == (EXPECTED[rule], rule)


def test_why_is_told_in_the_words_of_the_post() -> None:
    assert told("Спасибо за лавку, но второй день НЕТ воды").cues == (
        ("but", "но второй день НЕТ"),
        ("goes-on", "второй день"),
        ("none-left", "НЕТ воды"),
    )


def test_an_appeal_is_never_talk() -> None:
    for text in ("Доброе утро", "Кондиционер", "Мира, 33", "", "Репетитор по химии"):
        assert told(text, Kind.APPEAL)[:2] == (Act.COMPLAINT, "appeal")
    assert told("Спасибо дворнику за чистоту", Kind.APPEAL).act == Act.THANKS
    assert told("Когда сделают перерасчёт?", Kind.APPEAL).act == Act.QUESTION


def test_authorities_and_media_talk_and_residents_under_their_posts_do_not() -> None:
    text = "На Мира, 7 нет воды"
    assert told(text, Kind.POST, AuthorRole.OFFICIAL)[:2] == (Act.TALK, "authority")
    assert told(text, Kind.COMMENT, AuthorRole.OFFICIAL).act == Act.TALK
    assert told(text, Kind.ARTICLE, None, SourceRole.MEDIA).act == Act.TALK
    assert told(text, Kind.COMMENT, None, SourceRole.MEDIA).act == Act.COMPLAINT
    assert told(text, Kind.COMMENT, AuthorRole.RESIDENT, SourceRole.OFFICIAL).act == Act.COMPLAINT
    assert told(text, Kind.APPEAL, None, SourceRole.OFFICIAL).act == Act.COMPLAINT
    advert = "Скидка 50%! Рассрочка, доставка, тел. 8-900-000-11-22"
    assert told(advert, Kind.POST, AuthorRole.MEDIA).act == Act.ADVERT
    assert told(advert, Kind.POST, AuthorRole.OFFICIAL).act == Act.TALK


@pytest.mark.parametrize("text", ["", "🙂", "10.000", "Hello world", "На улице Мира, 7"])
def test_where_nothing_is_told_there_is_no_act(text: str) -> None:
    assert told(text) == Told("", "", ())


def test_the_address_of_a_page_asks_nothing() -> None:
    assert told("https://example.org/?id=7 " + "слово " * 20).act == ""


def test_the_end_of_a_long_text_costs_nothing_and_says_nothing() -> None:
    assert told("слово " * 5_000 + "нет воды, почините! Когда?").act == ""


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    answer = told(clean_text(text))
    assert answer.act in {*Act, ""}
    assert bool(answer.act) == bool(answer.rule)


@given(st.lists(st.sampled_from([row["text"] for row in rows(DEV)]), min_size=1, max_size=4), st.data())
def test_words_of_people_in_any_order_are_read(texts: list[str], data: st.DataObject) -> None:
    words = data.draw(st.permutations(" ".join(texts).split()))
    answer = told(" ".join(words))
    assert all(said in " ".join(words) for _, said in answer.cues)
