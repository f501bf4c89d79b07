"""Acts of speech, on texts written by us and on real incidents."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.quality.acts import DEV, TEST, cost, pairs_of, rivals, score, share, starter_answers, told
from tests.quality.places import rows
from tests.quality.reports.held import Held, Line
from tests.quality.test_acts_floor import FLOORS, WANTED

NOISE = ("advert", "thanks")


def report(real: Path | None) -> Iterator[Line]:
    """F1 of each act beside its floor and the rival, what was tuned on, and the share of real incidents not lost."""
    scored = score(pairs_of(TEST))
    yield f"acts of speech on {scored.pairs.total()} texts written by us, set aside before the rules"
    held = {act: (figures[0], FLOORS["f1"][act]) for act, figures in scored.acts.items()}
    held["macro-F1"] = (scored.macro[0], FLOORS["macro"])
    head, *lines = scored.lines()
    yield f"  {head}"
    yield from (Held(f"  {line}", *held[line.split(" ")[0]]) for line in lines)
    tuned = score(pairs_of(DEV))
    yield f"  macro-F1 of the {tuned.pairs.total()} that the rules were tuned on: {tuned.macro[0]:.3f}"
    texts = list(rows(TEST))
    for name, predict in rivals().items():
        answers = predict([row["text"] for row in texts])
        pairs = [(row["act"], str(answer)) for row, answer in zip(texts, answers, strict=True)]
        figures = "{:.3f} [{:.3f}, {:.3f}]".format(*score(pairs).macro)
        yield f"  rival, {name}, trained on what ours was tuned on: macro-F1 {figures}"
    if real is None:
        yield "  incidents not measured: no real data"
        return
    incidents = list(rows(real / "incidents_perm" / "incidents.jsonl"))
    acts = told(incidents, "Пермь")
    kept = share([act in WANTED for act in acts])
    figures = "{:.3f} [{:.3f}, {:.3f}]".format(*kept)
    yield Held(
        f"  of {len(acts)} real incidents complaint, question or proposal: {figures}", kept[0], FLOORS["incidents"]
    )
    yield from _starter([*rows(DEV), *texts, *({**row, "act": "complaint"} for row in incidents)])
    step, words = cost([row["text"] for row in incidents])
    yield f"  {step:.0f} µs of CPU a message, words seen before; cutting it into words takes {words:.0f} µs"


def _starter(texts: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What the starter searches would gain and lose, if they left out what is told as an advert or thanks."""
    found = [row for row, hit in zip(texts, starter_answers(texts), strict=True) if hit]
    out = Counter(row["act"] for row, act in zip(found, told(found), strict=True) if act in NOISE)
    noise = sum(row["act"] in NOISE for row in found)
    lost = out.total() - out["advert"] - out["thanks"]
    yield f"  starter searches find {len(found)} of our texts and the incidents, {noise} of them adverts or thanks:"
    yield f"  -act:advert -act:thanks would leave out {out['advert'] + out['thanks']} of these, and {lost} others"
