"""What the Pi refuses is told in the reader's language: its sentences are all known."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from herd.rules.refusal_sentences import SENTENCES, refusal_parts
from herd.rules.sheet_sentences import FILES, SHEET_SENTENCES
from herd.rules.undo_sentences import UNDO_SENTENCES
from herd.sheets import file_types, workbook
from herd.sheets.file_types import SAVE
from remote.office.refusal_text import refusal_text
from tests.office.filled import animal, filled, payload
from tests.office.test_chute import item, send
from tests.office.test_pages import signed_in
from tests.office.test_radio_log import a_pi_that_has

HERE = Path(settings.BASE_DIR)
# Where what people do at the chute and at the desk is refused.
MODULES = (
    *("herd/rules/tags.py", "herd/lookups.py", "herd/weighing_lookups.py", "herd/rules/growth.py"),
    "herd/withdrawal_lookups.py",
    *sorted(f"herd/operations/{one.name}" for one in HERE.glob("herd/operations/*.py")),
    *(f"herd/sheets/{name}.py" for name in ("cells", "columns", "dates", "decimals", "file_types")),
    *(f"herd/sheets/{name}.py" for name in ("headers", "questions", "reader", "rows")),
    *("herd/sheets/treatment_rows.py", "herd/sheets/workbook.py", "remote/api/imports.py"),
    *("remote/api/views/imports.py", "remote/api/views/treatments.py"),
)
# What they return instead of raising it: what an undo would do, and why a part of it stays.
TELLING = (
    *(one for one in MODULES if "/undo" in one),
    "remote/api/undoing.py",
    "remote/api/status.py",
)
# What makes an error of a sheet's row or cell.
MAKERS = {"refuse", "refuse_sum", "RowError", "BadCell", "BadSheet", "_error", "end"}
# Told by a form before it is sent, or to programs alone.
UNTOLD = {
    "{} is no cause. Known are {}.",
    "{} names an EPC. Give it as hex, as readers do.",
    "{} holds {}, and more that is not understood. Give the tag alone, if it is that one.",
    *("{} Read the tag again.", "{} has {} digits where a tag has {}: {}."),  # see tags.py
    "{} is not a number that an SGTIN-96 tag can hold.",
    *("{} no. {} does not exist.", "Shipment {} {}."),  # each of them is known by itself
    f"{{}} {SAVE}",  # see FILES
    "A sheet of {} has no field {}.",
}


def sentences_of(path: str) -> Iterator[str]:
    """Yield each sentence that the module raises, with {} where something is filled in."""
    for node in ast.walk(ast.parse((HERE / path).read_text())):
        told: ast.AST | None = None
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            told = next((one for one in node.exc.args if _is_sentence(one)), None)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "sentence":
            told = node.value
        elif isinstance(node, ast.Call) and _called(node) in MAKERS:
            given = [*node.args, *(one.value for one in node.keywords)]
            told = next((one for one in given if _is_sentence(one)), None)
        if told is not None and _is_sentence(told):
            yield from (_said(told, of=which) for which in ("body", "orelse"))


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def _is_sentence(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value
    return isinstance(node, ast.JoinedStr)


def _said(node: ast.AST, of: str) -> str:
    """Return the text of a sentence, of one animal (`body`) or several (`orelse`)."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part, of) for part in node.values)
    value = getattr(node, "value", None)
    if getattr(value, "id", "") == "SAVE":
        return SAVE
    return _said(getattr(value, of), of) if isinstance(value, ast.IfExp) else "{}"


@pytest.mark.parametrize("path", MODULES)
def test_each_refusal_of_the_operations_is_known(path: str) -> None:
    sentences = dict.fromkeys(sentences_of(path))
    unknown = [
        one
        for one in sentences
        if one not in UNTOLD and not any(map(refusal_parts, filled_in(one)))
    ]
    assert unknown == [], "herd/rules/refusal_sentences.py: SENTENCES"


