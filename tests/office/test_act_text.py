"""Acts in the reader's language: sentences are the office's, names and reasons are people's."""

import pytest
from django.utils import translation

from remote.office.pages.act_text import act_text

ACTS = [
    ("move", "200 head moved Y11 → Y01", "200 cabezas: traslado Y11 → Y01"),
    ("move", "1 head moved 5 pens → –", "1 cabeza: traslado 5 corrales → –"),
    ("move", "A1 moved no. 7 → B2", "A1: traslado núm. 7 → B2"),
    ("leaving", "3 head died on 2026-11-20", "3 cabezas: muerte el 2026-11-20"),
    ("leaving", "A1 back on feed", "A1: de vuelta en engorda"),
    ("weight", "402 kg of A1", "402 kg de A1"),
    ("weight", "7 weights of A1, A2, A3 and 4 more", "7 pesos de A1, A2, A3 y 4 más"),
    ("replace", "Weight of A1: 410 kg → 300 kg", "Peso de A1: 410 kg → 300 kg"),
    ("unvoid", "Weight of 410 kg of A1 void no more", "Peso de 410 kg de A1 ya no anulado"),
    ("treatment", "4 head treated with Oxytet", "4 cabezas: tratamiento con Oxytet"),
    ("pull", "A1 pulled: Bloat", "A1: apartado por Timpanismo"),
    ("create", "Pen P9 entered", "Corral P9 registrado"),
    (
        "edit",
        "Animal L1: visual id: – → 77; notes: died → sold",
        "Animal L1: Número visual: – → 77; Notas: died → sold",
    ),
    ("edit", "Batch B1: status: open → closed", "Lote B1: Estado: abierto → cerrado"),
    ("import", "big: w.csv: 1 weight", "big: w.csv: 1 peso"),
    (
        "import",
        "new.csv: 4 animals new, 1 changed, 9 weights",
        "new.csv: 4 animales por primera vez, 1 con cambios, 9 pesos",
    ),
    ("loading", "A1 loaded on shipment S1 to Rio", "A1: carga en el embarque S1 a Rio"),
    ("loading", "Shipment S1 to Rio cancelled", "Embarque S1 a Rio cancelado"),
    ("retag", "LF5 and U1 given to L1", "LF5 y U1: arete de L1"),
    ("message", "Radio message no. 5 tried again", "Mensaje de radio núm. 5: otro intento"),
    ("undo", "Taken back: 3 head moved A → B", "Deshecho: 3 cabezas: traslado A → B"),
    ("other", "cattle:updated", "cattle:updated"),
    ("move", "what a newer Pi says", "what a newer Pi says"),
    ("create", "Animal {who} %s <b> entered", "Animal {who} %s <b> registrado"),
]


@pytest.mark.parametrize(("kind", "summary", "spanish"), ACTS)
def test_an_act_is_told_in_the_readers_language(kind: str, summary: str, spanish: str) -> None:
    assert act_text(kind, summary, "kg") == summary
    with translation.override("es"):
        assert act_text(kind, summary, "kg") == spanish


def test_an_acts_weight_is_told_in_the_readers_unit() -> None:
    assert act_text("weight", "100 kg of A1", "lb") == "220 lb of A1"
