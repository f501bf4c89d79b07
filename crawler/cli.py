"""The `otklik` command: chooses the locale, then puts the verbs of crawler/commands together in it."""

import gc
import sys

from crawler.environment import Environment
from crawler.model.text import set_locale

COLLECT_AFTER = 50_000
"""Objects made and kept between two looks for garbage in cycles. Python's own 700 is a tenth and more of what matching
costs, for cycles that hardly anything here makes.
"""


def main() -> None:
    """Entry point. The locale is chosen before the verbs are imported: their help is made of texts at import."""
    gc.set_threshold(COLLECT_AFTER)
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
