"""`otklik demo`: what a stranger sees of the invented town, told by the verbs that they would type next."""

import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from crawler.commands.demo import CONSOLE_PORT
from crawler.environment import Environment
from demo.town.texts import read
from tests.consoles import Visitor
from tests.demo.shown import Shown
from tests.shell import ROOT, Otklik

pytestmark = pytest.mark.xdist_group("demo")
NEWS = read("news.toml")
BROWSER = Environment().chromium()


def places_of(posts: Iterable[Any]) -> set[tuple[str, str]]:
    return {(str(place["name"]), house) for post in posts for place in post["places"] for house in place["houses"]}


def test_the_last_line_counts_what_came(town: Shown) -> None:
    last = town.last
    assert last["incidents"] == len(town.queue)
    assert last["posts"] == last["outcomes"]["new"] == len(town.posts)
    assert (last["copies"], last["outcomes"]["changed"], last["outcomes"]["gone"]) == (4, 4 + bool(BROWSER), 2)
    assert last["outcomes"].get("rejected", 0) == 0
    assert last["raised"] > last["incidents"] > 60


def test_service_messages_and_paid_posts_are_skipped_on_both_passes(town: Shown) -> None:
    assert town.last["outcomes"]["skipped"] == 2 * 3
    assert [post for post in town.posts if "Channel created" in post["text"] or "РОЗЫГРЫШ" in post["text"]] == []


def test_imprint_and_headlines_become_neither_text_nor_places(town: Shown) -> None:
    articles = [post for post in town.posts if post["source"] == "vesti"]
    assert len(articles) == len(NEWS["article"])
    for article in articles:
        assert "Адрес редакции" not in article["text"]
        assert [headline for headline in NEWS["site"]["sidebar"] if headline in article["text"]] == []
    assert not {("Победы", "9"), ("Сосновая", "15")} & places_of(articles)


def test_a_forward_in_the_same_words_is_a_copy_and_a_voice_of_its_own(town: Shown) -> None:
    second, first = (post for post in town.posts if "нечётной стороне Садовой" in post["text"])
    assert (first["copy_of"], second["copy_of"]) == ("", first["id"])
    assert town.explain(first)["copies"] == [second["id"]]
    assert town.incidents["Отключения света — улица Садовая, 3-17"]["reports"] == 2


def test_an_edit_is_a_new_version_and_what_was_deleted_stays_in_the_archive(town: Shown) -> None:
    assert town.explain(town.one("тоже сухие"))["version"] == 2
    assert town.explain(town.one("Отдам котят"))["version"] == 1
    assert town.one("нашла место утечки")["title"].startswith("На Речной ищут место утечки")


def test_danger_is_handed_over_at_once_and_first_in_the_queue(town: Shown) -> None:
    worst = [title for title, incident in town.incidents.items() if incident["severity"] == "danger"]
    assert {"Открытые люки — улица Гагарина, 8", "Запах газа — улица Космонавтов, 11"} <= set(worst)
    assert list(town.incidents)[: len(worst)] == worst
    for title in worst:
        (delivery,) = town.show(title)["deliveries"]
        assert (delivery["destination"], delivery["state"]) == ("duty", "sent")
    assert town.last["to_deliver"] == 0


def test_the_operator_decides_between_the_visits(town: Shown) -> None:
    states = {title: incident["state"] for title, incident in town.incidents.items()}
    assert states["Нет холодной воды — улица Речная, 18"] == "in_work"
    assert states["Отопление — улица Строителей, 40"] == "confirmed"
    assert "Шум — проспект Победы, 14" not in states


def test_what_is_confirmed_goes_to_the_register(town: Shown) -> None:
    title = "Светофор не работает — Кирова / Ленина"
    before = town.show(title)
    assert (before["deliveries"], len(before["reports"])) == ([], 3)
    town("incidents", "confirm", before["incident"]["number"])
    after = town.show(title)
    assert after["incident"]["state"] == "confirmed"
    assert [(one["destination"], one["state"]) for one in after["deliveries"]] == [("register", "sent")]


@pytest.mark.parametrize(
    ("title", "voices"),
    [
        ("Нет холодной воды — улица Речная, 18", 10),  # VK, Telegram and the news, the last of them on the second visit
        ("Отопление — улица Строителей, 40", 11),
        ("Открытые люки — улица Гагарина, 8", 7),  # «люк так и не закрыли» is one more voice, not its end
        ("Светофор не работает — Кирова / Ленина", 3),  # both orders of the corner, and the news
        ("Автобусы и остановки — остановка Школа № 6", 4),  # the stop, the school it is called after, the news, ПОС
        ("Бездомные собаки — улица Набережная, 11", 2),
        ("Крыши и сосульки — улица 40 лет Октября", 1),
        ("Фонари — улица Мира, 17", 3),
        ("Фонари — Заречье", 1),  # «за речкой»
        ("Лифт не работает — улица Строителей, 40", 1),  # one post, two problems
        ("Вывоз мусора и свалки — Заречье", 1),
    ],
)
def test_voices_of_one_problem_meet_in_one_incident(town: Shown, title: str, voices: int) -> None:
    assert town.incidents[title]["reports"] == voices


