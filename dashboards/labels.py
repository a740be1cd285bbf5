"""What a column means, in the words of the warehouse: read from dbt's glossary, never retyped here.

The glossary is part of this checkout, so a description is there before anything was built. Its sentences are English;
the catalogue of the dashboards translates those that pages show.
"""

import re
from functools import cache

import hub_settings
from dashboards.i18n import translate
from dashboards.metrics import Measure, Ratio

GLOSSARY = hub_settings.ROOT / "dbt_project" / "models" / "glossary.md"
ENTRY = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)


@cache
def glossary() -> dict[str, str]:
    """Column → its description."""
    return {name: " ".join(text.split()) for name, text in ENTRY.findall(GLOSSARY.read_text(encoding="utf-8"))}


def meaning(column: str) -> str:
    """What a column means, in the language of the page.

    Raises:
        KeyError: the glossary does not know the column.
    """
    return translate(glossary()[column])


def meaning_of(about: Measure | Ratio) -> str:
    """What a measure or a ratio means: its own sentence, else that of the column it is."""
    return str(about.meaning) if about.meaning else meaning(about.name)
