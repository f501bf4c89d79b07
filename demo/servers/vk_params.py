"""The parameters of a call to VK's API, read as the official schema says them; error 100 where they are wrong."""

from dataclasses import dataclass

from demo.servers.vk_errors import VkError, wrong


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters by name, as they came."""

    given: dict[str, str]

    def text(self, name: str) -> str:
        """A text, "" where it is not given."""
        return self.given.get(name, "").strip()

    def needed(self, name: str) -> str:
        """A text that must be given."""
        text = self.text(name)
        if not text:
            raise wrong(f"{name} is undefined")
        return text

    def number(self, name: str, default: int = 0, *, least: int | None = None, most: int | None = None) -> int:
        """A whole number within bounds."""
        text = self.text(name)
        if not text:
            return default
        try:
            number = int(text)
        except ValueError:
            raise wrong(f"{name} not integer") from None
        if least is not None and number < least:
            raise wrong(f"{name} should be greater or equal to {least}")
        if most is not None and number > most:
            raise wrong(f"{name} should be less or equal to {most}")
        return number

    def needed_number(self, name: str, *, least: int | None = None) -> int:
        """A whole number that must be given."""
        self.needed(name)
        return self.number(name, least=least)

    def flag(self, name: str) -> bool:
        """Whether it is 1 (or true)."""
        return self.text(name).lower() in {"1", "true"}

    def list(self, name: str, *, most: int = 1000) -> list[str]:
        """Words with commas between."""
        words = [word.strip() for word in self.text(name).split(",") if word.strip()]
        if len(words) > most:
            raise wrong(f"{name} should contain at most {most} items")
        return words

    def page(self, default: int, most: int) -> tuple[int, int]:
        """Offset and count; a count above `most` gets `most`, as the walls do it."""
        return self.number("offset", least=0), min(self.number("count", default, least=0), most)

    def check_version(self) -> None:
        """Error 8 without `v` or with one that the service no longer speaks."""
        version = self.text("v")
        if not version:
            raise VkError(8, "v (version) is required")
        major, _, minor = version.partition(".")
        if not (major.isdecimal() and minor.isdecimal() and (int(major), int(minor)) >= (5, 81)):
            raise VkError(8, 'versions below 5.81 are deprecated. Version param should be passed as "v".')