@pytest.mark.parametrize(
    "words",
    ["всё обошлось", "Ищем хозяев", "Закат", "Натяжные потолки", "зимнюю резину", "Авария на водопроводе: улица"],
)
def test_thanks_adverts_talk_and_notices_of_the_town_hall_raise_nothing(town: Shown, words: str) -> None:
    assert town.explain(town.one(words))["reports"] == []


def test_an_authority_answers_in_the_thread_and_is_no_voice(town: Shown) -> None:
    answer = town.explain(town.one("На Речной, 18 прорвало водопровод"))
    assert answer["reports"] == []
    assert "Нет холодной воды — улица Речная, 18" in town.incidents


def test_the_tables_are_taken_in_and_the_row_without_a_text_is_told(town: Shown) -> None:
    taken = [post["id"] for post in town.posts if post["source"] in {"pos", "cur"}]
    told = [one["id"] for one in read("appeals.toml")["appeal"]]
    assert len(taken) == len(set(told)) - 1 + len(read("appeals.toml")["handed"])
    assert len(told) > len(set(told))
    line = town("incidents", "show", town.incidents["Крыши и сосульки — улица 40 лет Октября, 11"]["number"], "--json")
    assert line.lines[0]["incident"]["policy"] == "pos-high"


def test_what_was_mended_and_broke_again_is_a_repeat(town: Shown) -> None:
    repeat = town.incidents["Тротуары и лестницы — проспект Победы, 21"]
    assert (repeat["state"], repeat["reports"]) == ("new", 1)
    closed = {one["number"]: one for one in town("incidents", "--all", "--json").lines if one["state"] == "closed"}
    assert [one["title"] for one in closed.values()] == [repeat["title"]]
    assert repeat["repeat_of"]


def test_a_cold_town_is_an_information_risk(town: Shown) -> None:
    (risk,) = town("risks", "--json").lines
    assert risk["incident"]["title"] == "О холоде в домах пишут всё больше"
    assert risk["posts"] >= 10
    assert len(risk["publics"]) >= 2
    assert risk["first"][0]["published_at"] <= risk["first"][1]["published_at"]
    assert "█" in town("risks").out


def test_personal_matters_are_kept_apart(town: Shown) -> None:
    said = [post for post in town.posts if "пособие" in post["text"]]
    numbers = [report["number"] for post in said for report in town.explain(post)["reports"]]
    assert len(said) == len(numbers) == len(set(numbers)) > 1


@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
def test_the_site_in_javascript_is_read(town: Shown) -> None:
    items = [post for post in town.posts if post["source"] == "vodokanal"]
    assert len(items) == len(read("outages.toml")["item"])
    assert [post["version"] for post in map(town.explain, items)].count(2) == 1
    assert [post for post in items if "Диспетчерская 5-05-05" in post["text"]] == []


def served_and_stopped(otklik: Otklik) -> str:
    """What a demo prints that ends in its console, which is visited and stopped by Ctrl+C."""
    command = [str(Path(sys.executable).with_name("otklik")), "demo"]
    with subprocess.Popen(command, env=otklik.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "reader / " in line:
                break
        console = re.search(r"The console: http://127\.0\.0\.1:(\d+)", "".join(printed))
        assert console is not None, printed
        for line in printed[-4:]:
            name, _, password = line.strip().partition(" / ")
            visitor = Visitor(int(console[1]))
            assert password in visitor.get("/sign-in").text
            assert visitor.sign_in(name, password).status == 303
            assert "Запах газа" in visitor.get("/tikhoozersk/queue").text
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        return "".join([*printed, *process.stdout])


def test_without_chromium_one_site_is_skipped_and_the_rest_is_the_same(town: Shown, tmp_path: Path) -> None:
    otklik = Otklik(tmp_path, {"PATH": str(tmp_path), "HOME": str(tmp_path)})
    # Whether by this test or by a demo that somebody looks at: the usual port is another program's.
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", CONSOLE_PORT)))
        printed = served_and_stopped(otklik)
    assert f"Port {CONSOLE_PORT} is another program's" in printed
    assert "Source vodokanal is skipped. Pages in JavaScript need Chromium: apt-get install" in printed
    bare = Shown({}, otklik)
    assert len(bare.posts) == len([post for post in town.posts if post["source"] != "vodokanal"])
    voices = sorted((incident["title"], incident["reports"]) for incident in town.queue)
    assert sorted((incident["title"], incident["reports"]) for incident in bare.queue) == voices

    commands = [shlex.split(line) for line in printed.splitlines() if f"--data {otklik.home / 'demo'}" in line]
    verbs = ["incidents", "incidents", "risks", "incidents", "incidents", "explain", "search"]
    assert [words[words.index("tikhoozersk") - 1] for words in commands] == verbs
    for words in commands:
        done = otklik(*words[1:])
        assert (done.code, done.err) == (0, "")
        assert done.out.strip()
