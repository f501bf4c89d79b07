import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.accounts.roles import Role
from crawler.console.charts import Frame
from tests.consoles import Visitor, employ, served
from tests.crawler.console.conftest import opened
from tests.shell import SEARCHES, Otklik

RISK = """
[[search]]
key = "rumour"
name = "О воде <b>пишут</b> всё больше"
query = "вода"
topic = "Нет воды"
rule = "frequency"
at_least = 3
within = "3h"
risk = true
"""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Visitor]:
    otklik = Otklik(tmp_path)
    city = otklik.city(searches=SEARCHES + RISK)
    now = datetime.now(UTC)
    said = [
        ("вода была", 20 * 60),
        ("нет воды на Ленина, 5 \u202e" + "ы" * 50_000, 170),
        ("в воде мазут", 100),
        ("воду пить нельзя", 30),
    ]
    lines = [
        {"id": f"{number}", "text": text, "published_at": (now - timedelta(minutes=back)).isoformat()}
        for number, (text, back) in enumerate(said)
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert otklik("ingest", city, input=given).code == 0
    with opened(otklik) as installation:
        employ(installation, reader=Role.READER, analyst=Role.ANALYST)
        with served(installation) as port:
            visitor = Visitor(port)
            visitor.sign_in("reader")
            yield visitor


def test_a_risk_has_its_curve_its_beginning_and_what_is_behind_it(reader: Visitor) -> None:
    page = reader.get("/ozersk/risks").text
    assert "<b>пишут" not in page
    assert "О воде &lt;b&gt;пишут&lt;/b&gt; всё больше" in page
    assert "grows" in page
    assert "frequency: 3 in 3 h" in page
    assert "<mark>воды</mark> на Ленина, 5" in page
    assert "Posts by the hour: 0 to" in page
    assert "what is usual is not known yet" in page
    assert "Ленина, 5</a>" in page
    assert 'd="M28' in page
    # The hour that goes on is no fall: it is drawn apart.
    assert 'class="ln-late goes"' in page
    assert "the hour still goes on" in page
    reader.get("/language/ru?next=/")
    assert '1<span class="vh"> новый</span>' in reader.get("/ozersk/risks").text
    reader.get("/language/en?next=/")
    assert "Sources 1" in page
    assert len(page) < 30_000
    assert "\u202e" not in page


def test_a_risk_of_a_search_that_people_wrote_has_its_rule_and_curve(reader: Visitor, tmp_path: Path) -> None:
    analyst, otklik = Visitor(reader.port), Otklik(tmp_path)
    analyst.sign_in("analyst")
    new = "/ozersk/saved/new?like=file:rumour"
    form = {
        "name": "О дожде",
        "q": "дождь",
        "topic": "Нет воды",
        "rule": "frequency",
        "at_least": "3",
        "within": "3",
        "unit": "h",
        "like": "file:rumour",
        "window": "72",
    }
    made = analyst.act(new, "/ozersk/saved/new", do="save", seen="0", severity="normal", risk="yes", **form)
    assert made.location == "/ozersk/saved/user:1?done=1"
    now = datetime.now(UTC)
    said = [
        {"id": f"rain{at}", "text": "опять дождь", "published_at": (now - timedelta(minutes=at)).isoformat()}
        for at in (9, 6, 3)
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in said)
    assert otklik("ingest", otklik.folder / "ozersk.toml", input=given).code == 0
    page = reader.get("/ozersk/risks").text
    number = re.findall(r'/ozersk/risks\?view=open&amp;at=(\d+)">О дожде', page)[0]
    shown = reader.get(f"/ozersk/risks?at={number}").text
    assert "frequency: 3 in 3 h" in shown
    assert analyst.act("/ozersk/saved/user:1", "/ozersk/saved/user:1/state", on="no").status == 303
    assert "frequency: 3 in 3 h" in reader.get(f"/ozersk/risks?at={number}").text


def test_other_views_and_numbers_that_are_none(reader: Visitor) -> None:
    assert "No risks" in reader.get("/ozersk/risks?view=over").text
    assert "grows" in reader.get("/ozersk/risks?view=nonsense&at=99999").text
    assert "grows" in reader.get("/ozersk/risks?view=open&at=1e9").text


def test_curves_and_bands_lie_in_their_frame() -> None:
    frame = Frame(0, 100, 10, 50, 4)
    assert frame.line([0, 2, 4]) == "M0.0 50.0L50.0 30.0L100.0 10.0"
    assert frame.area([0, 4]) == "M0.0 50.0L100.0 10.0V50H0Z"
    assert frame.band([None, (0, 2), (1, 4)]) == "M50.0 30.0L100.0 10.0L100.0 40.0L50.0 50.0Z"
    assert frame.band([None, None, (1, 4)]) == ""
    assert frame.ticks() == [0, 1, 2, 3, 4]
    assert Frame(0, 1, 0, 1, 17).ticks() == [0, 5, 10, 15]
    assert Frame(0, 1, 0, 1, 4321).ticks() == [0, 2000, 4000]
