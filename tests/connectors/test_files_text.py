"""Files as they come: encodings, delimiters, line ends, and one sentence for each that is broken."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from connectors.base import Source, SourceError
from connectors.files import Files


def rows_of(folder: Path, content: bytes, name: str = "t.csv", **options: str) -> list[tuple]:
    (folder / name).write_bytes(content)
    connector = Files(Source("s", "files", str(folder), options))
    (ref,) = connector.tables()
    with duckdb.connect() as con:
        return con.execute(
            f"SELECT * EXCLUDE (_source_file) FROM ({connector.read(con, ref).relation.sql_query()})"
        ).fetchall()


CHINESE = "编号,名称\n1,北京机械有限公司\n2,上海贸易公司，分部\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_text_is_read_in_the_encodings_it_comes_in(tmp_path: Path, encoding: str) -> None:
    assert rows_of(tmp_path, CHINESE.encode(encoding)) == [(1, "北京机械有限公司", 1), (2, "上海贸易公司，分部", 2)]


def test_western_text_from_old_spreadsheets_is_read(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "id,name\n1,Müller & Söhne – Köln\n2,Crème brûlée €\n".encode("cp1252")) == [
        (1, "Müller & Söhne – Köln", 1),
        (2, "Crème brûlée €", 2),
    ]


def test_an_encoding_that_was_named_is_used(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "id,name\n1,Žižkov\n".encode("cp1250"), encoding="cp1250") == [(1, "Žižkov", 1)]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"id,name\n1,ok\n2,b\xffd\n", 3),
        ("id,name\n1,北京公司\n2,上海".encode() + b"\xe4\n", 3),
        (b"id,name\n1,a\x81b\n", 2),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path, content: bytes, line: int) -> None:
    with pytest.raises(SourceError, match=rf"^t\.csv, line {line}: byte 0x"):
        rows_of(tmp_path, content)


def test_a_nul_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"t\.csv, line 2: a NUL"):
        rows_of(tmp_path, b"a,b\n1,\x002\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    content = f"id{delimiter}price{delimiter}note\n1{delimiter}2.5{delimiter}a.b-c\n"
    assert [row[2] for row in rows_of(tmp_path, content.encode())] == ["a.b-c"]


def test_a_semicolon_file_may_hold_commas(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"id;price\n1;2,50\n2;3,75\n") == [(1, Decimal("2.50"), 1), (2, Decimal("3.75"), 2)]


def test_a_tsv_file_is_cut_at_tabs_only(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"id\tnote\n1\ta,b,c\n", "t.tsv") == [(1, "a,b,c", 1)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, newline: str) -> None:
    assert rows_of(tmp_path, newline.join(["a,b", "1,2", "3,4", ""]).encode()) == [(1, 2, 1), (3, 4, 2)]


def test_mixed_line_ends_and_blank_lines_are_read(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"a,b\r\n1,2\n\n3,4\r\n\r\n") == [(1, 2, 1), (3, 4, 2)]


def test_line_ends_inside_quotes_belong_to_the_value(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b'a,b\n1,"two\r\nlines, ""quoted"""\n') == [(1, 'two\r\nlines, "quoted"', 1)]


def test_a_file_of_a_header_only_is_an_empty_table(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"a,b") == []
    assert rows_of(tmp_path, b"a,b\n") == []


def test_a_field_longer_than_any_buffer_is_read(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b"a,b\n1," + b"x" * 5_000_000 + b"\n")[0][1] == "x" * 5_000_000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b,c\n1,2,3\n4,5\n", "line 3: 2 fields where the header has 3"),
        (b"a,b,c\n1,2,3\n4,5,6,7\n", "line 3: 4 fields where the header has 3"),
        (b'a,b\n1,"x\ny"\n2\n', "line 4: 1 fields where the header has 2"),
        (b'a,b\n1,"never ends\n2,3\n', "line 2: a quoted field does not end"),
        (b'a,b\n1,"x"y\n', "line 2: a quoted field does not end"),
        (b"", "has no header"),
        (b"\n\n", "has no header"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        rows_of(tmp_path, content)


def test_two_files_for_one_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "Order Lines.csv").write_text("a\n1\n")
    (tmp_path / "order_lines.tsv").write_text("a\n1\n")
    with pytest.raises(SourceError, match="both become the table order_lines"):
        Files(Source("s", "files", str(tmp_path))).tables()


def test_a_folder_that_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no folder or file"):
        Files(Source("s", "files", str(tmp_path / "nowhere"))).check()
    with pytest.raises(SourceError, match=r"holds no \.csv"):
        Files(Source("s", "files", str(tmp_path))).check()


def test_a_file_that_changes_between_listing_and_reading_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n1\n")
    connector = Files(Source("s", "files", str(tmp_path)))
    (ref,) = connector.tables()
    file.write_text("a\n2\n")
    with duckdb.connect() as con, pytest.raises(SourceError, match="changed while it was read"):
        connector.read(con, ref)


def test_options_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no option colour"):
        Files(Source("s", "files", str(tmp_path), {"colour": "red"}))
