"""A message as files in a folder, and as text to whoever watches."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain import Message, Step, unsaid
from pipeline.errors import DeliveryError
from pipeline.notify.folder import make_ready


@dataclass(frozen=True)
class LocalChannel:
    """Writes `<id>.txt`, `.html` and `.json` into `folder`, then tells `say`."""

    folder: Path
    say: Callable[[Message], None]

    def send(self, message: Message, step: Step = unsaid) -> None:
        data = json.dumps(message.data, ensure_ascii=False, indent=2)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for ending, content in (("txt", message.text), ("html", _whole(message)), ("json", data)):
                place = self.folder / f"{message.kind}-{message.id}.{ending}"
                draft = place.with_suffix(f".{ending}.part")
                draft.write_text(content, encoding="utf-8")
                os.replace(draft, place)
        except OSError as error:
            raise DeliveryError(f"{self.folder}: {error.strerror}") from error
        step(f"three files written to {self.folder}")
        self.say(message)

    def probe(self) -> None:
        make_ready(self.folder)


def _whole(message: Message) -> str:
    """The HTML with its pictures in it."""
    html = message.html
    for picture in message.pictures:
        html = html.replace(f"cid:{picture.id}", f"data:image/png;base64,{b64encode(picture.png).decode()}")
    return html
