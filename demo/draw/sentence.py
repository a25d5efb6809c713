"""What several nets say, as one sentence that is read at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from demo.components.trainings import IN_WORDS

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def sentence(digits: Sequence[int]) -> str:
    """What nets that predict `digits` say together: "All four read 7", "Two say 1, two say 7"."""
    votes = Counter(digits).most_common()  # those with as many votes in the order of the nets
    if not votes:
        return "No net could answer"
    if len(digits) == 1:
        return f"It reads {digits[0]}"
    if len(votes) == 1:
        return f"Both read {digits[0]}" if len(digits) == 2 else f"All {in_words(len(digits))} read {digits[0]}"
    if len(votes) == len(digits) > 2:
        return f"No two agree: {', '.join(str(digit) for digit in digits)}"
    (digit, count), *others = votes
    groups = [f"{in_words(count).capitalize()} say{'s' if count == 1 else ''} {digit}"]
    for digit, count in others:
        verb = "" if len(others) > 1 else " says" if count == 1 else " say"
        groups.append(f"{in_words(count)}{verb} {digit}")
    return ", ".join(groups)


def other_sentence(training: str, digits: Sequence[int]) -> tuple[str, str]:
    """The line about the training that is not chosen, in two parts: "Trained with the pen," and "all four read 7."."""
    said = sentence(digits)
    return f"{IN_WORDS[training].capitalize()},".replace("mnist", "MNIST"), f"{said[0].lower()}{said[1:]}."
