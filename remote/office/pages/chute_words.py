"""What the chute's script says; it fills in what stands in braces."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# Upper case: each is the page's one word, to be read at three metres.
WORDS: Final[Mapping[str, str]] = {
    "word.scan": _("SCAN"),
    "word.wait": _("WAIT"),
    "word.ok": _("OK"),
    "word.new": _("NEW"),
    "word.pair": _("PAIR"),
    "word.again": _("AGAIN"),
    "word.hold": _("HOLD"),
    "word.which": _("WHICH"),
    "word.kept": _("KEPT"),
    "word.wrongPen": _("WRONG PEN"),
    "word.pen": _("PEN {pen}"),
    "why.scan": _("Scan a tag, or type an ear tag's number."),
    "why.new": _("Nobody knows {name}."),
    "why.pair": _("{name} is new: the other tag of {why}?"),
    "why.which": _("{name} may be one of these."),
    "why.wrongPen": _("It stands in pen {why}."),
    "why.kept": _("{name}: kept, not yet known. What you weigh is kept too."),
    "notice.suspect": _("Suspect: {text}"),
    "notice.unknown": _("Kept until the tag has its animal."),
    "notice.treated": _("Given: {text}"),
    "notice.refused": _("Refused: {text}"),
    "notice.unsteady": _("The scale was not still: {text}"),
    "notice.twoWays": _("“{text}” can be read in two ways: write 1250 or 351.5."),
    "notice.noWeight": _("“{text}” is no weight."),
    "notice.noAnimal": _("“{text}” is a weight: scan the animal first."),
    "notice.noTag": _("Nobody is called “{text}”, and it is no tag: scan again."),
    "notice.away": _(
        "The office cannot be reached. This page keeps all; leave it when it is back."
    ),
    "notice.left": _(
        "{name} was not confirmed when this page was left: the next scan confirms it."
    ),
    "notice.full": _("This browser can keep nothing more. Do not go on before all is sent."),
    "ask.take": _("Radio read {text}: show it"),
    "ask.replace": _("Replace {old} by {text}"),
    "ask.keep": _("Keep both"),
    "ask.void": _("Void {text}"),
    "ask.move": _("Move to {text}"),
    "ask.not_moved": _("Do not move"),
    "ask.move_back": _("Take back the move of {text}"),
    "ask.give": _("Treat now"),
    "ask.treat_back": _("Take back the treatment of {text}"),
    "dose.planned": _("once it is weighed"),
    "dose.next": _("with the next animal"),
    "dose.given": _("given; touch to take it back"),
    "dose.left": _("not given; touch to give it"),
    "ask.unvoid": _("{text} is not void"),
    "ask.accept": _("{text} is right"),
    "ask.next": _("Next animal"),
    "ask.cancel": _("Cancel"),
    "ask.pair": _("Put it on {text}"),
    "ask.tags": _("Put the tags on"),
    "ask.panel.new": _("New animal here"),
    "ask.panel.put": _("Put this tag on …"),
    "ask.panel.tags": _("New tags"),
    "queue.waiting": _("{count} waiting"),
    "queue.undecided": _("{count} to decide on"),
    "queue.sent": _("Everything is sent"),
    "queue.others": _("{count} confirmed by {person} wait in this browser."),
    "queue.takeOver": _("Send them under my name"),
    "queue.signIn": _("Sign in again: what waits is sent then."),
    "queue.retry": _("Try again"),
    "queue.drop": _("Throw away"),
    "queue.weight": _("{weight} {unit} of {tag}"),
    "queue.void": _("a void weight"),
    "queue.unvoid": _("a weight that is not void"),
    "queue.accept": _("a weight that is right"),
    "queue.move": _("the move of {tag}"),
    "queue.treat": _("{product} of {tag}"),
    "queue.untreat": _("a treatment that is taken back"),
    "queue.tags": _("new tags of {tag}"),
    "queue.animal": _("the new animal {tag}"),
    "queue.put": _("the tag {tag}"),
    "queue.load": _("loading {tag}"),
    "load.loaded": _("{name} is loaded."),
    "load.extra": _("{name} is loaded as an extra one: it is not planned."),
    "load.waiting": _("{count} scanned, and not sent yet: ship when they are loaded."),
    "load.held": _("{name} is loaded, and is not clear before {until}."),
    "queue.unknown": _("waits for its animal"),
}


def chute_words() -> dict[str, str]:
    return {name: gettext(text) for name, text in WORDS.items()}
