"""What pages need and what takes seconds to make is made when the console starts, not by whoever asks first."""

import gc
import logging

from crawler.console.rendering import compile_templates
from crawler.installation import Installation
from crawler.model.errors import OtklikError

logger = logging.getLogger(__name__)


def warm(installation: Installation) -> None:
    """Make it, for every city. What cannot be made is told by the page that needs it."""
    compile_templates()
    for desk in installation.desks.values():
        try:
            # The series load the saved searches, and the monitor that they make.
            made = (desk.finder.gazetteer, desk.engine, desk.names, desk.series)
            logger.debug("console: %s: %d parts are ready", desk.city.key, len(made))
        except OtklikError as error:
            logger.warning("console: %s: %s", desk.city.key, error.text.en)
        except Exception:
            # Whatever it is, the page that needs it will say so; other cities go on.
            logger.exception("console: %s", desk.city.key)
    # A look for garbage in cycles walks over a million objects that stay for good, 0.1 s in the middle of some page.
    gc.collect()
    gc.freeze()
