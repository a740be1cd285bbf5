"""What the states of a quote allow."""

# (from, to): every transition a quote can make.
TRANSITIONS = frozenset(
    {
        ("draft", "sent"),
        ("draft", "declined"),
        ("sent", "accepted"),
        ("sent", "declined"),
        ("sent", "expired"),
    }
)
