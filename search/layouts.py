"""What was meant where the keyboard stood in the other layout: «ktybyf» is «ленина», «ыекууе» is "street"."""

KEYS = dict(zip("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё", strict=True))
"""By the Latin letter of a key the Russian one."""
_BACK = {russian: latin for latin, russian in KEYS.items()}


def typed(text: str) -> list[str]:
    """The text in small letters as it stands, and as the same keys give it in the other layout, where it is of one."""
    small = text.lower()
    found = [small]
    for keys in (KEYS, _BACK):
        other = "".join(keys.get(char, char if not char.isalpha() else "\0") for char in small)
        if "\0" not in other and other != small:
            found.append(other)
    return found
