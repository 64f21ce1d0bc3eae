"""`actuarial table`: whole output; importing the command stays light."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.table import command
from mortality import TableError, load_table, table_ids

DATA = Path(__file__).parent / "data"


def test_show_prints_what_the_table_is():
    """The golden file is the output of `actuarial table show kz-wpp2024-2020-2025-male`, read by eye."""
    expected = (DATA / "table_show.txt").read_text("utf-8")
    result = CliRunner().invoke(command, ["show", "kz-wpp2024-2020-2025-male"])
    assert (result.exit_code, result.stdout) == (0, expected)
    assert str(load_table("kz-wpp2024-2020-2025-male")) + "\n" == expected


def test_show_reads_a_file_of_the_user(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("# title: Моя таблица\n# sex: male\nage;qx\n30;0,5\n31;1\n", encoding="utf-8")
    result = CliRunner().invoke(command, ["show", str(path)])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:4] == ["mine", "  title        Моя таблица", "  sex          male", "  ages         30-31"]
    # none of 0, 20, 40, 60, 80 is in the table: its first age; 0.5/ln 2 = 0.7213
    assert lines[-2:] == [
        "  age          q_x          e_x (years, constant force)",
        "   30     0.50000000       0.721",
    ]


def test_list_names_every_shipped_table():
    result = CliRunner().invoke(command, ["list"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(table_ids())
    assert lines[-1] == (
        "pbgc-1981-disabled-male      20-107  United States, disabled males receiving Social Security "
        "disability benefits: PBGC Table Va (1981)"
    )


def test_an_error_keeps_its_code_for_the_shell():
    result = CliRunner().invoke(command, ["show", "nothing.csv"])
    assert isinstance(result.exception, TableError)
    assert result.exception.code == "E6001"


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import cli.table", ("numpy", "mortality")),
        ("import mortality", ("pandas", "pyarrow", "pydantic", "numba", "lifelines", "scipy", "defusedxml")),
    ],
)
def test_the_import_is_light(statement, forbidden):
    code = f"{statement}; import sys; print(sorted(set({forbidden!r}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
