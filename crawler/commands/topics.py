"""`otklik topics`: a model of topics, taught by a city's own history, measured and asked."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from crawler.commands.shell import FileArgument, JsonOption, err, input_of, out, plain, print_json, progress
from crawler.given import BadLine, Line, read_lines
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from pipelines.normalize import clean_text
from search.analysis import Token, analyze
from search.topics.evaluate import Evaluated, evaluate
from search.topics.model import TopicModel
from search.topics.store import load, save
from search.topics.train import FEWEST_TEXTS, train


class Action(StrEnum):
    """What is done with a model."""

    TRAIN = "train"
    EVALUATE = "evaluate"
    PREDICT = "predict"


ACTION = Text(
    "train — обучить, evaluate — измерить, predict — назвать темы",
    "train a model, evaluate it, or predict topics by it",
)
OUT = Text("файл модели, который запишет train", "file of the model that train writes")
MODEL = Text("файл модели для evaluate и predict", "file of the model for evaluate and predict")
NEEDS = Text("Нужен ключ {option} с файлом модели.", "The option {option} with the file of a model is needed.")
NO_TOPIC = Text("нужна непустая строка", "needs a string that is not empty")
TOO_FEW = Text(
    "Мало строк с темами: {texts}, тем {topics}; нужно не меньше {least} строк и двух тем.",
    "Too few lines with topics: {texts}, {topics} topics; at least {least} lines and two topics are needed.",
)
LEARNING = Text("обучение", "learning")
TRAINED = Text(
    "{path}: тем {topics}, текстов {texts}, {size} МБ. Проверьте на более поздних строках: otklik topics evaluate.",
    "{path}: {topics} topics, {texts} texts, {size} MB. Measure it on later lines: otklik topics evaluate.",
)
MEASURED = Text(
    "Текстов {texts}. Верная тема: {accuracy}; macro-F1 {f1}. Уверенно названо {sure}, из них верно {right}. "
    "Ошибка вероятностей {error}.",
    "{texts} texts. Right topic: {accuracy}; macro-F1 {f1}. Told as sure {sure}, of these right {right}. "
    "Calibration error {error}.",
)


def topics(
    action: Annotated[Action, typer.Argument(help=str(ACTION), show_default=False)],
    file: FileArgument = "-",
    to: Annotated[Path | None, typer.Option("--out", help=str(OUT), show_default=False)] = None,
    model: Annotated[Path | None, typer.Option(help=str(MODEL), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Train, evaluate or ask a model: lines of `id`, `text` and, but for predict, `topic`."""
    reading = Reading()
    with input_of(file) as stream:
        if action is Action.TRAIN:
            _train(reading, stream, _needed(to, "--out"))
        elif action is Action.EVALUATE:
            _evaluate(reading, stream, _needed(model, "--model"), as_json=as_json)
        else:
            _predict(reading, stream, _needed(model, "--model"))
    if reading.bad:
        raise typer.Exit(1)


class Reading:
    """Reads lines, and tells and counts those that are none."""

    def __init__(self) -> None:
        self.bad = 0

    def lines(self, stream: BinaryIO, *, with_topic: bool) -> Iterator[Line]:
        """The lines that can be used."""
        for line in read_lines(stream):
            if isinstance(line, Line) and with_topic and not _topic(line):
                self.tell(BadLine(line.number, "topic", NO_TOPIC))
            elif isinstance(line, Line):
                yield line
            else:
                self.tell(line)

    def tell(self, line: BadLine) -> None:
        """Say what is wrong with a line."""
        self.bad += 1
        err.print(plain(line), style="red", highlight=False, markup=False, soft_wrap=True)


def _topic(line: Line) -> str:
    topic = line.values.get("topic")
    return topic.strip() if isinstance(topic, str) else ""


def _tokens(line: Line) -> tuple[Token, ...]:
    """The tokens of the text in the form in which posts are stored."""
    return analyze("", clean_text(str(line.values["text"])))


def _needed(path: Path | None, option: str) -> Path:
    if path is None:
        raise OtklikError(NEEDS.filled(option=option))
    return path


def _train(reading: Reading, stream: BinaryIO, path: Path) -> None:
    pairs = [(_tokens(line), _topic(line)) for line in reading.lines(stream, with_topic=True)]
    different = len({topic for _, topic in pairs})
    if len(pairs) < FEWEST_TEXTS or different < 2:
        raise OtklikError(TOO_FEW.filled(texts=len(pairs), topics=different, least=FEWEST_TEXTS))
    with progress(LEARNING, None):
        weights = train([tokens for tokens, _ in pairs], [topic for _, topic in pairs])
    save(weights, path)
    size = f"{path.stat().st_size / 1e6:.1f}"
    said = TRAINED.format(path=path, topics=len(weights.topics), texts=len(pairs), size=size)
    out.print(said, highlight=False, markup=False, soft_wrap=True)


def _evaluate(reading: Reading, stream: BinaryIO, path: Path, *, as_json: bool) -> None:
    model = TopicModel(load(path))
    lines = list(reading.lines(stream, with_topic=True))
    if not lines:
        raise OtklikError(TOO_FEW.filled(texts=0, topics=0, least=1))
    found = evaluate([_topic(line) for line in lines], [model.guess(_tokens(line)) for line in lines])
    if as_json:
        print_json({name: getattr(found, name) for name in Evaluated.__dataclass_fields__})
        return
    accuracy, f1 = (f"{one:.3f} [{low:.3f}, {high:.3f}]" for one, low, high in (found.accuracy, found.macro_f1))
    figures = {"sure": f"{found.sure:.1%}", "right": f"{found.right_when_sure:.1%}", "error": f"{found.error:.3f}"}
    said = MEASURED.format(texts=found.texts, accuracy=accuracy, f1=f1, **figures)
    out.print(said, highlight=False, markup=False, soft_wrap=True)


def _predict(reading: Reading, stream: BinaryIO, path: Path) -> None:
    """The likeliest topic of every line, also where a post would be given none: `sure` says that it would."""
    model = TopicModel(load(path))
    for line in reading.lines(stream, with_topic=False):
        guess = model.guess(_tokens(line))
        told = {"topic": guess.topic, "confidence": round(guess.confidence, 4), "sure": guess.sure}
        print_json({"id": line.id, **told})
