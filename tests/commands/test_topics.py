import json

import pytest

from tests.search.topics.lessons import lessons
from tests.shell import Otklik

LINES = [{"id": number, "text": text, "topic": topic} for number, (text, topic) in enumerate(lessons(160))]
MODEL = "town.model"


def as_lines(*values: object) -> str:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in values)


@pytest.fixture
def taught(otklik: Otklik) -> Otklik:
    (otklik.folder / "history.jsonl").write_text(as_lines(*LINES[:120]), encoding="utf-8")
    run = otklik("topics", "train", otklik.folder / "history.jsonl", "--out", otklik.folder / MODEL)
    assert (run.code, run.err) == (0, "")
    assert "4 topics, 120 texts" in run.out
    return otklik


def test_a_model_is_measured_on_lines_it_never_saw(taught: Otklik) -> None:
    run = taught("topics", "evaluate", "--model", taught.folder / MODEL, "--json", input=as_lines(*LINES[120:]))
    assert run.code == 0
    (found,) = run.lines
    assert found["texts"] == 40
    assert found["accuracy"][0] > 0.9
    said = taught(
        "--locale", "ru", "topics", "evaluate", "--model", taught.folder / MODEL, input=as_lines(*LINES[120:])
    )
    assert said.out.startswith("Текстов 40. Верная тема: ")


def test_topics_are_predicted_line_by_line_and_bad_lines_are_told(taught: Otklik) -> None:
    given = as_lines({"id": "a", "text": "Нет горячей воды"}, {"id": "b"}, {"id": "c", "text": "zzz"})
    run = taught("topics", "predict", "--model", taught.folder / MODEL, input=given)
    assert run.code == 1
    assert "line 2" in run.err
    first, last = run.lines
    assert (first["id"], first["topic"], first["sure"]) == ("a", "Вода", True)
    assert 0.5 <= first["confidence"] <= 1
    assert (last["id"], last["sure"]) == ("c", False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train"], "--out"),
        (["predict"], "--model"),
        (["evaluate", "--model", "absent.model"], "absent.model"),
        (["train", "--out", "no/such/folder/x.model"], "x.model"),
    ],
)
def test_what_is_missing_is_named(otklik: Otklik, arguments: list[str], says: str) -> None:
    run = otklik("topics", *arguments, input=as_lines(*LINES))
    assert run.code == 1
    assert says in run.err
    assert "Traceback" not in run.err


def test_the_same_lines_make_the_same_model_in_every_process(otklik: Otklik) -> None:
    made = []
    for seed in ("1", "2"):
        otklik.environment["PYTHONHASHSEED"] = seed
        path = otklik.folder / f"{seed}.model"
        run = otklik.program("topics", "train", "--out", path, input=as_lines(*LINES[:60]).encode())
        assert (run.code, run.err) == (0, "")
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_lines_without_topics_teach_nothing(otklik: Otklik) -> None:
    run = otklik(
        "topics", "train", "--out", otklik.folder / MODEL, input=as_lines({"id": 1, "text": "Яма"}, *LINES[:5])
    )
    assert run.code == 1
    assert "topic" in run.err
    assert "5, 4 topics" in run.err
    assert not (otklik.folder / MODEL).exists()


def test_posts_of_a_city_with_a_model_have_topics(taught: Otklik) -> None:
    city = taught.city()
    city.write_text(f'{city.read_text(encoding="utf-8")}\n[reading]\ntopics = "{MODEL}"\n', encoding="utf-8")
    assert taught("check", city).code == 0
    posts = as_lines({"id": 1, "text": "Опять нет воды, третий день"}, {"id": 2, "text": "zzz"})
    assert taught("ingest", city, input=posts).code == 0
    assert [line["id"] for line in taught("search", city, "topic:вода", "--json").lines] == ["given:ingest/1"]
    (told,) = taught("explain", city, "given:ingest/1", "--json").lines
    assert (told["topic"], told["topic_words"][0]) == ("Вода", "воды")
    assert "Topic: Вода, confidence" in taught("explain", city, "given:ingest/1").out
    # A topic that only the model knows can be asked for; one that nobody knows cannot.
    assert taught("search", city, "topic:свет").code == 0
    assert taught("search", city, "topic:погода").code == 1


def test_a_city_whose_model_is_damaged_is_told_so(taught: Otklik) -> None:
    city = taught.city()
    (taught.folder / MODEL).write_bytes((taught.folder / MODEL).read_bytes()[:-1])
    city.write_text(f'{city.read_text(encoding="utf-8")}\n[reading]\ntopics = "{MODEL}"\n', encoding="utf-8")
    run = taught("check", city)
    assert run.code == 1
    assert "reading.topics" in run.err
    assert "damaged" in run.err
