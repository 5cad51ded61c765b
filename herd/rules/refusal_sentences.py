"""The sentences in which the Pi refuses or warns (by `herd/operations`, `herd/rules/tags.py`,
`lora`), and their parts: who reads them in another language puts them together anew (decision 59).
"""

from functools import lru_cache
from typing import Final

from herd.fields import gettext_noop as _
from herd.rules.act_sentences import Parts, pattern_of
from herd.rules.sheet_sentences import SHEET_SENTENCES
from herd.rules.undo_sentences import UNDO_SENTENCES

# The first that fits. A name that people or radios gave is whatever stands there.
SENTENCES: Final = (
    # tags
    _("The tag is empty."),
    _("The tag has characters that cannot be printed."),
    _("The tag's digits must be written as 0 to 9."),
    _("The tag has more than {n} characters."),
    _("The tag holds only zeros: its chip was never programmed."),
    _("{tag} is not a number that an ear tag can hold. Read it again."),
    _(
        "A spreadsheet has shortened this number to {number} and its last digits are lost. Format"
        " the column as text and copy the tag again, or read the tag again."
    ),
    _("{tag} has {n} digits where a tag has {all}: one is missing. Read the tag again."),
    _("{tag} has {n} digits where a tag has {all}: one is too many. Read the tag again."),
    _("{tag} may be the tag {other}. If it is that one, give it so."),
    _("No animal wears the tag {tag}."),
    _("Tag {tag} is on animal {name} (no. {n}) already."),
    _("Tag {tag} is on a third animal, {name} (no. {n})."),
    _("Tag {tag} is on animal {name} (no. {n}). Take it from that animal, or give another tag."),
    _(
        "Tag {tag} is on animal {name} (no. {n}) and tag {other_tag} on animal {other}"
        " (no. {other_n}), but they were read together. Decide which is right."
    ),
    _(
        "These tags are on animal {name} (no. {n}), which has livestock id {id}, not {other}."
        " Decide which is right."
    ),
    _(
        "Animal {name} (no. {n}) wears {worn}, not {old}, so that tag cannot be replaced by {new}."
        " Decide which is right."
    ),
    _("No animal has livestock id {id}, so its tag cannot be replaced."),
    _("The repair names no new tag."),
    _("Give the animal's new tag."),
    _("Give a tag, or an id by which it is known."),
    # animals that are not there, or not any more
    _("Animal no. {n} does not exist."),
    _("Batch no. {n} does not exist."),
    _("Pen no. {n} does not exist."),
    _("Product no. {n} does not exist."),
    _("Session no. {n} does not exist."),
    _("Shipment no. {n} does not exist."),
    _("Treatment no. {n} does not exist."),
    _("Weight no. {n} does not exist."),
    _("Pull no. {n} does not exist."),
    _("No product is called {name}. Enter it, then try again."),
    _("Animal {name} is {since}, and is in no pen."),
    _("Animal {name} is {since}, and cannot be planned."),
    _("Animal {name} is {since}, and cannot be loaded."),
    _("Animal {name} is {since}, and cannot be pulled."),
    _("Animal {name} is {since}, and goes back to no pen."),
    _("{name} is {since}. Mark it active if it is here, or correct the day of the treatment."),
    _(
        "Animal {name} (no. {n}) with livestock id {id} is marked dead. Mark it active if it lives,"
        " or correct the id."
    ),
    _("{n} of {all} has left already: {gone}. Take it out of the choice."),
    _("{n} of {all} have left already: {gone}. Take them out of the choice."),
    # leaving, withdrawal, shipments
    _("{n} animal is not clear: {held}. Wait, or say why they may leave all the same."),
    _("{n} animals are not clear: {held}. Wait, or say why they may leave all the same."),
    _("An animal can be marked exported, dead, sold or active."),
    _("An animal cannot leave in the future."),
    _("Only a dead animal has a cause of death."),
    _("Say why or how: {status} stays in the animal's history."),
    _("{name} was inducted on {day}: it cannot leave on {left_on}."),
    _(
        "{name} was first seen on {day}: it cannot leave on {left_on}. If it came earlier, write"
        " down its induction date first."
    ),
    _("{name} cannot have been inducted in the future: {day}."),
    _("Shipment {name} is not being loaded yet: begin loading first."),
    _("Shipment {name} is being loaded: ship it first."),
    _("Shipment {name} has left: take the shipping back first."),
    _("Shipment {name} was cancelled."),
    _("{n} of {all} stands in another shipment that has not left: {others}."),
    _("{n} of {all} stand in another shipment that has not left: {others}."),
    _("None of the planned animals is loaded, and no extra one is named."),
    _("Animal no. {n} is not loaded as an extra one."),
    _("A shipment needs a number."),
    _("There is a shipment {name} already."),
    _("It can have been reported from the day on which it left until today."),
    # pens
    _("Pen {name} holds {n} of {all} head, and {coming} more would be {over} too many."),
    _("To fill a pen beyond its capacity, say why."),
    _("Pen {name} holds {n} head. Move them first."),
    # weights
    _("A weight must be more than 0 and at most {most}."),
    _("A weight cannot be from the future."),
    _("A move cannot be from the future."),
    _("Say why the weight is void: it stays in the animal's history."),
    _("The weight is kept, but {name} is {since}."),
    _("This weight is void. Take that back first."),
    _("This weight is void already. Record the right one as a new weight."),
    _("That is the weight that stands there."),
    _(
        "This weight is from before {name} was here. Correct its induction date: then the weight"
        " counts."
    ),
    # treatments and pulls
    _("A treatment cannot be from the future."),
    _("An amount must be more than 0 and at most {most}."),
    _("{name} is not in use any more. Mark it active first."),
    _("Say why the treatment is void: it stays in the animal's history."),
    _("The treatment is kept, but lot {lot} expired on {day}."),
    _("An animal cannot be pulled in the future."),
    _("{name} was pulled on {day} ({cause}) and is not back yet. Send it back first."),
    _("Say why the pull is void: it stays in the animal's history."),
    _("This pull is void: the animal was not pulled."),
    # sessions
    _("A session needs a name."),
    _(
        "Session {name} (no. {n}) listens to {source} and is still open. End it first, or choose"
        " another source."
    ),
    # corrections, merges, marks
    _("Say why these weights are corrected."),
    _("The last day lies before the first."),
    _("A factor is from {least} to {most}, and not 1."),
    _("No weight of the scale {scale} is known of these days."),
    _("These are more than {n} weights: take fewer days at a time."),
    _("It would make {weight} kg of {was} kg."),
    _("A scale cannot have been adjusted in the future."),
    _("The scale {scale} weighed nobody around that day."),
    _("Scale step no. {n} does not exist."),
    _("An animal cannot be merged with itself."),
    _(
        "{name} (no. {n}) is {since}, and {other} (no. {other_n}) is {other_since}. Say whose"
        " status counts."
    ),
    _("The status can be that of one of the merged animals alone."),
    _("Say why it needs nobody: the others see it."),
    _("A reminder needs a day after today."),
    _("Work mark no. {n} does not exist."),
    _("There is another {kind} with this {column}: {name}."),
    _("There is {kind} {name} already: {other} differs from it in upper and lower case alone."),
    _("Animals are still on feed: say through which day to count."),
    _("Only a person who is a manager or an administrator may let them leave."),
    _("Your role may look at the office's pages, but not come in here."),
    _("Too many wrong passwords. Try again in {n} s."),
    _("Too many wrong passwords or codes. Try again in {n} s."),
    _("On feed there: {there}; 1 to {most} can be."),
    _("This is too long, or cannot be printed."),
    # scales
    _("The scale ({scale}) on {day} was adjusted."),
    _("The scale ({scale}) on {day} was adjusted: was it adjusted?"),
    _("The scale ({scale}) on {day} read {part} more than in the days before."),
    _("The scale ({scale}) on {day} read {part} more than in the days before: was it adjusted?"),
    _("The scale ({scale}) on {day} read {part} less than in the days before."),
    _("The scale ({scale}) on {day} read {part} less than in the days before: was it adjusted?"),
    _("The scale ({scale}) on {day}: {n} of {all} weights are suspect and not counted."),
    # the Pi itself
    _("A number or a time is beyond what can be stored."),
    _("SQLite {number} has the WAL-reset bug; update it to {fixed} or later when you can."),
    # radio messages
    _("The batch is empty."),
    _("Both the LF tag and the UHF tag are empty."),
    _("A tag read has a batch, an LF tag and a UHF tag, not {n} field."),
    _("A tag read has a batch, an LF tag and a UHF tag, not {n} fields."),
    _("The payload begins with {text}, not with hxb:, hxe: or event:."),
    _("The event id is not written as in event:hxbchi000001."),
    _("The weight is 0, which is not a weight."),
    _("Neither the event's id nor its fields tell its kind."),
    _("Nothing is left to merge: one animal wears all tags that were read."),
    _("Choose one of the animals of this conflict."),
)


@lru_cache(maxsize=2048)
def refusal_parts(text: str) -> Parts | None:
    """Return the parts of a refusal; None of one that is told in another way."""
    for sentence in (*SENTENCES, *UNDO_SENTENCES, *SHEET_SENTENCES):
        if found := pattern_of(sentence).fullmatch(text):
            return Parts(sentence, found.groupdict())
    return None
