import json

from tests.shell import Otklik, posts

BRIDGE = (
    (
        "Мост через реку Тихую закроют с 14 сентября до 20 ноября: «Озёрдорстрой» заменит швы и перила, автобусы № 3 "
        "и № 8 пустят в объезд по Заречному шоссе, сообщили в мэрии."
    ),
    (
        "С 14 сентября «Озёрдорстрой» начинает ремонт моста через Тихую. До 20 ноября автобусы 3 и 8 пойдут в объезд "
        "по Заречному шоссе, подрядчик обещает заменить перила и швы."
    ),
)
CHESS = "Тринадцатилетняя Алина Руденко победила на первенстве по шахматам в Сочи и поедет с тренером Дымовым в Европу."


def news_lines(*texts: str) -> str:
    lines = [
        {"id": f"n{at}", "kind": "article", "text": text, "published_at": f"2026-03-02T1{at}:00:00+03:00"}
        for at, text in enumerate(texts)
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def test_news_of_one_event_are_listed_shown_explained_and_found_together(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=news_lines(*BRIDGE, CHESS) + posts("Нет воды на Ленина, 5")).code == 0
    (story,) = otklik("stories", city, "--json").lines
    ids = [one["id"] for one in otklik("search", city, "мост", "--json").lines]
    assert (story["posts"], story["story"] in ids, len(ids)) == (2, True, 2)
    (other,) = set(ids) - {story["story"]}

    first, second = otklik("stories", city, other, "--json").lines
    assert (first["id"], first["follows"], first["words"]) == (story["story"], "", [])
    assert (second["id"], second["follows"]) == (other, story["story"])
    assert second["score"] >= 0.5
    assert "озердорстрой" in second["words"]

    found = otklik("search", city, f'story:"{story["story"]}"', "--json").lines
    assert {one["id"] for one in found} == set(ids)
    assert {one["story"] for one in found} == {story["story"]}
    explained = otklik("explain", city, other, "--json").lines[0]
    assert (explained["story"], explained["story_why"]["follows"]) == (story["story"], story["story"])
    assert "Сюжет" in otklik("--locale", "ru", "explain", city, other).out
    assert "likeness" in otklik("--locale", "en", "stories", city, other).out

    assert otklik("erase", city, story["story"], "--yes").code == 0
    assert otklik("stories", city, "--json").lines == []
    assert otklik("search", city, f'story:"{story["story"]}"', "--json").lines == []


def test_a_city_without_stories_says_so(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=news_lines(CHESS)).code == 0
    said = otklik("--locale", "en", "stories", city)
    assert (said.code, said.out.strip()) == (0, "There are no stories.")
    refused = otklik("--locale", "en", "stories", city, "given:ingest/n0")
    assert refused.code == 1
    assert "is of no story" in refused.err


def test_stories_are_found_anew_with_the_index(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=news_lines(*BRIDGE)).code == 0
    before = otklik("stories", city, "--json").lines
    for table in ("story_texts", "story_links", "story_members"):
        otklik.change(f"DELETE FROM {table}")
    assert otklik("stories", city, "--json").lines == []
    assert otklik("reindex", city).code == 0
    assert otklik("stories", city, "--json").lines == before
    assert len(otklik("search", city, f'story:"{before[0]["story"]}"', "--json").lines) == 2
