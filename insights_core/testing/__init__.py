"""A conformance suite: hold any implementation of these semantics against the reference, from pytest or by `insights conform`.

Needs the extra `conform`.
"""

from .adapters import LibrarySubject, in_file, in_memory, reference
from .cases import CASES, Case
from .clock import Clock
from .http import HTTPSubject, Unreachable, greet, server_subjects
from .machine import machine
from .profiles import HOSTED, PROFILES, STRICT, Profile
from .run import FAIL, NOT_OFFERED, PASS, RANDOM_CASE, Result, run, run_case, run_machine
from .subject import Answer, Missing, NotOffered, Refused, Request, Subject, Unexpected
from .trial import Mismatch, Trial

__all__ = [
    "CASES",
    "FAIL",
    "HOSTED",
    "NOT_OFFERED",
    "PASS",
    "PROFILES",
    "RANDOM_CASE",
    "STRICT",
    "Answer",
    "Case",
    "Clock",
    "HTTPSubject",
    "LibrarySubject",
    "Mismatch",
    "Missing",
    "NotOffered",
    "Profile",
    "Refused",
    "Request",
    "Result",
    "Subject",
    "Trial",
    "Unexpected",
    "Unreachable",
    "greet",
    "in_file",
    "in_memory",
    "machine",
    "reference",
    "run",
    "run_case",
    "run_machine",
    "server_subjects",
]
