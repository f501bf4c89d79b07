"""The address that an appeal states in a field of its own: it stands as the last line of the text, so that places in it
have offsets and quotes as all others do.
"""

from crawler.model.items import Kind, Post

ADDRESS = "Адрес: "


def with_address(text: str, address: str) -> str:
    """The text with the stated address as its last line; as it is without one."""
    address = " ".join(address.split())
    return f"{text.rstrip()}\n{ADDRESS}{address}".lstrip() if address else text


def stated_from(post: Post) -> int | None:
    """Where the stated address of an appeal begins in its text, in code points; None when it states none.

    Only appeals are forms: the last line of an article may be the address of its editors.
    """
    if post.kind is not Kind.APPEAL:
        return None
    line = post.text.rfind("\n") + 1
    return line + len(ADDRESS) if post.text.startswith(ADDRESS, line) else None