@pytest.mark.parametrize("path", TELLING)
def test_each_sentence_of_an_undo_is_known(path: str) -> None:
    tree = ast.parse((HERE / path).read_text())
    inner = (
        one for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for one in node.values
    )
    docs = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    left_out = set(map(id, (*inner, *docs)))
    told = {
        text
        for node in ast.walk(tree)
        if id(node) not in left_out and _is_sentence(node)
        for text in (_said(node, of=which) for which in ("body", "orelse"))
        if text.endswith((".", ":"))
    }
    unknown = [one for one in told if not any(map(refusal_parts, filled_in(one)))]
    assert unknown == [], "herd/rules/undo_sentences.py"


def filled_in(sentence: str) -> Iterator[str]:
    """Yield the sentence with numbers and days in its gaps, in every way."""
    parts = sentence.split("{}")
    for fill in product(("7", "2026-11-05"), repeat=len(parts) - 1):
        yield "".join(one + other for one, other in zip(parts, [*fill, ""], strict=True))


def test_each_kind_of_file_that_is_no_sheet_is_known() -> None:
    told = [*file_types._NO_SHEETS.values(), *(one for _, one in workbook._OTHER_ZIPS)]
    for sentence in told:
        parts = refusal_parts(f"{sentence} {SAVE}")
        assert parts is not None, sentence
        assert parts.values["file"] in FILES


SAID = {
    "Animal L1 is exported since 2026-11-05, and cannot be loaded.": (
        "El animal L1 está exportado desde 2026-11-05 y no se puede cargar."
    ),
    "1 animal is not clear: L1 is clear on 2026-12-09, in 12 days. Wait, or say why they may leave"
    " all the same.": (
        "1 animal no está libre: L1 queda libre el 2026-12-09, en 12 días. Espere, o diga por qué"
        " puede salir de todos modos."
    ),
    "2 of 9 have left already: L1 is dead since 2026-11-05, L2 is sold. Take them out of the"
    " choice.": (
        "2 de 9 ya salieron: L1: muerto desde 2026-11-05, L2: vendido. Quítelos de la selección."
    ),
    # of an undo
    "Pen P1 was changed since (capacity, location).": (
        "Corral P1 se cambió desde entonces (Capacidad, Ubicación)."
    ),
    "L1 was changed since (pen).": "L1 se cambió desde entonces (Corral).",
    "Another batch is called LOT1 by now.": "Otro registro (lote) ya se llama LOT1.",
    "Animal no. 7 was merged again since: “L2 merged into L1”. Take that back first (change no."
    " 9).": (
        "El animal n.º 7 se unió otra vez desde entonces: “L2: unión con L1”. Primero deshaga eso"
        " (cambio n.º 9)."
    ),
    "There is another pen with this pen number: P1.": (
        "Ya hay otro registro (corral) con este dato (Número): P1."
    ),
    "L1 (no. 7) is dead since 2026-11-05, and L2 (no. 8) is sold. Say whose status counts.": (
        "L1 (n.º 7) está muerto desde 2026-11-05, y L2 (n.º 8) está vendido. Diga de cuál vale el"
        " estado."
    ),
    "On feed there: 1 animal; 1 to 500 can be.": (
        "En engorda ahí: 1 animal; puede haber de 1 a 500."
    ),
    "A sentence of a newer Pi.": "A sentence of a newer Pi.",
    "The scale (udp:10.0.0.7) on 2026-11-05 read 12 % more than in the days before: was it"
    " adjusted?": (
        "La báscula (udp:10.0.0.7) el 2026-11-05 marcó 12 % más que en los días anteriores: ¿se"
        " ajustó?"
    ),
    # of sheets
    "This is a compressed file (GZIP), not a CSV file. Unpack it first. Save the sheet as XLSX or"
    " CSV and choose that file.": (
        "Esto es un archivo comprimido (GZIP), no un archivo CSV. Descomprímalo primero. Guarde la"
        " hoja como XLSX o CSV y elija ese archivo."
    ),
    "Tell which column holds the animal's tag or id. Tell which column holds the weight.": (
        "Diga qué columna tiene el arete o el número de ganado. Diga qué columna tiene el peso."
    ),
    "3 rows cannot be taken, so nothing was changed. P1 would hold 1,200 of 80. P2 would hold 9 of"
    " 8.": (
        "3 filas no se pueden aceptar, así que no se cambió nada. P1 tendría 1,200 de 80. P2"
        " tendría 9 de 8."
    ),
    "03/04/2026 is 3 April or 4 March 2026: choose whether the day or the month comes first.": (
        "03/04/2026 es 3 de abril o 4 de marzo 2026: elija si va primero el día o el mes."
    ),
    "01/02/03 is not a date of one meaning, but 1 February 2003 or 2 January 2003 or 3 February"
    " 2001: choose what comes first.": (
        "01/02/03 no es una fecha de un solo sentido, sino 1 de febrero 2003 o 2 de enero 2003 o 3"
        " de febrero 2001: elija qué va primero."
    ),
    "Choose a column for “Livestock id” or “LF tag”.": (
        "Elija una columna para “Número de ganado” o “Arete LF”."
    ),
    "Lines 3, 4 and 7 more left out: damaged by NUL bytes, as a power cut leaves them.": (
        "Se omitieron las líneas 3, 4 y 7 más: están dañadas por bytes NUL, como los deja un corte"
        " de luz."
    ),
    "The import was interrupted. 500 of its 900 rows are written, and stay: Animal A was changed"
    " since this import. Import the sheet again: what is there is not taken twice.": (
        "La importación se interrumpió. 500 de sus 900 filas están escritas y se quedan: El animal"
        " A se cambió desde esta importación. Importe la hoja otra vez: lo que ya está no se toma"
        " dos veces."
    ),
}


