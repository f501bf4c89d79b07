"""What the pipeline makes of the town's texts, against what a person reads in them: docs/demo-town.md has the table."""

from collections import Counter
from collections.abc import Iterable

import pytest

from crawler.environment import CHECKOUT
from demo.town.texts import Labelled
from tests.demo.shown import Shown

pytestmark = pytest.mark.xdist_group("demo")
DOC = CHECKOUT / "docs" / "demo-town.md"
RECALL, PRECISION, PLACED = 0.9, 0.9, 0.75
KINDS = {
    "complaint": "a problem that a resident reports",
    "talk": "talk",
    "question": "a question",
    "thanks": "thanks",
    "advert": "an advert",
    "notice": "a notice",
    "news": "news, of an authority too",
    "answer": "an answer of an authority",
    "rumour": "a rumour",
}


class Verdict:
    """How the reports of the demo stand to the labels of its texts."""

    def __init__(self, town: Shown) -> None:
        self.texts = {post: label for post, label in town.texts.items() if label.source != "vodokanal"}
        self.found: Counter[str] = Counter()
        self.placed: Counter[str] = Counter()
        self.missed: list[tuple[str, str]] = []
        self.false: list[tuple[str, str, str]] = []
        for post, label in self.texts.items():
            self._judge(label, town.reports.get(post, []))

    def _judge(self, label: Labelled, reports: Iterable[tuple[str, str]]) -> None:
        told = dict(label.problems)
        came = {group for group, _ in reports}
        self.false += [(label.kind, group, label.text) for group in sorted(came - {*told})]
        if label.complaint:
            self.missed += [(group, label.text) for group in told if group not in came]
            for group, place in label.problems:
                self.found[group] += group in came
                self.placed[group] += (group, place) in reports

    @property
    def problems(self) -> Counter[str]:
        """The problems that residents report, by topic group."""
        return Counter(group for label in self.texts.values() if label.complaint for group, _ in label.problems)

    def table(self) -> str:
        """The table of docs/demo-town.md."""
        kinds = Counter(label.kind for label in self.texts.values())
        raised = Counter(kind for kind, _, _ in self.false)
        lines = ["| what a person reads | texts | that raised what they should not |", "| --- | --- | --- |"]
        lines += [f"| {KINDS[kind]} | {count} | {raised[kind]} |" for kind, count in kinds.most_common()]
        lines += ["", "| topic group | problems reported | found | with their place |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {group} | {count} | {self.found[group]} | {self.placed[group]} |"
            for group, count in sorted(self.problems.items(), key=lambda item: (-item[1], item[0]))
        ]
        total = (self.problems.total(), self.found.total(), self.placed.total())
        return "\n".join([*lines, f"| **all** | **{total[0]}** | **{total[1]}** | **{total[2]}** |"])


@pytest.fixture(scope="module")
def verdict(town: Shown) -> Verdict:
    return Verdict(town)


def test_every_post_of_the_town_has_a_label(town: Shown) -> None:
    assert [post["text"] for post in town.posts if post["id"] not in town.texts] == []


def test_complaints_become_reports_and_the_rest_does_not(verdict: Verdict) -> None:
    found, problems = verdict.found.total(), verdict.problems.total()
    assert found / problems >= RECALL, verdict.missed
    assert found / (found + len(verdict.false)) >= PRECISION, verdict.false
    assert verdict.placed.total() / found >= PLACED


def test_the_table_in_the_documentation_is_that_of_this_run(verdict: Verdict) -> None:
    assert verdict.table() in DOC.read_text(encoding="utf-8"), verdict.table()


def test_no_problem_of_the_town_is_told_as_thanks_or_an_advert(town: Shown) -> None:
    acts = Counter((town.texts[post["id"]].kind, post["act"]) for post in town.posts)
    assert acts["complaint", "complaint"] >= 0.8 * sum(acts[kind, act] for kind, act in acts if kind == "complaint")
    assert not acts["complaint", "thanks"] + acts["complaint", "advert"]
    assert {act for kind, act in acts if kind in ("answer", "news")} == {"talk"}
