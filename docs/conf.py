"""How Sphinx builds the site: `sphinx-build docs docs/_build`. Pages are Markdown, read by MyST.

The pages of the reference are made from docstrings by `docs/extensions/reference.py`.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "ir")]

project = "LLTheano"
author = copyright = "LLTheano contributors"

extensions = ["myst_parser", "docs.extensions.reference"]
exclude_patterns = ["_build", "extensions"]
default_role = "name-or-code"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
highlight_language = "python"
suppress_warnings = ["misc.highlighting_failure"]  # Pygments does not know the IR
add_module_names = False
toc_object_entries = False
python_display_short_literal_types = True

html_theme = "furo"
html_title = "LLTheano"
html_copy_source = False
