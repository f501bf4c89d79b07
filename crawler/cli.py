"""The `otklik` command: chooses the locale, then puts the verbs of crawler/commands together in it."""

import sys

from crawler.environment import Environment
from crawler.model.text import set_locale


def main() -> None:
    """Entry point. The locale is chosen before the verbs are imported: their help is made of texts at import."""
    set_locale(_locale_option(sys.argv[1:]) or Environment().locale())
    from crawler.commands.app import run

    run()


def _locale_option(arguments: list[str]) -> str:
    for position, argument in enumerate(arguments):
        if argument.startswith("--locale="):
            return argument.partition("=")[2]
        if argument == "--locale" and position + 1 < len(arguments):
            return arguments[position + 1]
    return ""


if __name__ == "__main__":
    main()
