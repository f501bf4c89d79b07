"""A model of topics: learnt alike from like lines, asked word by word as in one matrix, kept in a checked file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.errors import OtklikError
from search.analysis import analyze
from search.topics.evaluate import calibration_error, evaluate, macro_f1
from search.topics.features import words_of
from search.topics.model import Guess, TopicModel, Weights
from search.topics.store import load, save, topics_in
from search.topics.train import scores_of, train
from tests.search.topics.lessons import lessons

PAIRS = list(lessons(140))
TEXTS = [analyze("", text) for text, _ in PAIRS]
TOPICS = [topic for _, topic in PAIRS]
WORDS = [*sorted({word for text, _ in PAIRS for word in text.split()}), "щука", "жж"]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return train(TEXTS, TOPICS)


def test_what_was_not_learnt_from_is_told_by_its_words(weights: Weights) -> None:
    model = TopicModel(weights)
    for text, topic in {
        "Снова нет горячей воды в кране": "Вода",
        "ЯМЫ на дорогах, асфальта нет": "Дороги",
        "мусорный контейнер переполнен": "Мусор",
        "фонарь у дома не горит": "Свет",
    }.items():
        assert model.guess(analyze("", text)).topic == topic


def test_words_nobody_knows_leave_it_unsure(weights: Weights) -> None:
    for text in ("", "🔥", "zzz qqq", "\u0301" * 50):
        guess = TopicModel(weights).guess(analyze("", text))
        assert not guess.sure
        assert guess.topic in weights.topics


@given(st.lists(st.sampled_from(WORDS), max_size=30))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_is_told_word_by_word_as_it_was_learnt(weights: Weights, words: list[str]) -> None:
    tokens = analyze("", " ".join(words))
    whole = scores_of(weights, [words_of(tokens)])[0]
    np.testing.assert_allclose(TopicModel(weights).scores(tokens), whole, rtol=1e-3, atol=1e-4)


def test_probabilities_are_shares(weights: Weights) -> None:
    model = TopicModel(weights)
    for tokens in TEXTS[:20]:
        assert model.probabilities(tokens).sum() == pytest.approx(1, abs=1e-5)


def test_the_same_lines_give_the_same_bytes(weights: Weights, tmp_path: Path) -> None:
    save(weights, tmp_path / "one")
    save(train(TEXTS, TOPICS), tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_model_comes_back_as_it_was_kept(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "topics.model"
    save(weights, path)
    again = load(path)
    assert topics_in(path) == weights.topics == again.topics
    for tokens in TEXTS:
        assert TopicModel(again).guess(tokens) == TopicModel(weights).guess(tokens)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_no_model(
    weights: Weights, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "topics.model"
    save(weights, path)
    whole = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(whole[:at])
    else:
        whole[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(whole)
    with pytest.raises(OtklikError, match=r"topics\.model"):
        load(path)


def test_what_a_forger_signed_is_held_against_bounds(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "topics.model"
    for forged in (
        replace(weights, sharpness=float("inf")),
        replace(weights, least=2.0),
        replace(weights, topics=("одна",)),
        replace(weights, features=weights.features[:-1]),
        replace(weights, outer=np.full_like(weights.outer, np.nan)),
    ):
        save(forged, path)
        with pytest.raises(OtklikError):
            load(path)


@pytest.mark.parametrize("what", [None, b"", b"PK\x03\x04", b"otklik topics 2\n0\n{}\n"])
def test_another_file_is_no_model(tmp_path: Path, what: bytes | None) -> None:
    path = tmp_path / "topics.model"
    if what is not None:
        path.write_bytes(what)
    with pytest.raises(OtklikError, match=r"topics\.model"):
        topics_in(path)


def test_too_little_to_learn_from() -> None:
    with pytest.raises(ValueError, match="1 topics"):
        train(TEXTS[:40], ["Вода"] * 40)
    with pytest.raises(ValueError, match="10 texts"):
        train(TEXTS[:10], TOPICS[:10])


_names = st.lists(st.tuples(st.sampled_from("абвг"), st.sampled_from("абвг")), min_size=1, max_size=40)


@given(_names)
def test_macro_f1_is_the_mean_over_topics(pairs: list[tuple[str, str]]) -> None:
    true, told = zip(*pairs, strict=True)
    figures = []
    for name in sorted({*true, *told}):
        hits = sum(one == other == name for one, other in pairs)
        precision, recall = hits / max(told.count(name), 1), hits / max(true.count(name), 1)
        figures.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    assert macro_f1(true, told) == pytest.approx(sum(figures) / len(figures))


def test_figures_of_guesses() -> None:
    guesses = [Guess("а", 0.9, True), Guess("б", 0.9, True), Guess("б", 0.3, False), Guess("а", 0.3, False)]
    found = evaluate(["а", "а", "б", "б"], guesses)
    assert found.accuracy[0] == 0.5
    assert (found.sure, found.right_when_sure) == (0.5, 0.5)
    assert found.error == pytest.approx(calibration_error([0.9, 0.9, 0.3, 0.3], [True, False, True, False]))
    assert found.error == pytest.approx((abs(1.8 - 1) + abs(0.6 - 1)) / 4)
    assert found.accuracy[1] <= 0.5 <= found.accuracy[2]
