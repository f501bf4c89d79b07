"""What is wrong with a command line itself, told in the locale; and a query that begins with a minus."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import typer

# The copy of click inside of typer, which hands on only one of its errors.
from typer._click import exceptions as wrong

from crawler.model.text import Text

_EXTRA = "unexpected extra"
_QUOTE = Text(
    "Запрос из нескольких слов берётся в кавычки целиком: 'вода street:Ленина'.",
    "A query of several words stands in quotes as a whole: 'вода street:Ленина'.",
)


def takes_minus(command: Any, arguments: Sequence[str]) -> bool:
    """Whether one of the arguments is a query that begins with a minus, and none is an option with one minus too few.

    No verb that takes a query has options of one letter.
    """
    if not any(param.name == "query" for param in command.params):
        return False
    options = {option for param in command.params for option in param.opts}
    one = [argument for argument in arguments if argument[:1] == "-" and argument[1:2] not in ("", "-")]
    return bool(one) and not any(f"-{argument.partition('=')[0]}" in options for argument in one)


@contextmanager
def told() -> Iterator[None]:
    """A wrong command line is told in one or two lines; exit code 2."""
    try:
        yield
    except wrong.NoArgsIsHelpError:
        raise
    except wrong.UsageError as error:
        from crawler.commands.shell import err, plain

        err.print(plain(_said(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        if error.ctx is not None:
            more = Text("Подробно: {command} --help", "More: {command} --help").format(command=error.ctx.command_path)
            err.print(more, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


def _said(error: Any) -> Text:
    match error:
        case wrong.NoSuchOption():
            return _no_option(error)
        case wrong.MissingParameter(param=param) if param is not None:
            name = _name(param)
            return Text("Не хватает: {name}.", "Missing: {name}.").filled(name=name)
        case wrong.BadParameter(param=param) if param is not None:
            text = Text("{name}: не подходит; {expected}", "{name}: cannot be so; {expected}")
            expected = _expected(param, error.message)
            return Text(
                text.ru.format(name=_name(param), expected=expected.ru),
                text.en.format(name=_name(param), expected=expected.en),
            )
        case wrong.BadOptionUsage():
            return Text("{name}: нужно значение.", "{name}: needs a value.").filled(name=error.option_name)
    if _EXTRA in error.message:
        return _too_many(error)
    verbs = getattr(error.ctx and error.ctx.command, "commands", None)
    return _no_verb(error) if verbs else Text(error.message, error.message)


def _name(param: Any) -> str:
    return str(max(param.opts, key=len) if param.param_type_name == "option" else param.metavar or param.name.upper())


def _no_option(error: Any) -> Text:
    options = [option for param in error.ctx.command.params for option in param.opts if option.startswith("--")]
    near = get_close_matches(f"--{error.option_name.lstrip('-')}", options, 1)
    known = Text("похоже на {near}", "perhaps {near}") if near else Text("есть: {options}", "there are: {options}")
    values = {"name": error.option_name, "near": "".join(near), "options": ", ".join(options) or "—"}
    return Text(f"Нет ключа {{name}}; {known.ru}.", f"No such option {{name}}; {known.en}.").filled(**values)


def _expected(param: Any, message: str) -> Text:
    choices, least, most = param.type_descriptor.choices, param.min, param.max
    if choices:
        there = ", ".join(f"{getattr(choice, 'value', choice)}" for choice in choices)
        return Text("есть: {there}.", "there are: {there}.").filled(there=there)
    if least is not None and most is not None:
        return Text("нужно число от {least} до {most}.", "a number from {least} to {most} is needed.").filled(
            least=least, most=most
        )
    if least is not None:
        return Text("нужно число от {least}.", "a number from {least} on is needed.").filled(least=least)
    return Text(message, message)


def _too_many(error: Any) -> Text:
    rest = error.message.partition("(")[2].partition("(")[2].removesuffix(")")
    said = Text("Лишнее: {rest}.", "Too many arguments: {rest}.").filled(rest=rest)
    if any(param.name == "query" for param in error.ctx.command.params):
        return Text(f"{said.ru} {_QUOTE.ru}", f"{said.en} {_QUOTE.en}")
    return said


def _no_verb(error: Any) -> Text:
    verbs = list(error.ctx.command.commands)
    name = error.ctx.args[0] if error.ctx.args else error.message.partition("'")[2].partition("'")[0]
    near = get_close_matches(name, verbs, 1)
    known = Text("похоже на {near}", "perhaps {near}") if near else Text("есть: {verbs}", "there are: {verbs}")
    values = {"name": name, "near": "".join(near), "verbs": ", ".join(verbs)}
    return Text(f"Нет команды {{name}}; {known.ru}.", f"No such command {{name}}; {known.en}.").filled(**values)
