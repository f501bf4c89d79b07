"""A rubric of topics: told by its queries and hints, its group where topics hold the balance, nothing of mere talk."""

from pathlib import Path

import pytest

from crawler.checking import load_city
from crawler.environment import CHECKOUT
from crawler.model.errors import OtklikError
from crawler.model.rubric import RubricTopic
from search.analysis import analyze
from search.topics.rubric import RubricModel, rubric_model, told_wrong

LIGHT = RubricTopic("Свет", "Фонари", ("фонарь (гореть OR светить)",), ("темно", "столб", "лампа"))
HALL = RubricTopic("Дом", "Подъезд", ("подъезд (грязный OR мыть)",))
DOOR = RubricTopic("Дом", "Дверь", ("дверь подъезд", "домофон"))


def model(*topics: RubricTopic) -> RubricModel:
    return RubricModel(topics or (LIGHT, HALL, DOOR))


def test_the_examples_of_the_default_rubric_get_their_group() -> None:
    topics = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml")).rubric
    assert all(len(topic.examples) >= 2 for topic in topics)
    assert [(topic.name, example, told) for topic, example, told in told_wrong(rubric_model(topics))] == []


def test_a_query_tells_its_topic_in_any_form() -> None:
    guess = model().guess(analyze("", "Не горят фонари на Садовой"))
    assert (guess.topic, guess.sure) == ("Фонари", True)


def test_what_nothing_speaks_of_is_told_as_nothing() -> None:
    for text in ("", "🔥", "Ищу попутчиков на субботу"):
        guess = model().guess(analyze("", text))
        assert (guess.topic, guess.confidence, guess.sure) == ("", 0.0, False)


def test_one_hint_is_not_enough_and_three_are() -> None:
    assert not model().guess(analyze("", "Темно")).sure
    assert model().guess(analyze("", "Темно, на столбе разбита лампа")).sure


def test_two_topics_of_a_group_in_balance_are_told_as_the_group() -> None:
    guess = model().guess(analyze("", "Грязный подъезд, дверь висит"))
    assert (guess.topic, guess.sure) == ("Дом", True)


def test_two_topics_of_two_groups_in_balance_are_told_as_neither() -> None:
    assert not model().guess(analyze("", "Фонарь горит, а подъезд мыть некому")).sure


def test_why_names_the_words_that_told() -> None:
    tokens = analyze("Темно", "Второй день не горит фонарь у дома")
    assert model().why(tokens, "Фонари") == ["темно", "горит", "фонарь"]
    assert model().why(tokens, "Свет") == ["темно", "горит", "фонарь"]
    assert model().why(tokens, "Чужая тема") == []


def test_an_example_told_as_another_group_is_found() -> None:
    strange = RubricTopic("Свет", "Лампы", ("лампа",), examples=("Грязный подъезд", "Новая лампа"))
    wrong = [(example, told) for _, example, told in told_wrong(model(HALL, strange))]
    assert wrong == [("Грязный подъезд", "Подъезд")]


def test_a_query_that_cannot_be_read_names_its_topic() -> None:
    with pytest.raises(OtklikError) as caught:
        model(RubricTopic("Свет", "Фонари", ("фонарь (",)))
    assert "Фонари" in caught.value.text.ru
    assert "фонарь (" in caught.value.text.en


def test_what_was_kept_tells_alike(tmp_path: Path) -> None:
    tokens = analyze("", "Домофон сломан, темно, фонарь не горит")
    first, again = (RubricModel((LIGHT, HALL, DOOR), tmp_path / "kept.json") for _ in range(2))
    assert first.shares(tokens) == again.shares(tokens)
    assert (tmp_path / "kept.json").is_file()


def test_of_equals_the_first_of_the_rubric_is_the_likeliest() -> None:
    topics = [RubricTopic(f"Группа {number}", f"Тема {number}", ("общий",), ("слово",)) for number in range(5)]
    guess = model(*topics).guess(analyze("", "Общее слово"))
    assert (guess.topic, guess.sure) == ("Тема 0", False)
