"""Any OpenAI-compatible server: rewrites the rules' draft; what stands for values of the query never leaves the machine.

Asked only where it is named (never by `auto`). Not over the official client: that takes headers, addresses and keys from
whatever `OPENAI_*` variables there are, sends what system it runs on, and follows redirects to other hosts with the body.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import time
from typing import TYPE_CHECKING, Any

from insights_core import BackendError, BackendUnavailable, hookimpl

if TYPE_CHECKING:
    import httpx2

    from insights_core import NamingBackend, NamingRequest

URL_VARIABLE = "INSIGHTS_REMOTE_URL"
MODEL_VARIABLE = "INSIGHTS_REMOTE_MODEL"
KEY_VARIABLE = "INSIGHTS_REMOTE_KEY"
PROXY_VARIABLE = "INSIGHTS_REMOTE_PROXY"
LONGEST_REPLY = 1_000_000
"""Bytes of an answer; a name has a hundred."""

_LONGEST_NAME = 64
_ATTEMPTS = 3
_PAUSE = 0.5
"""Seconds before the second attempt where the server names none; twice as long before each further one."""
_PASSING = frozenset({408, 409, 429})
_SERVER_ERROR = 500
_UNSENT = frozenset({"unread", "caption"})
"""Texts of a query that nobody has taken apart."""
_INSTRUCTIONS = (
    "You improve titles of analytics charts. You get a JSON object with a true draft of the title and the meaning of "
    "the chart. Answer with one better title in one line: short, the way a person would write it, in Title Case. Use only "
    "words of the draft and the meaning; keep what is measured, how it is counted, and what it is broken down by. Copy "
    "placeholders like VALUE1 as they are. If the draft is good, repeat it. No quotes, no explanation."
)


class Remote:
    """A model behind an HTTP address.

    Args:
        url: The base address, up to and with `/v1`; by default what `INSIGHTS_REMOTE_URL` holds.
        model: The model's name there; by default `INSIGHTS_REMOTE_MODEL`.
        key: The server's key, where it wants one; by default `INSIGHTS_REMOTE_KEY`. Sent to that address only, and
            neither logged nor part of any error.
        proxy: The address of a proxy; by default `INSIGHTS_REMOTE_PROXY`, and no other variable.
    """

    name = "remote"
    # The client waits for the next byte, not for the last: a dripping server would be waited for beyond the deadline.
    keeps_deadline = False
    is_local = False
    # Whoever asks a good model wants its words; what contradicts the query is refused all the same.
    check = "contradiction"

    def __init__(
        self, url: str | None = None, model: str | None = None, key: str | None = None, proxy: str | None = None
    ) -> None:
        self._url = url
        self._model = model
        self._key = key
        self._proxy = proxy

    def __repr__(self) -> str:
        return f"Remote({self._setting(self._url, URL_VARIABLE)!r})"

    def missing(self) -> str:
        """Return what stands in the way, with what helps; nothing where it is ready. Opens no connection."""
        if importlib.util.find_spec("httpx2") is None:
            return "the client is not installed: pip install 'insights-core[remote]'"
        unset = [
            variable
            for value, variable in ((self._url, URL_VARIABLE), (self._model, MODEL_VARIABLE))
            if not self._setting(value, variable)
        ]
        return f"set {' and '.join(unset)}" if unset else ""

    def maker(self) -> str:
        """Return what a name depends on beside its draft: the address (as a hash: it may hold a secret), model and prompt."""
        where = hashlib.sha256(self._setting(self._url, URL_VARIABLE).encode()).hexdigest()[:16]
        told = hashlib.sha256(_INSTRUCTIONS.encode()).hexdigest()[:8]
        return f"{self.name} {where} {self._setting(self._model, MODEL_VARIABLE)} {told}"

    def payload(self, request: NamingRequest) -> dict[str, Any]:
        """Return what `propose` would send, key aside; nothing is sent.

        Raises:
            BackendError: The request holds values of the query.
        """
        return self._body(request)

    def propose(self, request: NamingRequest) -> str:
        """Return the draft as the model rewrites it, with the placeholders that stand for values.

        Raises:
            BackendUnavailable: The client is not installed, or no address or model is set.
            BackendError: The server failed, its answer holds no name, or the request holds values of the query.
        """
        if problem := self.missing():
            raise BackendUnavailable(problem, backend=self.name)
        body = json.dumps(self._body(request)).encode()
        return read_reply(self._ask(body, time.monotonic() + request.seconds_left))

    def _body(self, request: NamingRequest) -> dict[str, Any]:
        if not getattr(request, "hides_values", False):
            raise BackendError("what it is asked holds values of the query: nothing was sent", backend=self.name)
        meaning = {name: value for name, value in request.meaning.to_dict().items() if name not in _UNSENT}
        asked = json.dumps({"draft": request.draft, "meaning": meaning}, ensure_ascii=False)
        return {
            "model": self._setting(self._model, MODEL_VARIABLE),
            "messages": [{"role": "system", "content": _INSTRUCTIONS}, {"role": "user", "content": asked}],
            "max_tokens": _LONGEST_NAME,
            "temperature": 0,
            "seed": 0,
        }

    def _ask(self, body: bytes, until: float) -> bytes:
        import httpx2

        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "insights-core"}
        if key := self._setting(self._key, KEY_VARIABLE):
            headers["Authorization"] = f"Bearer {key}"
        pause = _PAUSE
        for attempts_left in reversed(range(_ATTEMPTS)):
            problem = ""
            wait = pause
            try:
                # No variable of the environment is taken: a proxy set for a browser would see what is sent.
                with httpx2.Client(
                    trust_env=False,
                    follow_redirects=False,
                    proxy=self._setting(self._proxy, PROXY_VARIABLE) or None,
                    timeout=max(until - time.monotonic(), 0.001),
                ) as client:
                    base = httpx2.URL(self._setting(self._url, URL_VARIABLE).strip())
                    address = base.copy_with(path=base.path.rstrip("/") + "/chat/completions")
                    with client.stream("POST", address, content=body, headers=headers) as answer:
                        if answer.is_success:
                            return self._bounded(answer)
                        status = answer.status_code
                        meaning = _REDIRECT if answer.is_redirect else _MEANINGS.get(status, "")
                        problem = f"the server answered {status}{meaning}"
                        passes = status in _PASSING or status >= _SERVER_ERROR
                        wait = _seconds(answer.headers.get("Retry-After"), pause)
            except httpx2.TimeoutException:
                problem, passes = "the server did not answer in time", False
            except httpx2.TransportError as error:
                cause = type(error).__name__
                passes = isinstance(error, httpx2.ConnectError)
                problem = f"{'no connection to the server' if cause in _UNREACHED else 'the connection broke'}: {cause}"
            except BackendError:
                raise
            except Exception as error:  # noqa: BLE001 - its text may hold the address or what was sent
                problem, passes = f"the connection broke: {type(error).__name__}", False
            # Waiting beyond the deadline would only hide what the server said.
            if not passes or not attempts_left or time.monotonic() + wait >= until:
                break
            time.sleep(wait)
            pause *= 2
        # Outside the handlers: the client's own error holds the request with its key.
        raise BackendError(problem, backend=self.name)

    def _bounded(self, answer: httpx2.Response) -> bytes:
        found = bytearray()
        for part in answer.iter_bytes():
            found += part
            if len(found) > LONGEST_REPLY:
                raise BackendError(f"the server's answer is longer than {LONGEST_REPLY:,} bytes", backend=self.name)
        return bytes(found)

    @staticmethod
    def _setting(value: str | None, variable: str) -> str:
        return os.environ.get(variable, "") if value is None else value


def _seconds(said: str | None, otherwise: float) -> float:
    """Return how long a server wants to be left alone."""
    return float(said) if said is not None and re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", said, re.ASCII) else otherwise


_UNREACHED = frozenset({"ConnectError", "UnsupportedProtocol", "InvalidURL", "ProxyError"})
_REDIRECT = f" (a redirect, and none is followed: set {URL_VARIABLE} to where the API is)"
_MEANINGS = {
    400: " (bad request: does it know the model?)",
    401: f" (not authorized: check {KEY_VARIABLE})",
    403: f" (forbidden: check {KEY_VARIABLE})",
    404: f" (not found: check {URL_VARIABLE} and {MODEL_VARIABLE})",
    429: " (too many requests)",
}

_THOUGHTS = re.compile(r"<(think|thinking|reasoning)>(?:(?!</\1>).)*+(?:</\1>)?", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*+\n?((?:(?!```).)*+)", re.DOTALL)
_MARKUP = re.compile(r"^(?:[#>*•\-\s]|\d{1,9}[.)]\s)++|[*_`]+")
_LEAD = re.compile(r"(?:[\w' ]{0,40}\b)?(?:title|name|draft|better|answer)(?: is)?\s*[:=]\s*", re.IGNORECASE)
_PREAMBLE = re.compile(r"(?:sure|certainly|of course|okay|here(?:'s| is| are)?)\b.*[:!]\s*", re.IGNORECASE)
_REFUSAL = re.compile(r"(?:i(?:'m| am)? (?:sorry|cannot|can't|unable|not able)|as an ai\b)", re.IGNORECASE)


def read_reply(body: bytes) -> str:
    """Return the name in the body of an answer of `/chat/completions`.

    Copes with thoughts, code fences, quotes, preambles, "Title:", lists and JSON around it, and with content as a list.

    Raises:
        BackendError: It holds none; the message says why, in one line, and nothing of the body.
    """
    content = _content(body)
    text = _THOUGHTS.sub("", content)
    if not text.strip():
        raise _no_name("it only thought" if content.strip() else "its answer is empty")
    if fenced := _FENCE.search(text):
        text = fenced[1] if fenced[1].strip() else text.replace("`", "")
    if (found := _in_json(text)) is not None:
        text = found
    for line in text.splitlines():
        # Typographic apostrophes only for what is looked for: the name keeps its own.
        name = _MARKUP.sub("", line.strip()).strip()
        plain = name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        if _REFUSAL.match(plain):
            raise _no_name("it refused")
        name = name[preamble.end() :] if (preamble := _PREAMBLE.match(plain)) else name
        name = name[lead.end() :] if (lead := _LEAD.match(name)) else name
        if name.strip(" \"'`“”"):
            return name.strip()
    raise _no_name("its answer is empty")


def _content(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise _no_name("its answer is no JSON: is this the address of an API?") from None
    if isinstance(answer, dict) and answer.get("error"):
        raise _no_name("it answered with an error")
    choices = answer.get("choices") if isinstance(answer, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise _no_name("its answer holds no choice")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    if isinstance(content, str) and content.strip():
        return content
    if message.get("refusal"):
        raise _no_name("it refused")
    if message.get("reasoning_content") or message.get("reasoning"):
        raise _no_name("it only thought")
    if message.get("tool_calls") or message.get("function_call"):
        raise _no_name("it called a tool")
    raise _no_name("its answer is empty")


def _in_json(text: str) -> str | None:
    """Return the text in an answer that is a JSON object or string of its own accord; None where it is neither."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((item for item in value.values() if isinstance(item, str)), "")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), "")
    return value if isinstance(value, str) else None


def _no_name(why: str) -> BackendError:
    return BackendError(f"the server gave no name: {why}", backend=Remote.name)


@hookimpl
def insights_naming_backends() -> list[NamingBackend]:
    """Offer what the environment points to."""
    return [Remote()]
