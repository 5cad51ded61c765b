"""The sentences in which a sheet, a row of it or its import is refused (by `herd/sheets`,
`herd/operations` and `remote/api`), and their parts; see `refusal_sentences.py`.
"""

from typing import Final

from herd.fields import gettext_noop as _

# What a file is that is no sheet.
FILES: Final = (
    _("an Excel file of the old kind (XLS)"),
    _("a binary Excel file (XLSB)"),
    _("an OpenDocument file (ODS)"),
    _("a PDF"),
    _("a text document (RTF)"),
    _("a text document (DOCX)"),
    _("a compressed file (GZIP)"),
    _("a compressed file (RAR)"),
    _("a compressed file (7Z)"),
    _("a compressed file (ZIP)"),
    _("a damaged ZIP or XLSX file"),
    _("a picture"),
    _("a database (SQLite)"),
    _("a web page (HTML)"),
    _("an XML file"),
    _("JSON"),
)

SHEET_SENTENCES: Final = (
    # the file
    _("The file is empty."),
    _("This is not a CSV file. Save the sheet as XLSX or CSV and choose that file."),
    _("This is {file}, not a CSV file. Save the sheet as XLSX or CSV and choose that file."),
    _("This is {file}, not a CSV file. Unpack it first."),
    _(
        "This is {file}, not a CSV file. Unpack it first. Save the sheet as XLSX or CSV and choose"
        " that file."
    ),
    _(
        "This is {file}, not a CSV file. Open it in a spreadsheet. Save the sheet as XLSX or CSV"
        " and choose that file."
    ),
    _("This XLSX file is damaged. Open it in a spreadsheet, and save it again."),
    _("This XLSX file unpacks to more than a sheet of 20,000 rows needs. Split it."),
    _("The file is damaged: it ends or breaks within a character."),
    _("The file has more than {most} columns."),
    _("The file has more than {most} rows. Split it."),
    _("The file has more than {most} lines. Split it."),
    _("Line {line} left out: damaged by NUL bytes, as a power cut leaves them."),
    _("Lines {lines} left out: damaged by NUL bytes, as a power cut leaves them."),
    _("Of the workbook, sheet “{name}” was read, and not {others}."),
    _("Line {line} cannot name the columns: it is blank, or not among the first {n} rows."),
    _("Line {line}: a quotation mark is missing or in the wrong place."),
    _(
        "The first line must name the columns, such as EID and Weight; here it holds values. Choose"
        " the line that names them, or say that none does."
    ),
    # its columns
    _("Tell which column holds the livestock id or a tag."),
    _("Tell which column holds the animal's tag or id."),
    _("Tell which column holds the weight."),
    _("Tell which column holds the product."),
    _("Tell which column holds the day of the treatment."),
    _("The sheet has no column {header}."),
    _("This column is chosen more than once."),
    _("Choose a column for {fields}."),
    _("This tells of a weighing: choose a column for “Weight” too, or none for this."),
    _("The column is named {header}, but {unit} was chosen."),
    _("Above the headers the sheet says “{text}”, but {unit} was chosen."),
    _("Nothing was weighed on {day}: by the Pi's clock it is {today}."),
    _(
        "{columns} may say when the animals were weighed: choose the column for “Date”, or the day,"
        " or say that they were weighed now."
    ),
    # a cell
    _("“{text}” is no animal, but a row of sums."),
    _("The weight is missing."),
    _("A weight is more than 0 and at most {most} kg."),
    _("“{text}” is not a unit; write kg or lb."),
    _('"{text}" is not a number; write it like 354{mark}5.'),
    _("The date is missing."),
    _('"{text}" is not a date: write it as 2026-11-20.'),
    _('"{text}" is not a time: write it as 10:15.'),
    _("{text}: the column has days first and months first. Which is it here?"),
    _("{text} is not a date of one meaning, but {meanings}: choose what comes first."),
    _("{text} is {meanings}: choose whether the day or the month comes first."),
    _("{text} is not in the calendar."),
    _("{text} is before {year}."),
    _("{text} is in the future."),
    _(
        "An archived animal may be exported, dead or sold: write which, and on which day in a"
        " column for “Left on”."
    ),
    _('"{text}" is not a status; write one of {names}.'),
    _("The text has more than {n} characters."),
    _("The text has characters that cannot be printed."),
    _("The product is missing."),
    _("“{text}” is no amount; write a number, such as 42.5."),
    _("An amount is more than 0 and at most {most}."),
    # a row
    _("The row has more cells than there are column names."),
    _("The row names no animal: it needs a livestock id or a tag."),
    _("The row names no animal."),
    _("{name} is already on line {line}."),
    _("It says again what line {line} says, which cannot be taken."),
    _("Several animals have visual id {name}."),
    _("No animal is known as {name}."),
    _("Livestock id {name} is animal no. {n}, but the tags are on no. {other_n}."),
    _("The animal is {status}: the sheet must say on which day it left."),
    # all of it
    _("One cell cannot be read, so nothing was changed."),
    _("{n} cells cannot be read, so nothing was changed."),
    _("One row cannot be taken, so nothing was changed."),
    _("{n} rows cannot be taken, so nothing was changed."),
    _("{pen} would hold {coming} of {all}."),
    # its import
    _("Another sheet is being imported; try again in a moment."),
    _("HexaBrand itself failed; the Pi's log says why."),
    _("The import was interrupted before anything was written; import the sheet again."),
    _("The import was interrupted and taken back; import the sheet again."),
    _(
        "The import was interrupted. {n} of its {all} rows are written, and stay: {why} Import the"
        " sheet again: what is there is not taken twice."
    ),
    _("Cancelled: nothing was changed."),
    _("This import has ended; there is nothing to cancel."),
    _("The import is being written already. When it is done, take it back."),
    _("The import is done. Take it back under “Journal”."),
)
