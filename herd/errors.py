"""Situations in which the herd says no. The text is for the person at the chute."""


class HerdError(Exception):
    """Base: `code` for machines, the sentence for people."""

    code = "herd"


class BadTag(HerdError):
    code = "bad_tag"


class TagConflict(HerdError):
    """Two tags that were read together belong to two animals; nobody guesses which is right."""

    code = "tag_conflict"


class UnknownAnimal(HerdError):
    code = "unknown_animal"


class NothingToChange(HerdError):
    code = "nothing_to_change"
