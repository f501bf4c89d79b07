"""Text of VK as a person reads it: `[id1|Имя]` becomes the name and a link, `#тема@group` the hashtag."""

import re

from crawler.platforms.vk_address import SITE

# A mention of a page, also as comments write it: [id1:bp-2_3|Имя].
_MENTION = re.compile(r"\[((?:id|club|public|event|app)\d{1,15})(?::[\w-]{1,40})?\|([^\[\]|]{1,300})\]", re.ASCII)
_LINK = re.compile(r"\[(https?://[^\s\[\]|]{1,2000})\|([^\[\]|]{1,300})\]")
_ALIAS = re.compile(r"\[#alias\|([^\[\]|]{1,300})\|(https?://[^\s\[\]|]{1,2000})\]")
_HASHTAG = re.compile(r"(#[\w]{1,100})@[\w.]{1,50}")
_URL = re.compile(r"https?://[^\s<>\[\]|\"«»]{1,2000}")
_AFTER_URL = ".,;:!?…)'*"


def readable(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without VK's marks, and the addresses that were in it, in order."""
    links: list[str] = []

    def page(match: "re.Match[str]") -> str:
        links.append(f"{SITE}{match[1]}")
        return match[2]

    def named(match: "re.Match[str]") -> str:
        links.append(match[1])
        return match[2]

    def alias(match: "re.Match[str]") -> str:
        links.append(match[2])
        return match[1]

    shown = _ALIAS.sub(alias, _LINK.sub(named, _MENTION.sub(page, text)))
    shown = _HASHTAG.sub(r"\1", shown)
    links += [match[0].rstrip(_AFTER_URL) for match in _URL.finditer(shown)]
    return shown, tuple(dict.fromkeys(links))