@pytest.mark.parametrize(("english", "spanish"), SAID.items())
def test_a_refusal_is_told_in_spanish_with_its_names_and_days(english: str, spanish: str) -> None:
    assert refusal_text(english) == english
    with translation.override("es"):
        assert refusal_text(english) == spanish


GONE = "Animal A1 is exported since 2026-11-05, and cannot be loaded."
SALIO = "El animal A1 está exportado desde 2026-11-05 y no se puede cargar."
SPANISH = {"accept-language": "es"}


async def test_chute_work_and_radio_log_say_it_in_spanish() -> None:
    refused = payload(1, status="error", error_code="tag_conflict", error_message=GONE)
    with filled({"cattle": [animal(1)], "payloads": [refused]}), a_pi_that_has([]) as pi:
        person = {"username": "ana", "display_name": "Ana", "role": "manager"}
        told = {"code": "has_left", "detail": GONE}
        pi.answer = lambda _path, body: (409, told, {}) if body else (200, person, {})
        _, answer = await send(item(), None, **SPANISH)
        pages = [
            (await signed_in().get(path, headers=SPANISH)).content.decode()
            for path in ("/office/work", "/office/payloads")
        ]
    assert answer["reason"] == SALIO
    assert [SALIO in one for one in pages] == [True, True]


async def test_a_form_says_in_spanish_what_is_wrong_with_a_tag() -> None:
    with filled({"cattle": [animal(1)]}), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, {}, {})
        typed = {"lf_tag": "8.4E+14", "key": "k"}
        answer = await signed_in().post("/office/cattle/1/tags", typed, headers=SPANISH)
    assert "Una hoja de cálculo acortó este número a 8.4E+14" in answer.content.decode()


def test_no_sentence_hides_another_one() -> None:
    for sentence in (*SENTENCES, *UNDO_SENTENCES, *SHEET_SENTENCES):
        gaps = {"n": 7, "other_n": 8, "day": "2026-11-05", "left_on": "2026-11-06"}
        said = sentence.format_map(_Filled(gaps))
        parts = refusal_parts(said)
        assert parts is not None
        assert parts.sentence == sentence


class _Filled(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "X7"
