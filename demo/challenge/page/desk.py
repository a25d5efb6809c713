"""What the challenge's tab asks of the store, in the page's terms: values go out as the panels show them.

Nothing here is kept between two requests but the open store: any process of the page can answer any of them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import gradio as gr

from architectures.input.strokes import BadStrokes
from demo.challenge.drawings import limits, prompts, submitting
from demo.challenge.drawings.contributors import BadContributor, hash_of, new_key
from demo.challenge.drawings.prompts import BadTicket
from demo.challenge.drawings.submitting import BadSubmission
from demo.challenge.labels import annotating, gold
from demo.challenge.labels.annotating import BadJudgement
from demo.challenge.page import showing
from demo.challenge.scoreboard import board, predictions
from demo.challenge.store.database import WAIT_S, Store, StoreBusy, StoreError
from demo.challenge.store.images import image_of
from demo.challenge.transfer import keeper
from demo.inference import Busy, available_nets, predict
from demo.sketchpad.drawing import Drawing

REFUSALS = (BadSubmission, BadTicket, BadJudgement, BadContributor, BadStrokes, limits.TooMany, StoreError)
AT_A_TIME = 300  # answers that one visit of the scoreboard computes; `python -m demo.challenge score` does the rest
LANES = os.cpu_count() or 1  # drawings taken in at once: one after another they are all in sooner than all at once
NOBODY: dict[str, str] = {"key": "", "nickname": "", "ticket": ""}
NO_CONSENT = "Tick the box first: without it nothing is kept."

Value = dict[str, Any]


class Desk:
    """address: of the store, opened when somebody first comes to the tab; None for the default."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        self._opening = threading.Lock()
        self._renewing = threading.Lock()
        self._lanes = threading.BoundedSemaphore(LANES)

    @cached_property
    def _opened(self) -> Store:
        opened = Store(self.address)
        gold.ensure(opened)
        limits.sweep(opened)
        repo = keeper.repository()
        if repo is not None:
            folder = Path(tempfile.mkdtemp(prefix="digit-challenge-"))
            self._keeper = keeper.Keeper(opened, repo, folder)
        return opened

    @property
    def store(self) -> Store:
        with self._opening:
            return self._opened

    def welcome(self, browser: object) -> tuple[Value, dict[str, str], str, bool]:
        """The prompt, what the browser keeps, the nickname and whether consent was given, for who has come."""
        person = person_of(browser)
        try:
            person["ticket"] = self._ticket(person)
            digit = prompts.read(self.store, person["ticket"]).digit
        except REFUSALS as error:
            return showing.problem(str(error)), person, person["nickname"], bool(person["key"])
        return showing.prompt(digit), person, person["nickname"], bool(person["key"])

    def another(self, browser: object) -> tuple[Value, dict[str, str]]:
        """A prompt in the place of the one that the person would rather not draw."""
        person = person_of(browser)
        try:
            person["ticket"] = prompts.hand_out(self.store, person["key"] or None)
            return showing.prompt(prompts.read(self.store, person["ticket"]).digit), person
        except REFUSALS as error:
            return showing.problem(str(error)), person

    def hand_in(
        self,
        drawing: Drawing | None,
        consent: bool,
        nickname: str,
        device: str,
        browser: object,
        request: gr.Request,
    ) -> tuple[Value, Any, Any, dict[str, str]]:
        """Store a drawing; returns the verdicts, the emptied pad, the next prompt and what the browser keeps.

        After a refusal the pad and the prompt stay as they are, so that the same drawing can be sent again.
        """
        person = person_of(browser)
        if not consent:
            return showing.problem(NO_CONSENT), gr.skip(), gr.skip(), person
        person["key"] = person["key"] or new_key()
        person["nickname"] = str(nickname or "")
        try:
            ticket = prompts.read(self.store, person["ticket"])
            with self._lane():
                given = submitting.submission(
                    drawing.strokes if drawing else [],
                    (drawing.pens or drawing.pen) if drawing else [],
                    uid=ticket.uid,
                    key=person["key"],
                    prompt=ticket.digit,
                    device=device,
                    nickname=nickname,
                )
                receipt = submitting.submit(self.store, given, address_of(request))
                shown = self._verdicts(given, receipt.drawing_id)
                person["ticket"] = prompts.hand_out(self.store, person["key"])
                following = prompts.read(self.store, person["ticket"]).digit
        except REFUSALS as error:
            return showing.problem(str(error)), gr.skip(), gr.skip(), person
        return shown, None, showing.prompt(following), person

    def turn(self, browser: object, consent: bool) -> tuple[Value, dict[str, str]]:
        """The drawing that this person may judge next."""
        person = person_of(browser)
        if not consent:
            return showing.nothing_to_judge("Tick the box under the pad first: your answers are kept too."), person
        person["key"] = person["key"] or new_key()
        return self._tried(lambda: showing.turn(annotating.next_turn(self.store, person["key"]))), person

    def judge(
        self, said: Value | None, consent: bool, browser: object, request: gr.Request
    ) -> tuple[Value, dict[str, str]]:
        """Take what the person said of the drawing on their table, or their flag, and show the next."""
        person = person_of(browser)
        if not consent or not said or not person["key"]:
            return self.turn(browser, consent)

        def take() -> Value:
            try:
                following = annotating.go_on(self.store, person["key"], said["uid"], said["said"], address_of(request))
            except BadJudgement as error:
                gr.Info(str(error))
                following = annotating.next_turn(self.store, person["key"])
            return showing.turn(following)

        return self._tried(take), person

    def mine(self, browser: object) -> Value:
        """The drawings this person gave."""
        return self._tried(lambda: self._mine(person_of(browser)["key"]))

    def delete(self, chosen: Value | None, browser: object) -> tuple[Value, dict[str, str]]:
        """Delete drawings of this person; after all of them, the browser forgets the person too."""
        person = person_of(browser)

        def take() -> Value:
            if chosen and person["key"]:
                submitting.remove(self.store, person["key"], chosen["uids"])
                if chosen["uids"] is None:
                    person.update(NOBODY)
            return self._mine(person["key"])

        return self._tried(take), person

    def scoreboard(self) -> Value:
        """The scoreboard made last, at once."""

        def latest() -> Value:
            kept, fresh = board.latest(self.store)
            return showing.scoreboard(kept, fresh, self._images(kept))

        return self._tried(latest)

    def renewed(self, progress: gr.Progress = gr.Progress()) -> Value:  # noqa: B008  Gradio's way of asking for it
        """A scoreboard of what is in the store now, made when the last one is out of date."""

        def renew() -> Value:
            kept, fresh = board.latest(self.store)
            if not fresh and kept.rested and self._renewing.acquire(blocking=False):
                try:
                    from demo.challenge.scoreboard import scoreboard  # statistics take seconds to import

                    done = scoreboard.renew(
                        self.store,
                        progress=lambda answers, of: progress((answers, of), desc="The nets are reading"),
                        most=AT_A_TIME,
                    )
                    return showing.scoreboard(done, True, self._images(done))
                finally:
                    self._renewing.release()
            return showing.scoreboard(kept, fresh, self._images(kept))

        return self._tried(renew)

    @contextmanager
    def _lane(self) -> Iterator[None]:
        """One of the LANES; raises StoreBusy when none gets free, as when another program holds the store."""
        if not self._lanes.acquire(timeout=WAIT_S):
            raise StoreBusy(f"many people are handing in (none was done for {WAIT_S:g} s): hand it in again")
        try:
            yield
        finally:
            self._lanes.release()

    def _ticket(self, person: dict[str, str]) -> str:
        """The ticket the person has, so that a reload does not change the prompt, else a new one."""
        try:
            ticket = prompts.read(self.store, person["ticket"])
        except BadTicket:
            return prompts.hand_out(self.store, person["key"] or None)
        if submitting.is_there(self.store, ticket.uid):
            return prompts.hand_out(self.store, person["key"] or None)
        return person["ticket"]

    def _verdicts(self, given: submitting.Submission, drawing_id: int) -> Value:
        """What the nets read in a drawing that is safely stored. They may be busy: then they read it later."""
        try:
            answers = predict(image_of(given.image), available_nets())
        except Busy:
            return showing.verdicts(given, [], "The nets are busy and will read it later.")
        found = predictions.verdicts_of(answers) if answers is not None else []
        predictions.save(self.store, [(drawing_id, verdict) for verdict in found])
        return showing.verdicts(given, found, "")

    def _mine(self, key: str) -> Value:
        if not key:
            return showing.mine([], 0)
        with self.store.reading() as connection:
            return showing.mine(submitting.given_by(connection, key), submitting.number_given(connection, key))

    def _images(self, kept: board.Board) -> dict[str, bytes]:
        return annotating.images_of(self.store, [hard.uid for hard in kept.hardest])

    def _tried(self, attempt: Callable[[], Value]) -> Value:
        try:
            return attempt()
        except REFUSALS as error:
            return showing.problem(str(error))


def person_of(browser: object) -> dict[str, str]:
    """What the browser keeps, made sound: anything may come back from there."""
    kept = browser if isinstance(browser, dict) else {}
    person = {name: str(kept.get(name) or "")[:200] for name in NOBODY}
    try:
        hash_of(person["key"])
    except BadContributor:
        person["key"] = ""
    return person


def address_of(request: gr.Request) -> str | None:
    """The address that a request came from; on a Space, the one that its proxy saw."""
    if os.environ.get("SPACE_ID") and (hops := request.headers.get("x-forwarded-for")):
        return hops.rpartition(",")[2].strip()
    return request.client.host if request.client else None
