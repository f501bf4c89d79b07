"""A channel as plain data, and its pages in the markup of t.me."""

import base64
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape

PAGE = 20
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+)\)|(https?://[^\s<]+)|#(\w+)")


@dataclass(frozen=True, slots=True)
class ChannelPoll:
    """A poll: options as (text, percent)."""

    question: str
    options: tuple[tuple[str, int], ...]
    kind: str = "Anonymous Poll"


@dataclass(frozen=True, slots=True)
class ChannelPost:
    """A message. `[label](https://…)` in the text is a hidden link. Several photos take a number each, as in Telegram.

    `service` makes it a service message, `hidden` one that the preview refuses to show.
    """

    number: int
    text: str
    at: datetime
    views: int = 0
    edited: bool = False
    signature: str = ""
    photos: tuple[str, ...] = ()
    video: str = ""
    reply_to: int = 0
    forwarded_from: str = ""
    forwarded_url: str = ""
    poll: ChannelPoll | None = None
    location: tuple[float, float] | None = None
    preview_url: str = ""
    service: bool = False
    hidden: bool = False


@dataclass
class Channel:
    """A channel whose posts can be added, edited and deleted while it is served."""

    name: str
    title: str
    number: int
    posts: list[ChannelPost] = field(default_factory=list)
    preview: bool = True

    def add(self, post: ChannelPost) -> None:
        """Publish a message."""
        self.posts.append(post)

    def edit(self, number: int, text: str) -> None:
        """Change the text of a message."""
        self.posts = [replace(post, text=text, edited=True) if post.number == number else post for post in self.posts]

    def until(self, now: datetime) -> "Channel":
        """The channel as it was before anything later than `now` came."""
        return replace(self, posts=[post for post in self.posts if post.at <= now])

    def delete(self, number: int) -> None:
        """Take a message away."""
        self.posts = [post for post in self.posts if post.number != number]


def channel_page(channel: Channel, before: int = 0, after: int = 0) -> str:
    """The page below `before`, above `after`, or the newest."""
    posts = sorted(channel.posts, key=lambda post: post.number)
    if after:
        shown = [post for post in posts if post.number > after][:PAGE]
    else:
        shown = [post for post in posts if not before or post.number < before][-PAGE:]
    first, last = (shown[0].number, shown[-1].number) if shown else (0, 0)
    more = _more(channel, "before", first) if any(post.number < first for post in posts) else ""
    less = _more(channel, "after", last) if shown and any(post.number > last for post in posts) else ""
    messages = "\n".join(message(channel, post) for post in shown) or (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message_centered">'
        '<div class="tme_no_messages_found">No posts found</div></div></div>'
    )
    return f"""<!DOCTYPE html>
<html class="">
<head><meta charset="utf-8"><title>{escape(channel.title)} – Telegram</title>
<meta property="og:title" content="{escape(channel.title)}"><meta property="og:site_name" content="Telegram"></head>
<body class="widget_frame_base tgme_webpreview emoji_image thin_box_shadow">
<header class="tgme_header"><div class="tgme_container"><div class="tgme_header_info">
<div class="tgme_channel_info_header_title"><span dir="auto">{escape(channel.title)}</span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{channel.name}">@{channel.name}</a></div>
</div></div></header>
<main class="tgme_main" data-url="/{channel.name}"><div class="tgme_container">
<section class="tgme_channel_history js-message_history">
{more}{messages}{less}
</section></div></main>
</body>
</html>
<!-- page generated in 21.4ms -->
"""


def message(channel: Channel, post: ChannelPost) -> str:
    """One message in the markup of the preview page."""
    href = f"https://t.me/{channel.name}/{post.number}"
    kind = " service_message" if post.service else ""
    edited = "edited &nbsp;" if post.edited else ""
    signature = f'<span class="tgme_widget_message_from_author" dir="auto">{escape(post.signature)}</span>,&nbsp;'
    views = f'<span class="tgme_widget_message_views">{_short(post.views)}</span><span class="copyonly"> views</span>'
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap{kind} js-widget_message" \
data-post="{channel.name}/{post.number}" data-view="{_view(channel, post)}">
<div class="tgme_widget_message_user"><a href="https://t.me/{channel.name}">\
<i class="tgme_widget_message_user_photo bgcolor2" data-content="{escape(channel.title[:1])}"></i></a></div>
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" \
href="https://t.me/{channel.name}"><span dir="auto">{escape(channel.title)}</span></a></div>
{_forward(post)}{_reply(channel, post)}{_media(channel, post)}{_poll(channel, post)}{_text(post)}{_preview(post)}
<div class="tgme_widget_message_footer compact js-message_footer">\
<div class="tgme_widget_message_info short js-message_info">{"" if post.service else views}\
<span class="tgme_widget_message_meta">{signature if post.signature else ""}{edited}\
<a class="tgme_widget_message_date" href="{href}"><time datetime="{post.at.astimezone(UTC).isoformat()}" class="time">\
{post.at.astimezone(UTC):%H:%M}</time></a></span></div></div>
</div></div></div>"""


def _view(channel: Channel, post: ChannelPost) -> str:
    several = len(post.photos) > 1
    view = {"c": -channel.number, "p": f"{post.number}g" if several else post.number, "t": 1700000000, "h": "0" * 18}
    return base64.urlsafe_b64encode(json.dumps(view, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _text(post: ChannelPost) -> str:
    if not post.text:
        return ""
    marked = "".join(_linked(part) for part in _parts(post.text)).replace("\n", "<br/>")
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{marked}</div>'


def _parts(text: str) -> Iterable[str | re.Match[str]]:
    end = 0
    for match in _LINK.finditer(text):
        yield text[end : match.start()]
        yield match
        end = match.end()
    yield text[end:]


def _linked(part: str | re.Match[str]) -> str:
    if isinstance(part, str):
        return escape(part)
    if part[1]:  # the page asks before it opens a hidden link, and escapes the address twice
        return (
            f'<a href="{escape(escape(part[2]))}" target="_blank" rel="noopener" '
            f"onclick=\"return confirm('Open this link?\\n\\n'+this.href);\">{escape(part[1])}</a>"
        )
    if part[3]:
        return f'<a href="{escape(part[3])}" target="_blank" rel="noopener">{escape(part[3])}</a>'
    return f'<a href="?q=%23{part[4]}">#{part[4]}</a>'


def _forward(post: ChannelPost) -> str:
    if not post.forwarded_from:
        return ""
    name = f'<span dir="auto">{escape(post.forwarded_from)}</span>'
    tag = f'a href="{escape(post.forwarded_url)}"' if post.forwarded_url else "span"
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;'
        f'<{tag} class="tgme_widget_message_forwarded_from_name">{name}</{tag.partition(" ")[0]}></div>'
    )


def _reply(channel: Channel, post: ChannelPost) -> str:
    answered = next((other for other in channel.posts if other.number == post.reply_to), None)
    if not post.reply_to:
        return ""
    quote = escape(answered.text[:80]) if answered else ""
    return (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{channel.name}/{post.reply_to}">'
        '<div class="tgme_widget_message_author accent_color"><span class="tgme_widget_message_author_name" '
        f'dir="auto">{escape(channel.title)}</span></div>'
        f'<div class="tgme_widget_message_text js-message_reply_text" dir="auto">{quote}</div></a>'
    )


def _media(channel: Channel, post: ChannelPost) -> str:
    href = f"https://t.me/{channel.name}/{post.number}"
    if post.hidden:
        return (
            '<div class="message_media_not_supported_wrap media_not_supported_cont"><div class="message_media_not_'
            'supported"><div class="message_media_not_supported_label">Please open Telegram to view this post</div>'
            f'<a href="{href}" class="message_media_view_in_telegram">VIEW IN TELEGRAM</a></div></div>'
        )
    if post.location:
        lat, lon = post.location
        return (
            f'<a class="tgme_widget_message_location_wrap" href="https://maps.google.com/maps?q={lat},{lon}&ll={lat},{lon}'
            '&z=16"><div class="tgme_widget_message_location"></div></a>'
        )
    if post.video:
        return (
            f'<a class="tgme_widget_message_video_player js-message_video_player" href="{href}"><div '
            f'class="tgme_widget_message_video_wrap"><video src="{escape(post.video)}" '
            'class="tgme_widget_message_video js-message_video"></video></div>'
            '<time class="message_video_duration js-message_video_duration">0:42</time></a>'
        )
    if len(post.photos) < 2:
        return "".join(_photo(href, "", photo) for photo in post.photos)
    grouped = "".join(
        _photo(f"https://t.me/{channel.name}/{post.number + place}?single", " grouped_media_wrap blured", photo)
        for place, photo in enumerate(post.photos)
    )
    return (
        '<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">'
        '<div class="tgme_widget_message_grouped js-message_grouped">'
        f'<div class="tgme_widget_message_grouped_layer js-message_grouped_layer">{grouped}</div></div></div>'
    )


def _photo(href: str, kind: str, url: str) -> str:
    number = f"51{zlib.crc32(url.encode()):010}"
    return (
        f'<a class="tgme_widget_message_photo_wrap{kind} {number}" href="{href}" style="width:800px;'
        f'background-image:url(\'{escape(url)}\')"><div class="tgme_widget_message_photo"></div></a>'
    )


def _poll(channel: Channel, post: ChannelPost) -> str:
    if not post.poll:
        return ""
    options = "".join(
        '<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">'
        f'{percent}%</div><div class="tgme_widget_message_poll_option_value"><div '
        f'class="tgme_widget_message_poll_option_text">{escape(text)}</div></div></div>'
        for text, percent in post.poll.options
    )
    return (
        '<div class="tgme_widget_message_poll js-poll"><div class="tgme_widget_message_poll_question">'
        f'{escape(post.poll.question)}</div><div class="tgme_widget_message_poll_type">{post.poll.kind}</div>'
        f'<a class="tgme_widget_message_poll_options" href="https://t.me/{channel.name}/{post.number}">{options}</a></div>'
    )


def _preview(post: ChannelPost) -> str:
    if not post.preview_url:
        return ""
    return (
        f'<a class="tgme_widget_message_link_preview" href="{escape(post.preview_url)}">'
        '<div class="link_preview_title" dir="auto">Заголовок чужой страницы</div></a>'
    )


def _more(channel: Channel, way: str, number: int) -> str:
    return (
        f'<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/{channel.name}?{way}={number}" '
        f'class="tme_messages_more js-messages_more" data-{way}="{number}"></a></div>\n'
    )


def contact_page(channel: Channel | None) -> str:
    """The page of t.me/NAME: with a title for who exists, without one for who does not."""
    title = (
        f'<div class="tgme_page_title" dir="auto"><span dir="auto">{escape(channel.title)}</span></div>'
        if channel
        else ""
    )
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Telegram: Contact</title></head><body><div '
        f'class="tgme_page_wrap"><div class="tgme_body_wrap"><div class="tgme_page">{title}'
        '<div class="tgme_page_description">If you have <strong>Telegram</strong>, you can view and join right away.'
        "</div>"
        "</div></div></div></body>\n</html>\n"
    )


def _short(count: int) -> str:
    """1234 → 1.23K, as the page shortens counters."""
    for factor, unit in ((10**6, "M"), (10**3, "K")):
        if count >= factor:
            return f"{count / factor:.3g}{unit}"
    return str(count)
