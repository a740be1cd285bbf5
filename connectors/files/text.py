"""Text files: from bytes to a table of text, or one sentence that says which line is wrong.

Two parsers read every file. Python's strict one checks the shape (quotes that end, as many fields in each record as
in the header) and knows the line of a mistake; Arrow's fast one builds the table. Both must count the same records.
DuckDB's own reader is not used: of a file whose last quote is never closed it silently returns no row at all, and it
counts records where a person counts lines.
"""

import csv
import io
import sys
import unicodedata
from gettext import gettext as _
from itertools import dropwhile, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from connectors.base import SourceError

MAX_BYTES = 2 * 1024**3
DELIMITERS = (",", "\t", ";", "|")
# Besides letters, what Western texts hold from the upper half of Windows-1252.
WESTERN_SIGNS = set("€‘’“”–—…°«»£§·´©®ª º¿¡")


def read_bytes(path: Path) -> bytes:
    """The file's content; refuses what is too large to be read in one piece."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise SourceError(
            _("{file} has {size:,} bytes, more than {limit:,}: split it into smaller files.").format(
                file=path.name, size=size, limit=MAX_BYTES
            )
        )
    return path.read_bytes()


def decode(data: bytes, file: str, encoding: str | None = None) -> str:
    """Text of a file.

    Without a given encoding: a byte order mark, else UTF-8, else GBK, else Windows-1252, each only where it fits well;
    a guess that may be wrong is refused, since wrong letters would travel unnoticed.

    Raises:
        SourceError: some bytes fit no encoding; names the line.
    """
    if encoding:
        return _strict(data, encoding, file)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16", file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = _other_encoding(data)
        if guess is None:
            raise SourceError(_undecodable(data, error.start, file, "UTF-8")) from error
        text = data.decode(guess)
    if "\0" in text:
        raise SourceError(
            _("{file}, line {line}: a NUL character; this is no text file, or its encoding must be named.").format(
                file=file, line=text[: text.index("\0")].count("\n") + 1
            )
        )
    return text


def _strict(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode("utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        raise SourceError(_undecodable(data, error.start, file, encoding)) from error
    except LookupError as error:
        raise SourceError(_("There is no encoding “{encoding}”.").format(encoding=encoding)) from error


def _undecodable(data: bytes, position: int, file: str, encoding: str) -> str:
    return _(
        "{file}, line {line}: byte 0x{byte:02X} is not {encoding}. "
        "Save the file as UTF-8, or name its encoding (--option encoding=gb18030)."
    ).format(file=file, line=data[:position].count(b"\n") + 1, byte=data[position], encoding=encoding)


def _other_encoding(data: bytes) -> str | None:
    """GB18030 or Windows-1252 when the text makes sense in it; None also for UTF-8 with a damaged place."""
    replaced = data.decode("utf-8", errors="replace")
    good = sum(1 for character in replaced if ord(character) > 127 and character != "\ufffd")
    if good > replaced.count("\ufffd"):
        return None
    for encoding, fits in (("gb18030", _is_chinese), ("cp1252", _is_western)):
        try:
            unusual = [character for character in data.decode(encoding) if ord(character) > 127]
        except UnicodeDecodeError:
            continue
        if unusual and sum(map(fits, unusual)) >= (0.95 * len(unusual) if encoding == "gb18030" else len(unusual)):
            return encoding
    return None


def _is_chinese(character: str) -> bool:
    """The everyday Chinese characters (GB2312) and punctuation; rare ones are what a wrong guess looks like."""
    if unicodedata.name(character, "").startswith(("IDEOGRAPHIC", "FULLWIDTH")) or character in "“”‘’—…·¥×":
        return True
    try:
        return len(character.encode("gb2312")) == 2 and "\u4e00" <= character <= "\u9fff"
    except UnicodeEncodeError:
        return False


def _is_western(character: str) -> bool:
    return (character.isalpha() and "À" <= character <= "þ") or character in WESTERN_SIGNS


def delimiter_of(text: str, file: str, given: str | None = None) -> str:
    """The delimiter that cuts the first records into the most equal fields; a comma where there is only one column.

    Where none cuts all of them so, titles may stand above the table: then the one that leaves the fewest above.
    """
    if given:
        return {"tab": "\t", "\\t": "\t"}.get(given, given)
    candidates = ("\t",) if file.lower().endswith(".tsv") else DELIMITERS
    widths = {delimiter: _widths(text, delimiter) for delimiter in candidates}
    even = {one: found[0] for one, found in widths.items() if len(set(found)) == 1 and found[0] > 1}
    if even:
        return max(even, key=even.__getitem__)
    tables = {one: list(dropwhile(lambda width: width == 1, found)) for one, found in widths.items()}
    below = {one: len(table) for one, table in tables.items() if len(table) > 1 and len(set(table)) == 1}
    if below:
        return max(below, key=below.__getitem__)
    # Records of one width speak for a delimiter; where none has that, the header's most frequent one decides.
    best = max(candidates, key=text.split("\n", 1)[0].count)
    return best if best in text else ","


def _widths(text: str, delimiter: str) -> list[int]:
    """Fields of each of the first records; none where they cannot be told apart."""
    reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
    try:
        return [len(record) for record in islice(reader, 50) if record]
    except csv.Error:
        return []


def parse(text: str, file: str, delimiter: str, above: int = 0) -> tuple[list[str], pa.Table]:
    """Headings, and the rows as columns c0, c1, … of text: an empty unquoted field is NULL, a quoted one is empty text.

    Args:
        above: lines above the header, which are no part of the table.

    Raises:
        SourceError: no header, a record with more or fewer fields, or a quote that does not end; names the line.
    """
    text = "".join(list(io.StringIO(text, newline=""))[above:]) if above else text
    header, records = _check_shape(text, file, delimiter, above)
    names = [f"c{place}" for place in range(len(header))]
    schema = pa.schema([(name, pa.string()) for name in names])
    if records == 0:
        return header, schema.empty_table()
    data = text.encode()
    try:
        table = pa.csv.read_csv(
            io.BytesIO(data),
            # One block, so that a long field never straddles two.
            read_options=pa.csv.ReadOptions(
                column_names=names, skip_rows_after_names=1, use_threads=False, block_size=min(len(data) + 1, 2**31 - 1)
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=len(names) > 1
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise SourceError(_("{file} cannot be read: {error}").format(file=file, error=error)) from error
    if table.num_rows != records:
        raise SourceError(
            _("{file} is ambiguous: {strict} records read strictly, {lenient} leniently. Save it again as CSV.").format(
                file=file, strict=records, lenient=table.num_rows
            )
        )
    return header, table.combine_chunks()


def _check_shape(text: str, file: str, delimiter: str, above: int = 0) -> tuple[list[str], int]:
    """Headings and number of records of a well-formed file."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records, line = 0, 1
    try:
        header = next(reader, None)
        if not header or not any(heading.strip() for heading in header):
            raise SourceError(_("{file} has no header in its first line.").format(file=file))
        width = len(header)
        line = above + reader.line_num + 1
        for record in reader:
            # A blank line is no record, except where the only column may be empty.
            if len(record) == width or (not record and width == 1):
                records += 1
            elif record:
                raise SourceError(
                    _("{file}, line {line}: {found} fields where the header has {expected}.").format(
                        file=file, line=line, found=len(record), expected=width
                    )
                )
            line = above + reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            _("{file}, line {line}: a quoted field does not end as it should ({error}).").format(
                file=file, line=line, error=error
            )
        ) from error
    return header, records
