"""Scores acts of speech on texts that we wrote and labelled ourselves: python -m tests.quality.acts [act_test.jsonl]

No labelled ordinary talk of a city exists. So the figures tell how well the rules read what their authors think people
write, half of it written and labelled before the first rule and not looked at since; not how well they do in a city.
"""

import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawler.environment import CHECKOUT
from crawler.model.city import Source, SourceRole
from crawler.model.items import Act, Author, AuthorRole, Kind, Post, Reading
from pipelines.act import Acts, act_of
from pipelines.draft import Draft
from pipelines.toponyms import PlaceFinder
from pipelines.words import Words
from search.document import document_of
from search.gazetteer import Gazetteer
from search.query import parse_query
from search.reference import Context, compile_query
from tests.quality.places import rows
from tests.quality.rivals import rival

HERE = Path(__file__).parent
DEV, TEST = HERE / "act_dev.jsonl", HERE / "act_test.jsonl"
AT = datetime(2026, 5, 1, tzinfo=UTC)
HOME = "Тихоозёрск"
ROUNDS = 1000
TIMES = 7
SHORT = {
    "complaint": "comp",
    "question": "ques",
    "proposal": "prop",
    "thanks": "than",
    "talk": "talk",
    "advert": "adve",
}

Pairs = Sequence[tuple[str, str]]
"""(the label, the answer) of each text; "" is no answer."""
Interval = tuple[float, float, float]
"""A figure and its 95 % bootstrap interval."""


@dataclass(frozen=True, slots=True)
class Scored:
    """F1 of each act and their mean; `pairs` counts the texts by label and answer."""

    acts: dict[str, Interval]
    macro: Interval
    pairs: Counter[tuple[str, str]]

    def lines(self) -> list[str]:
        """The figures, and what each act was taken for."""
        answers = [*Act, ""]
        head = " ".join(f"{answer[:4] or '–':>4s}" for answer in answers)
        lines = [f"{'':10s} {'F1':24s} taken for: {head}"]
        for act, (f1, low, high) in self.acts.items():
            taken = " ".join(f"{self.pairs[act, answer]:4d}" for answer in answers)
            lines.append(f"{act:10s} {f1:.3f} [{low:.3f}, {high:.3f}]  {'':11s} {taken}")
        return [*lines, "{:10s} {:.3f} [{:.3f}, {:.3f}]".format("macro-F1", *self.macro)]


def score(pairs: Pairs) -> Scored:
    """Figures with intervals from ROUNDS resamplings of the texts."""
    chance = random.Random(20)
    drawn = [_f1(Counter(chance.choices(pairs, k=len(pairs)))) for _ in range(ROUNDS)]
    whole = _f1(Counter(pairs))
    acts = {act.value: _interval(whole[act], [one[act] for one in drawn]) for act in Act}
    macro = _interval(_mean(whole), [_mean(one) for one in drawn])
    return Scored(acts, macro, Counter(pairs))


def share(hits: Sequence[bool]) -> Interval:
    """The share of hits with its interval."""
    chance = random.Random(20)
    return _interval(sum(hits) / len(hits), [sum(chance.choices(hits, k=len(hits))) / len(hits) for _ in range(ROUNDS)])


def _f1(pairs: Counter[tuple[str, str]]) -> dict[str, float]:
    labels, answers = Counter[str](), Counter[str]()
    for (label, answer), times in pairs.items():
        labels[label] += times
        answers[answer] += times
    return {act: 2 * pairs[act, act] / ((labels[act] + answers[act]) or 1) for act in Act}


def _mean(figures: dict[str, float]) -> float:
    return sum(figures.values()) / len(figures)


def _interval(whole: float, drawn: list[float]) -> Interval:
    drawn.sort()
    return whole, drawn[int(0.025 * (len(drawn) - 1))], drawn[int(0.975 * (len(drawn) - 1))]


def told(texts: Sequence[dict[str, Any]], home: str = HOME) -> list[str]:
    """The act of each text; a row without `kind` and `role` is a resident's comment."""
    finder = PlaceFinder(Gazetteer.empty(home), home)
    return [act_of(_post(row), SourceRole.PUBLIC, finder.find(row["text"])).act for row in texts]


def _post(row: dict[str, Any]) -> Post:
    author = Author(AuthorRole(row.get("role", "resident")))
    return Post("given:test/1", "test", "given", Kind(row.get("kind", "comment")), row["text"], AT, author=author)


def cost(texts: Sequence[str]) -> tuple[float, float]:
    """µs of CPU a text that the step takes, and those of the step that cuts it into words: interleaved, the least."""
    source = Source("test", "given", "", ZoneInfo("UTC"))
    drafts: Sequence[Draft] = [Draft(source, _post({"text": text})) for text in texts]
    spent: dict[type, float] = {}
    for step in (Words(), Acts()) * TIMES:
        started = time.process_time()
        drafts = step.process(drafts)
        took = (time.process_time() - started) / len(texts) * 1e6
        spent[type(step)] = min(took, spent.get(type(step), took))
    return spent[Acts], spent[Words]


def starter_answers(texts: Sequence[dict[str, Any]]) -> list[bool]:
    """Whether any starter search finds each text."""
    starter = tomllib.loads((CHECKOUT / "cities" / "starter.toml").read_text(encoding="utf-8"))
    searches = [compile_query(parse_query(one["query"])) for one in starter["search"]]
    context = Context(AT, ZoneInfo("UTC"))
    documents = [document_of(_post(row), Reading()) for row in texts]
    return [any(search.match(document, context) for search in searches) for document in documents]


def rivals() -> dict[str, Callable[[Sequence[str]], Sequence[str]]]:
    """What scikit-learn learns of the texts that our rules were tuned on: words and characters, a linear SVM."""
    svm, features, pipeline = rival("sklearn.svm"), rival("sklearn.feature_extraction.text"), rival("sklearn.pipeline")
    if svm is None or features is None or pipeline is None:
        return {}
    seen = list(rows(DEV))
    words = features.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    characters = features.TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5))
    both = pipeline.make_union(words, characters)
    model = pipeline.make_pipeline(both, svm.LinearSVC(class_weight="balanced", random_state=20))
    model.fit([row["text"] for row in seen], [row["act"] for row in seen])
    return {"TF-IDF and linear SVM": model.predict}


def pairs_of(path: Path) -> Pairs:
    """The labels of a file of ours, each with the answer of the rules."""
    texts = list(rows(path))
    return list(zip([row["act"] for row in texts], told(texts), strict=True))


def main(path: str = str(TEST)) -> None:
    """Print the figures of one file."""
    sys.stdout.writelines(f"{line}\n" for line in score(pairs_of(Path(path))).lines())


if __name__ == "__main__":
    main(*sys.argv[1:])
