"""When two entries are the same party."""

# What identifies a party: tax number, mail address.
Marks = tuple[str | None, str | None]


def same_party(one: Marks, other: Marks) -> bool:
    """Whether these are the same party: by the tax number where both have one, else by the mail address.

    Two with different tax numbers are two, though one person may read the mail of both.
    """
    if one[0] and other[0]:
        return one[0] == other[0]
    return bool(one[1] and other[1] and one[1].lower() == other[1].lower())
