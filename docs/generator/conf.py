"""Settings of Sphinx for both trees; `build.py` gives the language and the source folder."""

from __future__ import annotations

import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from wording import LANGUAGES, NAMES, Wording  # noqa: E402

import actuarial  # noqa: E402

project = "actuarial"
author = ""
version = release = actuarial.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml"]
root_doc = "index"
exclude_patterns = ["file/**"]
default_role = "code"
smartquotes = False  # options begin with two hyphens
nitpicky = False  # types of numpy and pandas have no page here
highlight_language = "none"

myst_heading_anchors = 6
myst_fence_as_directive = ["math"]
myst_enable_extensions: list[str] = []

autodoc_typehints = "signature"
add_module_names = False
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 90
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
templates_path = ["theme"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_math_renderer = "mathml"
html_domain_indices = False
html_theme_options = {"top_of_page_buttons": ["view"]}
_LEAD = "Actuarial engine for accident insurance in Kazakhstan"


def _by_language(_app: Sphinx, config: Config) -> None:
    config.html_title = config.html_short_title = f"actuarial {version}"
    config.html_search_language = config.language
    config.html_context = {
        "languages": {code: NAMES[code] for code in LANGUAGES if code != config.language},
        "description": Wording(config.language).say(_LEAD),
    }


def _with_dashes(_app: Sphinx, doctree: nodes.document) -> None:
    """Write the dash between a name of Python and its meaning as one."""
    for field in doctree.findall(nodes.field_body):
        for text in list(field.findall(nodes.Text)):
            if text.startswith(" -- "):
                text.parent.replace(text, nodes.Text(f" – {text[4:]}"))


def setup(app: Sphinx) -> None:
    """Settings that depend on the language."""
    app.connect("config-inited", _by_language)
    app.connect("doctree-read", _with_dashes)
