"""How Sphinx builds the site: `sphinx-build docs docs/_build`. Pages are Markdown, read by MyST."""

project = "LLTheano"
author = copyright = "LLTheano contributors"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
highlight_language = "python"
suppress_warnings = ["misc.highlighting_failure"]  # Pygments does not know the IR

html_theme = "furo"
html_title = "LLTheano"
html_copy_source = False
