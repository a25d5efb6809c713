"""What the events of the challenge's tab ask of the challenge, in the page's terms: panels get what they show.

Nothing here is kept between two requests: any process of the page can answer any of them. The browser sends the
contributor's key with each request, see contributor.js.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import gradio as gr

from architectures.input.pen import BadPen
from architectures.input.strokes import BadStrokes
from checkpoints.store.naming import MNIST_ONLY
from demo.challenge.drawings import limits, prompts, submissions
from demo.challenge.drawings.contributors import BadContributor, hash_of
from demo.challenge.drawings.prompts import BadTicket
from demo.challenge.drawings.rounds import NO_CONSENT
from demo.challenge.drawings.submissions import BadSubmission
from demo.challenge.labels import annotating
from demo.challenge.labels.annotating import BadAnnotation
from demo.challenge.page import views
from demo.challenge.scoreboard import board, predictions
from demo.challenge.service import Challenge
from demo.challenge.store.database import StoreError
from demo.challenge.store.images import image_of
from demo.components.saver import nothing, saved_csv
from demo.inference import Busy, available_nets, predict
from demo.sketchpad.drawing import Drawing

REFUSALS = (BadSubmission, BadTicket, BadAnnotation, BadContributor, BadStrokes, BadPen, limits.TooMany, StoreError)
ANNOTATING_NEEDS_CONSENT = "Tick the box under the pad first: your labels are kept too."

Value = dict[str, Any]


class Handlers:
    """Each method is an event; keys, consents and the rest come from a browser, and so from anybody."""

    def __init__(self, challenge: Challenge) -> None:
        self.challenge = challenge

    def welcome(self, key: object, nickname: object, consent: object, ticket: str, request: gr.Request) -> Any:
        """The prompt, the nickname and the consent for who has come; the prompt they have stays."""
        return self._tried(lambda: self._prompt(key, ticket, request)), _text(nickname), consent is True

    def another(self, key: object, ticket: str, request: gr.Request) -> Value:
        """The other of the two prompts that this person may choose between."""

        def exchange() -> Value:
            store = self.challenge.store
            digit = prompts.verify(store, ticket).digit
            issued = prompts.issue(store, _valid(key), address_of(request), other_than=digit)
            return self._shown(issued)

        return self._tried(exchange)

    def submit(
        self,
        key: object,
        ticket: str,
        drawing: Drawing | None,
        consent: object,
        nickname: object,
        device: object,
        request: gr.Request,
    ) -> tuple[Value, Any, Any]:
        """Store a drawing; returns what the nets predict, the emptied pad and the next prompt.

        After a refusal the pad and the prompt stay as they are, so that the same drawing can be sent again.
        """
        if consent is not True:
            return views.problem(NO_CONSENT), gr.skip(), gr.skip()
        try:
            store, holder = self.challenge.store, _text(key)
            checked = prompts.verify(store, ticket)
            submission = submissions.submission(
                drawing.strokes if drawing else [],
                (drawing.pens or drawing.pen) if drawing else [],
                uid=checked.uid,
                key=holder,
                prompt=checked.digit,
                device=_text(device),
                nickname=_text(nickname),
            )
            receipt = submissions.submit(store, submission, address_of(request))
        except REFUSALS as error:
            return views.problem(str(error)), gr.skip(), gr.skip()
        # It is on the disk: from here on nothing may say that it was refused.
        following = self._tried(lambda: self._shown(prompts.issue(store, holder, address_of(request))))
        return self._predictions(submission, receipt.drawing_id, following.get("digit")), None, following

    def assignment(self, key: object, consent: object, request: gr.Request) -> Value:
        """The drawing that this person may label next."""
        if consent is not True:
            return views.nothing_to_annotate(ANNOTATING_NEEDS_CONSENT)

        def find() -> Value:
            following = annotating.next_assignment(self.challenge.store, _text(key), address_of(request))
            return self._assignment(key, following)

        return self._tried(find)

    def annotate(self, given: Value | None, key: object, consent: object, request: gr.Request) -> Value:
        """Take the label or the flag that the person gave, or take their last label back, and show what comes next."""
        if consent is not True or not given:
            return self.assignment(key, consent, request)
        store, holder, address = self.challenge.store, _text(key), address_of(request)

        def take() -> Value:
            notice = ""
            try:
                if "take_back" in given:
                    return self._assignment(key, annotating.take_back(store, holder, given["take_back"], address))
                uid, label, ticket = given["uid"], given["label"], given["ticket"]
                following = annotating.annotate_and_next(store, holder, uid, label, ticket=ticket, address=address)
            except BadAnnotation as error:
                notice = str(error)
                following = annotating.next_assignment(store, holder, address)
            return self._assignment(key, following, notice)

        return self._tried(take)

    def mine(self, key: object) -> Value:
        """The drawings this person submitted."""
        return self._tried(lambda: self._mine(_valid(key)))

    def delete(self, chosen: Value | None, key: object, request: gr.Request) -> Value:
        """Delete drawings of this person; after all of them, the browser forgets the person too."""

        def take() -> Value:
            holder = _valid(key)
            if chosen and holder:
                submissions.remove(self.challenge.store, holder, chosen["uids"], address_of(request))
                if chosen["uids"] is None:
                    return {**self._mine(None), "forget": True}
            return self._mine(holder)

        return self._tried(take)

    def scoreboard(self) -> tuple[Value, Any]:
        """The scoreboard made last, at once, while a new one is made; and whether to ask again in a moment."""

        def latest() -> Value:
            store, renewal = self.challenge.store, self.challenge.renewal
            kept, fresh = board.latest(store)
            if not fresh or kept.behind:
                renewal.start()
            images = annotating.images_of(store, [hard.uid for hard in kept.hardest])
            return views.scoreboard(kept, images, renewal.progress, renewing=renewal.running)

        value = self._tried(latest)
        return value, gr.Timer(active=bool(value.get("renewing")))

    def scoreboard_table(self) -> Value:
        """The scoreboard made last, as a file."""
        try:
            kept, _ = board.latest(self.challenge.store)
        except REFUSALS as error:
            return nothing(str(error))
        if not kept.rows:
            return nothing("No drawing has all its labels yet: there is nothing to save.")
        return saved_csv(views.SCORE_HEADER, views.score_rows(kept), "scoreboard")

    def _prompt(self, key: object, ticket: str, request: gr.Request) -> Value:
        """The prompt that the person has, so that coming back to the tab does not change it, else a new one."""
        store = self.challenge.store
        try:
            uid = prompts.verify(store, ticket).uid
        except BadTicket:
            uid = ""
        if not uid or submissions.is_stored(store, uid):
            ticket = prompts.issue(store, _valid(key), address_of(request))
        return self._shown(ticket)

    def _shown(self, ticket: str) -> Value:
        return views.prompt(prompts.verify(self.challenge.store, ticket).digit, ticket, self.challenge.trouble)

    def _predictions(self, submission: submissions.Submission, drawing_id: int, following: int | None) -> Value:
        """What the nets predict for a drawing that is safely stored. They may be busy: then they do so later."""
        stored, note = [], ""
        try:
            found = predict(image_of(submission.image), [*available_nets(), *available_nets(MNIST_ONLY)])
            stored = predictions.stored(found) if found is not None else []
            predictions.save(self.challenge.store, [(drawing_id, one) for one in stored])
        except Busy:
            note = "The nets are busy and will look at it later."
        except StoreError:
            note = "The scoreboard will take it in later."
        return views.predictions(submission, stored, note, following)

    def _assignment(self, key: object, following: annotating.Assignment | None, notice: str = "") -> Value:
        return views.assignment(following, annotating.past_of(self.challenge.store, _text(key)), notice)

    def _mine(self, key: str | None) -> Value:
        if key is None:
            return views.mine([], 0)
        with self.challenge.store.reading() as connection:
            return views.mine(submissions.drawings_of(connection, key), submissions.count_of(connection, key))

    def _tried(self, attempt: Callable[[], Value]) -> Value:
        try:
            return attempt()
        except REFUSALS as error:
            return views.problem(str(error))


def address_of(request: gr.Request) -> str:
    """The address that a request came from; on a Space, the one that its proxy saw."""
    if os.environ.get("SPACE_ID") and (hops := request.headers.get("x-forwarded-for")):
        return hops.rpartition(",")[2].strip()
    return request.client.host if request.client else "unknown"


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def _valid(key: object) -> str | None:
    """The key, or None for one that nobody can have: a person who has none yet."""
    try:
        hash_of(_text(key))
    except BadContributor:
        return None
    return _text(key)
