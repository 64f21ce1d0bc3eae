"""A folder of tables."""

from actuarial.portfolio.read import read_annuities


def read(build, path):
    return read_annuities(path, valuation_date=build.valuation_date)


def test_by_name(build, tmp_path):
    build.csv(tmp_path, [build.row()], name="Annuities.csv")
    (tmp_path / "contracts.csv").write_text("contract_id\n1\n")
    (tmp_path / "extra.csv").write_text("a\n1\n")
    (tmp_path / "notes.md").write_text("text")
    (tmp_path / "~$contracts.xlsx").write_text("lock")
    reading = read(build, tmp_path)
    assert len(reading.records) == 1
    assert [(f.code, f.file, f.rule) for f in reading.findings] == [
        ("W1502", "extra.csv", "unknown table extra.csv")
    ]


def test_only_file_of_any_name(build, tmp_path):
    build.csv(tmp_path, [build.row()], name="выгрузка 2026.csv")
    assert len(read(build, tmp_path).records) == 1


def test_two_files(build, tmp_path):
    build.csv(tmp_path, [build.row()], name="annuities.csv")
    build.csv(tmp_path, [build.row()], name="Аннуитеты.csv")
    (finding,) = read(build, tmp_path).findings
    assert finding.code == "E1012"
    assert "annuities.csv, Аннуитеты.csv" in finding.rule


def test_none(build, tmp_path):
    (tmp_path / "contracts.csv").write_text("contract_id\n1\n")
    (finding,) = read(build, tmp_path).findings
    assert finding.code == "E1011"
    assert "found contracts.csv" in finding.rule


def test_empty_folder(build, tmp_path):
    (finding,) = read(build, tmp_path).findings
    assert (finding.code, finding.rule) == ("E1011", "no table `annuities`: found no table")
