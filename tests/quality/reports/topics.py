"""Topics of appeals, beside a linear support vector machine over words and characters."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from search.topics.evaluate import evaluate, macro_f1
from search.topics.model import TopicModel
from search.topics.store import load, save
from search.topics.train import train
from tests.quality.reports.held import Held, Line
from tests.quality.rivals import rival
from tests.quality.test_topics_floor import FLOORS
from tests.quality.topics import Appeals, read, repeated

_OFTEN = 5


def report(real: Path | None) -> Iterator[Line]:
    """Accuracy and macro-F1 with intervals, calibration, cost and size; the rival on the same cut."""
    yield "topics: reasons of appeals, learnt before 2021-01-03 and told after"
    if real is None:
        yield "  not measured: no real data"
        return
    earlier, later = read(real)
    started = time.process_time()
    weights = train(earlier.tokens, earlier.reasons)
    learnt = time.process_time() - started
    with tempfile.TemporaryDirectory() as folder:
        save(weights, path := Path(folder) / "topics.model")
        model, size = TopicModel(load(path)), path.stat().st_size
    started = time.process_time()
    guesses = [model.guess(tokens) for tokens in later.tokens]
    cost = 1e6 * (time.process_time() - started) / len(guesses)
    found = evaluate(later.reasons, guesses)
    for name, figures in (("accuracy", found.accuracy), ("macro_f1", found.macro_f1)):
        yield Held("  ours, {} {:.3f} [{:.3f}, {:.3f}]".format(name, *figures), figures[0], FLOORS[name])
    yield f"  sure of {found.sure:.1%}, of these right {found.right_when_sure:.1%}; calibration error {found.error:.3f}"
    yield f"  {cost:.0f} µs of CPU a post from its tokens, model {size / 1e6:.0f} MB, learnt in {learnt:.0f} s of CPU"
    same = repeated(later, [guess.topic for guess in guesses], _OFTEN)
    yield (
        f"  {same.texts} of the later ones whose words {_OFTEN} of them have at least: ours {same.ours:.3f}, at best"
        f" {same.foreseen:.3f}"
    )
    yield from _rival(earlier, later)
    yield from _with_objects(earlier, later)


def _rival(earlier: Appeals, later: Appeals) -> Iterator[str]:
    text, svm, pipeline = (rival(f"sklearn.{name}") for name in ("feature_extraction.text", "svm", "pipeline"))
    if not (text and svm and pipeline):
        yield "  rival not measured: make quality fetches it"
        return
    words = text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    characters = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    both = pipeline.make_union(words, characters)
    machine = pipeline.make_pipeline(both, svm.LinearSVC(C=0.5))
    machine.fit(earlier.texts, earlier.reasons)
    started = time.process_time()
    told = [str(one) for one in machine.predict(later.texts)]
    cost = 1e6 * (time.process_time() - started) / len(told)
    right = sum(map(str.__eq__, told, later.reasons)) / len(told)
    f1 = macro_f1(later.reasons, told)
    yield f"  TF-IDF of words and characters, linear SVM: accuracy {right:.3f}, macro_f1 {f1:.3f}, {cost:.0f} µs a post"


def _with_objects(earlier: Appeals, later: Appeals) -> Iterator[str]:
    """What the text leaves out: a linear machine over words with and without what the form asked for beside it."""
    text, svm = rival("sklearn.feature_extraction.text"), rival("sklearn.svm")
    if not (text and svm):
        return
    for name, asked in (("words alone", False), ("words and the object that the form asked for", True)):
        learnt, told = (_documents(part, asked=asked) for part in (earlier, later))
        words = text.TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=2)
        machine = svm.LinearSVC(C=0.5).fit(words.fit_transform(learnt), earlier.reasons)
        right = sum(map(str.__eq__, map(str, machine.predict(words.transform(told))), later.reasons)) / len(told)
        yield f"  {name}, linear SVM: accuracy {right:.3f}"


def _documents(part: Appeals, *, asked: bool) -> list[list[str]]:
    return [
        [token.lemma for token in tokens] + [f"object {object_}"] * 3 * asked
        for tokens, object_ in zip(part.tokens, part.objects, strict=True)
    ]
