"""What is given to the page: names reach no disk, limits hold, broken input is told."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from page_server import LIMIT, Running, Visitor

from cli.page.job import MOST_GROUPS, fault_of
from cli.page.upload import MOST_TEXT

SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"
ONE = Path(__file__).parents[2] / "docs" / "example" / "one-worker.csv"
NAMES = [
    "../../../etc/cron.d/x.csv",
    "..\\..\\x.csv",
    "/etc/passwd",
    "C:\\Windows\\x.csv",
    "x\0.csv",
    "a" * 5000 + ".csv",
    "<img src=x onerror=alert(1)>.csv",
    "=cmd|' /C calc'!A0.csv",
    "портфель 050101300123.csv",
    "portfolio\u202evsc.exe\n\u2066.csv",
    "CON",
    ".",
    "",
]


def paths_of(server: Running) -> set[str]:
    return {str(path.relative_to(server.root)) for path in server.root.rglob("*")}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_of_the_user_is_only_shown(server: Running, name: str) -> None:
    visitor = server.visitor()
    before = paths_of(server)
    answer = visitor.put("portfolio", ONE.read_bytes(), name)
    assert answer.status == 200
    assert [path.name for path in visitor.visit.folder.iterdir()] == ["portfolio.csv"]
    made = paths_of(server) - before
    assert made == {f"{visitor.visit.folder.name}/portfolio.csv"}
    html = answer.json["parts"]["file-part"]
    assert "<img" not in html and "050101300123" not in html
    assert not {"\0", "\u202e", "\u2066"} & set(html) and len(html) < 4000
    if "портфель" in name:
        assert "портфель **********23.csv" in html


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"PK\x03\x04rest", ".xlsx"),
        (b"PAR1rest", ".parquet"),
        (b"\xd0\xcf\x11\xe0rest", ".xls"),
        (b"PK", ".csv"),
        (b"a,b\n", ".csv"),
        (b"#!/bin/sh\n", ".csv"),
    ],
)
def test_the_kind_comes_from_the_content(server: Running, head: bytes, suffix: str) -> None:
    visitor = server.visitor()
    assert visitor.put("portfolio", head, "evil.sh").status == 200
    assert [path.suffix for path in visitor.visit.folder.iterdir()] == [suffix]
    # a second file of another kind replaces the first
    assert visitor.put("portfolio", b"x,y\n", "x.exe").status == 200
    assert [path.name for path in visitor.visit.folder.iterdir()] == ["portfolio.csv"]


def test_only_known_roles(server: Running) -> None:
    visitor = server.visitor()
    for role in ("other", "..%2fportfolio", "portfolio.csv", "%2e%2e"):
        assert visitor.put(role, b"x", "x").status in (404, 405, 410)
    assert list(visitor.visit.folder.iterdir()) == []


def test_too_large_a_file(server: Running) -> None:
    visitor = server.visitor()
    answer = visitor.put("portfolio", b"x" * (LIMIT + 1), "large.csv")
    assert answer.status == 422
    assert answer.json["code"] == "E8511" and "3 MB" in answer.json["message"]
    assert list(visitor.visit.folder.iterdir()) == []


def test_a_body_that_hides_its_length(server: Running) -> None:
    """The limit holds while the body comes in, whatever was announced; what was there before stays."""
    visitor = server.visitor()
    visitor.put("portfolio", ONE.read_bytes(), "first.csv")
    piece = b"x" * 1_000_000
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for _ in range(4)) + b"0\r\n\r\n"
    answer = server.ask(
        "PUT",
        f"{visitor.base}file/portfolio",
        chunks,
        {"X-Actuarial-Page": visitor.page, "Transfer-Encoding": "chunked", "Content-Length": None},
    )
    assert answer.status == 422 and answer.json["code"] == "E8511"
    assert [path.name for path in visitor.visit.folder.iterdir()] == ["portfolio.csv"]
    assert visitor.visit.files["portfolio"].shown_name == "first.csv"


def test_a_disk_without_room(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", ONE.read_bytes(), "first.csv")
    visitor.post("date", {"date": "2026-01-01"})
    visitor.settled()

    async def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("cli.page.application.taken", full)
        answer = visitor.put("portfolio", ONE.read_bytes(), "second.csv")
    assert (answer.status, answer.json["code"]) == (422, "E8002")
    assert "No space left" in answer.json["message"]
    parts = visitor.settled()
    assert "first.csv" in parts["file-part"] and "1 row," in parts["check-part"]


def test_too_large_a_basis(server: Running) -> None:
    answer = server.visitor().put("basis", b"#" * (MOST_TEXT + 1), "basis.yaml")
    assert answer.json["code"] == "E8511" and "short YAML file" in answer.json["message"]


def test_an_empty_file(server: Running) -> None:
    answer = server.visitor().put("portfolio", b"", "empty.csv")
    assert (answer.status, answer.json["code"]) == (422, "E8512")


def test_fields_come_as_a_plain_form(server: Running) -> None:
    visitor = server.visitor()
    multipart = "multipart/form-data; boundary=x"
    for kind, body, status in (
        (multipart, '--x\r\nContent-Disposition: form-data; name="date"\r\n\r\n2026-01-01\r\n', 415),
        ("application/json", '{"date": "2026-01-01"}', 415),
        ("application/x-www-form-urlencoded", "a=1&" * 1000, 400),
        ("application/x-www-form-urlencoded", "a=" + "1" * 200_000, 413),
    ):
        headers = {"X-Actuarial-Page": visitor.page, "Content-Type": kind}
        assert server.ask("POST", visitor.base + "date", body, headers).status == status
    assert visitor.visit.valuation_date is None


@pytest.mark.parametrize("day", ["", "31.02.2026", "tomorrow", "0002", "1e9"])
def test_a_day_that_is_none(server: Running, day: str) -> None:
    visitor = server.visitor()
    assert visitor.post("date", {"date": day}).status == 200
    assert visitor.visit.valuation_date is None


# ---------------------------------------------------------------- what comes of it


def reserved(
    visitor: Visitor, data: bytes, name: str = "june.csv", day: str = "2026-01-01"
) -> dict[str, str]:
    visitor.put("portfolio", data, name)
    visitor.post("date", {"date": day})
    visitor.post("basis", {"basis": "illustrative-2026"})
    visitor.settled()
    visitor.post("run", {"company": "  ТОО «<b>»\n=1+1 "})
    return visitor.settled()


def test_a_reserve_and_what_can_be_taken_away(server: Running) -> None:
    visitor = server.visitor()
    parts = reserved(visitor, ONE.read_bytes())
    # the worked case of the README
    assert "11\u00a0175\u00a0144.13" in parts["run-part"] and "377\u00a0374.47" in parts["run-part"]
    report = visitor.get("report")
    assert report.headers["content-security-policy"].startswith("sandbox;")
    assert "set-cookie" not in report.headers
    assert "<b>»" not in report.text
    for name, kind in {"report.xlsx": b"PK", "results.csv": b"claim_id"}.items():
        answer = visitor.get(f"download/{name}")
        assert answer.status == 200 and answer.body.lstrip(b'"').startswith(kind)
        assert f'filename="reserve-2026-01-01-{name}"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(visitor.get("download/run.zip").body)) as archive:
        deadline = time.monotonic() + 5
        while (left := list(visitor.visit.folder.glob("*.zip"))) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert left == []
        names = archive.namelist()
        assert all(name.startswith("reserve-2026-01-01/") and ".." not in name for name in names)
        record = json.loads(archive.read("reserve-2026-01-01/run.json"))
    assert record["totals"]["expected_reserve"] == "11175144.13"
    assert record["request"]["company"] == "ТОО «<b>» =1+1"
    # no path of this computer is in what leaves it
    assert record["inputs"][0]["path"] == record["request"]["portfolio"] == "june.csv"
    assert str(server.root) not in json.dumps(record)
    assert record["inputs"][0]["sha256"] == hashlib.sha256(ONE.read_bytes()).hexdigest()
    assert "june.csv" in report.text


@pytest.mark.parametrize(
    "name", ["run.json", "run.log", "..%2f..%2flock", "portfolio.csv", "%2e%2e%2flock", "lock"]
)
def test_nothing_else_can_be_taken_away(server: Running, name: str) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", ONE.read_bytes(), "x.csv")
    assert visitor.get(f"download/{name}").status in (404, 410)
    assert visitor.get("report").status == 404


def test_more_kinds_of_findings_than_can_be_read(server: Running) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", ",".join(f"c{k}" for k in range(300)).encode() + b"\n", "wide.csv")
    visitor.post("date", {"date": "2026-01-01"})
    html = visitor.settled()["check-part"]
    checked = visitor.visit.checked
    assert html.count('<p class="what">') == len(checked.groups) == MOST_GROUPS  # type: ignore[union-attr]
    assert checked.n_groups > 300 and f"+ {checked.n_groups - MOST_GROUPS}" in html  # type: ignore[union-attr]


def test_too_little_memory_is_told() -> None:
    assert "not enough memory" in fault_of(MemoryError()).message.forms["en"]


def test_bad_rows_are_shown_with_their_cells(server: Running) -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()[:30]
    cells = lines[3].split(",")
    cells[0], cells[5] = "<script>ИИН 050101300123", "31.02.1980"
    lines[3] = ",".join(cells)
    visitor = server.visitor()
    visitor.put("portfolio", "\n".join(lines).encode(), "bad.csv")
    visitor.post("date", {"date": "2026-01-01"})
    visitor.post("basis", {"basis": "illustrative-2026"})
    parts = visitor.settled()
    assert "E2102" in parts["check-part"] and "line 4, column F" in parts["check-part"]
    assert "31.02.1980" in parts["check-part"]
    assert "050101300123" not in parts["check-part"] and "<script>" not in parts["check-part"]
    assert 'id="compute" data-post="run" disabled' in parts["run-part"]
    visitor.post("run")
    assert visitor.visit.reserved is None
    assert visitor.get("download/checks.xlsx").body.startswith(b"PK")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 not a workbook",
        b"PAR1 not parquet",
        b"\xd0\xcf\x11\xe0 old",
        b"\x00\x01\x02",
        b"\xff\xfea\x00",
        b'"never closed',
        b"a;b;c\n1;2;3\n",
        b"\n\n\n",
        "имя;дата\n1;2\n".encode("cp1251"),
        b"claim_id\n",
    ],
)
def test_broken_files_are_told_without_a_trace(server: Running, data: bytes) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", data, "broken")
    visitor.post("date", {"date": "2026-01-01"})
    parts = visitor.settled()
    assert 'class="verdict bad"' in parts["check-part"]
    assert "E7000" not in parts["check-part"] and "Traceback" not in parts["check-part"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("{flat: 0.10}", "{<<: {spot: /etc/passwd}}"), "E8521"),
        (("{flat: 0.10}", "{spot: [/etc/passwd]}"), "E4003"),
        (("{flat: 0.10}", "{spot: /etc/passwd}"), "E8521"),
        (("{flat: 0.10}", "{spot: ../../lock}"), "E8521"),
        (("kz-wpp2024-2020-2025-male", "/etc/passwd"), "E8521"),
        (("kz-wpp2024-2020-2025-female", "other.csv"), "E8521"),
        (("{flat: 0.10}", "{flat: much}"), "E4003"),
        (("interest:", "interest: ["), "E4002"),
    ],
)
def test_a_basis_of_the_user(server: Running, change: tuple[str, str], code: str) -> None:
    shipped = Path(__file__).parents[2] / "actuarial" / "bases" / "illustrative-2026.yaml"
    text = shipped.read_text(encoding="utf-8")
    visitor = server.visitor()
    visitor.put("portfolio", ONE.read_bytes(), "x.csv")
    visitor.post("date", {"date": "2026-01-01"})
    visitor.put("basis", text.replace(*change).encode(), "our.yaml")
    visitor.settled()
    visitor.post("run")
    found = visitor.settled()["run-part"]
    assert code in found
    assert "root:" not in found and str(server.root) not in found
    if code == "E4002":
        # the basis as shipped, given as a file, values as the shipped one
        visitor.put("basis", text.encode(), "our.yaml")
        visitor.settled()
        visitor.post("run")
        assert "11\u00a0175\u00a0144.13" in visitor.settled()["run-part"]


def test_a_mapping_of_columns(server: Running) -> None:
    header, row = ONE.read_text(encoding="utf-8").splitlines()
    data = f"{header.replace('claim_id', 'Дело №')}\n{row}\n".encode()
    visitor = server.visitor()
    visitor.put("portfolio", data, "own.csv")
    visitor.post("date", {"date": "2026-01-01"})
    assert "E1013" in visitor.settled()["check-part"]
    visitor.put("mapping", "columns: {claim_id: Дело №}\n".encode(), "mapping.yaml")
    assert "verdict bad" not in visitor.settled()["check-part"]
    visitor.post("remove", {"role": "mapping"})
    assert "E1013" in visitor.settled()["check-part"]


def test_the_template_is_read_as_it_is(server: Running) -> None:
    visitor = server.visitor()
    template = visitor.get("template")
    assert 'filename="annuities-en.xlsx"' in template.headers["content-disposition"]
    visitor.put("portfolio", template.body, "filled.xlsx")
    visitor.post("date", {"date": "2026-01-01"})
    assert "verdict bad" not in visitor.settled()["check-part"]
