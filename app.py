"""Handwritten Digit Challenge: draw a digit and watch the nets try to read it. `python app.py --help` tells more."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence

import architectures
from demo.serving import ports

EXAMPLES = """\
examples:
  python app.py                               the page, on the first free port from 7860
  python app.py --model caps-net              with one net selected
  python app.py --host 0.0.0.0 --port 8000    for everyone in your network
  python app.py --share                       with a public address, for a week

Gradio's environment variables count too: GRADIO_SERVER_NAME, GRADIO_SERVER_PORT, GRADIO_SHARE, GRADIO_ROOT_PATH.
"""


def parser() -> argparse.ArgumentParser:
    """The command line. Its names of nets are those of the files in architectures/."""
    found = argparse.ArgumentParser(
        prog="app.py",
        description="Draw a digit with a pen that changes while you draw, and watch the nets try to read it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    nets = ", ".join(architectures.names())
    found.add_argument("--model", metavar="NET", default="all", help=f"net selected at first: {nets} or all (default)")
    found.add_argument("--host", metavar="H", help="address to listen on (default: 127.0.0.1, this machine alone)")
    found.add_argument("--port", metavar="P", type=port, help="port to listen on (default: the first free from 7860)")
    found.add_argument("--share", action="store_true", help="also make a public address through Gradio's servers")
    found.add_argument("--hub-repo", metavar="R", help="repository of the Hub to fetch missing weights from")
    found.add_argument("--db", metavar="URL", help="database of the drawings people give (default: a SQLite file)")
    return found


def port(text: str) -> int:
    """A number of a port, for argparse."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port: a port is a number from 1 to 65535")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    command = parser()
    options = command.parse_args(arguments)
    if options.model != "all":
        try:
            architectures.path_of(options.model)
        except architectures.UnknownNet as error:
            command.error(str(error))

    if options.port is not None and ports.taken(options.host, options.port):
        command.error(f"port {options.port} is taken: choose another --port, or leave it out for the first free one")

    gc.disable()  # the imports make a million objects that stay; to look through them again and again costs a second
    from demo import inference  # seconds of imports, which --help and refusals spare
    from demo.components.trainings import MNIST_ONLY, PEN
    from demo.draw.answering import chosen
    from demo.page import page
    from demo.serving import classify, server  # seconds of imports, which --help and refusals spare
    from demo.settings import Settings
    from demo.teach import weights

    settings = Settings(architectures.shown(options.model), options.hub_repo, options.db)
    inference.fetch_from(settings.hub_repo)
    blocks = page(settings)
    try:
        with server.launch(
            blocks,
            [*classify.routes(), weights.route()],
            host=options.host,
            port=options.port,
            share=options.share,
        ) as served:
            print(f"Handwritten Digit Challenge is at {served.address}\nPress Ctrl+C to stop it.", flush=True)
            asked = [net for training in (MNIST_ONLY, PEN) for net in chosen(settings.net, training)]
            failures = inference.warm_up(list(dict.fromkeys(asked)))
            for net, why in failures.items():
                print(f"{net}: {why}", file=sys.stderr, flush=True)
            gc.collect()
            gc.freeze()  # what is there now stays, and no answer shall wait for the collector to find that out
            gc.enable()
            served.wait()
    except OSError as error:
        command.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
