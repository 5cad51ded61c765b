"""What animals die of, and are pulled to the hospital pen for: the codes and what each is called.

They stand here alone, for columns, forms and reports. Pure: the office reads this too.
"""

from typing import Final

from herd.fields import gettext_noop as _

LONGEST: Final = 12  # characters of a code

# In the order in which forms offer them, by how often feedlots see them.
CAUSES: Final[dict[str, str]] = {
    "respiratory": _("Respiratory disease (BRD)"),
    "interstitial": _("Interstitial pneumonia (AIP)"),
    "bloat": _("Bloat"),
    "acidosis": _("Acidosis"),
    "digestive": _("Digestive, other"),
    "lameness": _("Lameness"),
    "foot_rot": _("Foot rot"),
    "injury": _("Injury"),
    "riding": _("Riding (buller)"),
    "calving": _("Calving"),
    "prolapse": _("Prolapse"),
    "urinary": _("Urinary stones (waterbelly)"),
    "nervous": _("Nervous system"),
    "heart": _("Heart failure"),
    "eye": _("Eye (pinkeye)"),
    "heat": _("Heat"),
    "cold": _("Cold"),
    "poisoning": _("Poisoning"),
    "other": _("Other"),
    "unknown": _("Unknown"),
}
