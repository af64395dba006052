"""Any OpenAI-compatible server: rewrites the rules' draft; what stands for values of the query never leaves the machine.

Asked only where it is named (never by `auto`), and over the official client, which does transport, retries and proxies.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from typing import TYPE_CHECKING, Any

from insights_core import BackendError, BackendUnavailable, hookimpl, naming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insights_core import NamingBackend, NamingRequest

URL_VARIABLE = "INSIGHTS_REMOTE_URL"
MODEL_VARIABLE = "INSIGHTS_REMOTE_MODEL"
KEY_VARIABLE = "INSIGHTS_REMOTE_KEY"
LONGEST_REPLY = 1_000_000
"""Bytes of an answer; a name has a hundred."""

_LONGEST_NAME = 64
_ATTEMPTS_AGAIN = 2
_INSTRUCTIONS = (
    "You improve titles of analytics charts. You get a JSON object with a true draft of the title and the facts of the "
    "chart. Answer with one better title in one line: short, the way a person would write it, in Title Case. Use only "
    "words of the draft and the facts; keep what is measured, how it is counted, and what it is broken down by. Copy "
    "placeholders like VALUE1 as they are. If the draft is good, repeat it. No quotes, no explanation."
)


class Remote:
    """A model behind an HTTP address.

    Args:
        url: The base address, up to and with `/v1`; by default what `INSIGHTS_REMOTE_URL` holds.
        model: The model's name there; by default `INSIGHTS_REMOTE_MODEL`.
        key: The server's key, where it wants one; by default `INSIGHTS_REMOTE_KEY`. Sent to that address only, and
            neither logged nor part of any error.
    """

    name = "remote"
    # The client waits for the next byte, not for the last: a dripping server would be waited for beyond the deadline.
    keeps_deadline = False
    is_local = False

    def __init__(self, url: str | None = None, model: str | None = None, key: str | None = None) -> None:
        self._url = url
        self._model = model
        self._key = key

    def __repr__(self) -> str:
        return f"Remote({self._setting(self._url, URL_VARIABLE)!r})"

    def missing(self) -> str:
        """Return what stands in the way, with what helps; nothing where it is ready. Opens no connection."""
        if importlib.util.find_spec("openai") is None:
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
            BackendError: The query's words cannot be told from its values, so nothing of it may be sent.
        """
        return self._body(self._redacted(request))

    def propose(self, request: NamingRequest) -> str:
        """Return the draft as the model rewrites it.

        Raises:
            BackendUnavailable: The client is not installed, or no address or model is set.
            BackendError: The server failed, or its answer holds no name.
        """
        if problem := self.missing():
            raise BackendUnavailable(problem, backend=self.name)
        hidden = self._redacted(request)
        reply = self._ask(self._body(hidden), request.seconds_left)
        return hidden.restored(read_reply(reply))

    def _redacted(self, request: NamingRequest) -> naming.Redacted:
        hidden = naming.redacted(request.facts, request.draft)
        if hidden is None:
            raise BackendError("the query's words cannot be told from its values: nothing was sent", backend=self.name)
        return hidden

    def _body(self, hidden: naming.Redacted) -> dict[str, Any]:
        facts = {name: value for name, value in hidden.facts.to_dict().items() if name != "unread"}
        asked = json.dumps({"draft": hidden.draft, "facts": facts}, ensure_ascii=False)
        return {
            "model": self._setting(self._model, MODEL_VARIABLE),
            "messages": [{"role": "system", "content": _INSTRUCTIONS}, {"role": "user", "content": asked}],
            "max_tokens": _LONGEST_NAME,
            "temperature": 0,
            "seed": 0,
        }

    def _ask(self, body: dict[str, Any], seconds: float) -> bytes:
        import openai

        problem = ""
        try:
            with (
                openai.OpenAI(
                    base_url=self._setting(self._url, URL_VARIABLE),
                    # The client takes OPENAI_API_KEY where it is given none, and would send it to whatever address is set.
                    api_key=self._setting(self._key, KEY_VARIABLE) or "none",
                    timeout=max(seconds, 0.001),
                    max_retries=_ATTEMPTS_AGAIN,
                ) as client,
                client.chat.completions.with_streaming_response.create(**body) as answer,
            ):
                return b"".join(self._bounded(answer.iter_bytes()))
        except openai.APITimeoutError:
            problem = "the server did not answer in time"
        except openai.APIStatusError as error:
            problem = f"the server answered {error.status_code}{_MEANINGS.get(error.status_code, '')}"
        except openai.APIConnectionError as error:
            cause = type(error.__cause__ or error).__name__
            problem = f"{'no connection to the server' if cause in _UNREACHED else 'the connection broke'}: {cause}"
        except BackendError:
            raise
        except Exception as error:  # noqa: BLE001 - its text may hold the address or what was sent
            problem = f"the connection broke: {type(error).__name__}"
        # Outside the handlers: the client's own error holds the request with its key.
        raise BackendError(problem, backend=self.name)

    def _bounded(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        size = 0
        for part in parts:
            size += len(part)
            if size > LONGEST_REPLY:
                raise BackendError(f"the server's answer is longer than {LONGEST_REPLY:,} bytes", backend=self.name)
            yield part

    @staticmethod
    def _setting(value: str | None, variable: str) -> str:
        return os.environ.get(variable, "") if value is None else value


_UNREACHED = frozenset({"ConnectError", "UnsupportedProtocol", "InvalidURL", "ProxyError"})
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
