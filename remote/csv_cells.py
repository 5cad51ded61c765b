"""Cells of the CSV files that people open in a spreadsheet."""

from typing import Any, Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> Any:  # noqa: ANN401 - a text, a number or nothing
    """Return a cell that no spreadsheet takes for a formula; a number stays one."""
    # Anybody near the barn can send a text: as a formula it would run where the file is opened.
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
