"""The process of one large import. A Pi web process starts it, tells it what to do by its standard
input, and hears the answer from its standard output."""

import gc
import os
import signal

import django


def main() -> None:
    # At Ctrl-C in a terminal every process is told; this one ends with the web process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(10)  # frames and pages go first
    # As in the worker: thousands of rows are made and few cycles, and Python would look for those
    # in all of them time and again. While it starts too, which takes a tenth of that.
    gc.set_threshold(50_000, 20, 20)
    django.setup()
    from remote.api import import_process, import_queue  # noqa: PLC0415 - needs the settings

    gc.freeze()
    import_process.tell(import_queue.answer_to_job(import_process.take_job()))


if __name__ == "__main__":
    main()
