"""Who may answer for an incident without a route: whoever earlier ones of its topic and district went to."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.city import Route, SavedSearch
from crawler.model.rubric import RubricTopic
from search.executors import FEWEST, HALVED, Case, Likely, likeliest
from search.state.tables import incidents
from tests.search.town import CITY, NOON, Town, house, said

CASES = st.lists(
    st.builds(
        Case,
        st.sampled_from(["холодная вода", "горячая вода"]),
        st.sampled_from(["", "Северный", "Южный"]),
        st.sampled_from(["Водоканал", "Теплосеть", "УК"]),
        st.integers(0, 1_000).map(lambda days: NOON - timedelta(days=days)),
    ),
    max_size=12,
)


def naive(cases: list[Case], topic: str, district: str) -> tuple[set[str], int]:
    """The executors of the greatest weight, in hundredths, of the first level with enough cases."""
    near = [case for case in cases if case.district == district != ""]
    levels = [
        [case for case in near if case.topic == topic],
        near,
        [case for case in cases if case.topic == topic],
        cases,
    ]
    for some in levels:
        if len(some) < FEWEST:
            continue
        weights = {
            name: sum(2 ** -((NOON - case.opened_at) / HALVED) for case in some if case.executor == name)
            for name in {case.executor for case in some}
        }
        best = max(weights.values())
        return {name for name, weight in weights.items() if abs(weight - best) < 1e-9}, len(some)
    return set(), 0


@given(CASES, st.sampled_from(["холодная вода", "горячая вода"]), st.sampled_from(["", "Северный"]))
def test_as_a_naive_count(cases: list[Case], topic: str, district: str) -> None:
    found, (names, count) = likeliest(cases, topic, district, NOON), naive(cases, topic, district)
    if not names:
        assert found is None
        return
    assert found is not None
    assert (found.executor in names, found.cases) == (True, count)
    assert 1 / 3 - 1e-9 <= found.share <= 1 + 1e-9


def test_a_case_counts_half_as_much_half_a_year_on() -> None:
    old = [Case("яма", "", "Прежний", NOON - HALVED)] * 2
    found = likeliest([*old, Case("яма", "", "Нынешний", NOON)], "яма", "", NOON)
    assert found == Likely("Нынешний", 0.5, 3)


def test_an_incident_without_a_route_names_whom_such_ones_went_to(tmp_path: Path) -> None:
    city = replace(CITY, routes=())
    town = Town.open(tmp_path, city)
    for number in range(FEWEST + 1):
        town.hear(said(f"tg:1/{number}", "нет воды", house("Садовая", 5 + 10 * number)))
    assert town.show(FEWEST + 1).likely is None
    with town.database.begin() as connection:
        earlier = incidents.update().where(incidents.c.number <= FEWEST)
        connection.execute(earlier.values(executor="Водоканал"))
    assert town.show(FEWEST + 1).likely == Likely("Водоканал", 1.0, FEWEST)
    assert town.show(1).likely is None
    with town.database.begin() as connection:
        connection.execute(sa.update(incidents).where(incidents.c.number == 1).values(state="not_ours"))
    assert town.show(FEWEST + 1).likely is None


def test_topics_of_one_group_of_the_rubric_tell_for_each_other_where_the_city_has_no_group(tmp_path: Path) -> None:
    rubric = (RubricTopic("Тепло", "Котельная", ("котельная",)), RubricTopic("Тепло", "Батареи", ("батарея",)))
    yard = SavedSearch("file:yard", "Наш двор", "двор", "")
    city = replace(CITY, searches=(yard,), rubric=rubric, routes=(Route("heat", "Теплосеть", "hole", topic="Тепло"),))
    town = Town.open(tmp_path, city)
    for number in range(FEWEST):
        town.hear(said(f"tg:1/{number}", "двор", house("Садовая", 5 + 10 * number), topic="Котельная"))
    assert {one.executor for one in town.queue()} == {"Теплосеть"}
    later = Town(town.database, replace(city, routes=()))
    later.hear(said("tg:1/9", "двор", house("Садовая", 99), topic="Батареи"))
    assert later.show(FEWEST + 1).likely == Likely("Теплосеть", 1.0, FEWEST)
