"""Rules about a person's data: pure arithmetic."""

# Weights and check characters of GB 11643, by which the last character of an identity number follows from the others.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


def is_national_id(text: str) -> bool:
    """Whether the check character of a Chinese resident identity number (18 characters) fits."""
    body, last = text[:17], text[17:].upper()
    return (
        len(text) == 18
        and body.isascii()
        and body.isdigit()
        and last == CHECK[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
    )
