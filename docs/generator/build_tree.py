"""Stage and build the tree of one language: a process of its own, started by `build.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from build import HERE, BuildError, stage
from sphinx.cmd.build import build_main


def main() -> None:
    """Leave with the exit code of Sphinx."""
    work, site, language = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    source = work / f"source-{language}"
    try:
        stage(source, language)
    except (BuildError, ValueError) as error:
        sys.exit(str(error))
    options = [f"language={language}", f"locale_dirs={work / f'locale-{language}'}"]
    sys.exit(
        build_main(
            [
                "--quiet",
                "--fail-on-warning",
                "--fresh-env",
                "--builder=html",
                f"--conf-dir={HERE}",
                f"--doctree-dir={work / f'doctree-{language}'}",
                *(f"--define={option}" for option in options),
                str(source),
                str(site / language),
            ]
        )
    )


if __name__ == "__main__":
    main()
