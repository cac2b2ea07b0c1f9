"""The main thread waits for the end. Until then it runs what works in no other thread."""

import queue

# Its put() may interrupt its get(), in a signal handler; set() of an Event waits for ever when it comes in wait().
work = queue.SimpleQueue()


def run_until(mark):
    """Runs what `call_there` asks for until the mark itself is put into `work`."""
    while (one := next_work()) is not mark:
        if callable(one):
            one()


def next_work():
    """In turns: a signal that comes just before get() begins to wait is not seen by it."""
    while True:
        try:
            return work.get(timeout=1)
        except queue.Empty:
            pass


def call_there(function, *given):
    """Calls it in the main thread, one at a time, and returns or raises what it does."""
    ended = queue.SimpleQueue()

    def run():
        try:
            ended.put((function(*given), None))
        except BaseException as error:
            ended.put((None, error))

    work.put(run)
    result, error = ended.get()
    if error is not None:
        raise error
    return result
