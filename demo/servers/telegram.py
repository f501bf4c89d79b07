"""Channels as https://t.me/s/CHANNEL shows them: pages of 20 messages, `before` and `after`, no preview."""

from collections.abc import Iterable
from urllib.parse import parse_qs

from crawler.model.ports import Clock
from demo.servers.local import Answer, LocalServer
from demo.servers.telegram_markup import Channel, ChannelPoll, ChannelPost, channel_page, contact_page

__all__ = ["Channel", "ChannelPoll", "ChannelPost", "TelegramServer"]


class TelegramServer(LocalServer):
    """Serves channels; `address(channel)` is what a city file's source would name.

    What is later than `clock` is not shown; without one everything is.
    """

    def __init__(self, channels: Iterable[Channel], *, clock: Clock | None = None) -> None:
        super().__init__()
        self.channels = {channel.name.lower(): channel for channel in channels}
        self.clock = clock

    def address(self, name: str) -> str:
        """The preview page of a channel on this server."""
        return f"{self.url}/s/{name}"

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:  # noqa: ARG002
        """A page of messages, a contact page, or the redirect from one to the other."""
        parts = path.strip("/").split("/")
        channel = self.channels.get(parts[-1].lower())
        if parts[0] != "s" or len(parts) != 2:
            return Answer(contact_page(channel).encode())
        if channel is None or not channel.preview:
            return Answer(status=302, headers={"Location": f"/{parts[1]}"})
        asked = {key: int(values[0]) for key, values in parse_qs(query).items() if values[0].isdigit()}
        shown = channel if self.clock is None else channel.until(self.clock.now())
        return Answer(channel_page(shown, asked.get("before", 0), asked.get("after", 0)).encode())
