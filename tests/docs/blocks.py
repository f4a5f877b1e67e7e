"""The code blocks of a Markdown page, and what it takes to run each kind.

A page is one program: its blocks run in order, in one namespace and one folder.

    ```python        runs; with `# file: NAME` as its first line it is saved under NAME instead
    ```pycon         runs as a doctest: every result shown must be the result
    ```console       runs each `$ command` and compares what follows it with what it prints
    ```ir            is IR text: it must parse, verify and print as itself

`...` stands for any text in shown output, and runs of blanks are equal. A comment on the line
before a block qualifies it: `<!-- exit 2 -->` expects that exit status of its last command, and
`<!-- run by PATH -->` says that the commands stand literally in that script, which runs them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

FILE_LINE = re.compile(r"# file: (\S+)\n")
INERT = frozenset({"text", "diff", "ebnf", "toml", "c", "llvm", "asm"})


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, text, the comment before it, and its first line's number."""

    language: str
    text: str
    remark: str
    line: int

    @property
    def file(self) -> str | None:
        """The name under which the page says to save this block, if it does."""
        match = FILE_LINE.match(self.text) if self.language == "python" else None
        return match[1] if match else None

    @property
    def exit_status(self) -> int:
        """The status that the last command of a console block must exit with."""
        match = re.fullmatch(r"<!-- exit (\d+) -->", self.remark)
        return int(match[1]) if match else 0

    @property
    def run_by(self) -> str | None:
        """The script that runs these commands in this test's place."""
        match = re.fullmatch(r"<!-- run by (\S+) -->", self.remark)
        return match[1] if match else None

    def commands(self) -> list[tuple[str, str]]:
        """The `$ command` lines of a console block, each with the output shown for it."""
        parts = re.split(r"^\$ (.*)\n", self.text, flags=re.MULTILINE)
        return list(zip(parts[1::2], parts[2::2], strict=True))


def blocks_of(page: Path) -> Iterator[Block]:
    """The fenced blocks of `page` in order, without the inert ones and Sphinx's directives."""
    remark = ""
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "fence" and token.map is not None:
            language = token.info.strip()
            if language not in INERT and not language.startswith("{"):
                yield Block(language, token.content, remark, token.map[0] + 2)
        remark = token.content.strip() if token.type == "html_block" else ""
