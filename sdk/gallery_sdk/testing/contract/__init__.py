"""The contract suite: what every connector promises, checked against its twin, a cassette or a real tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._faces import imported_at_first_use

if TYPE_CHECKING:
    from .checking import CHECKS, GRADES, Check, Grade, check
    from .profile import ConnectorContract, Scenario
    from .stage import Stage, open_stage
    from .subject import Subject, load_subject
    from .suite import CheckResult, checks_of, contract_suite, run_contract, suite_of
    from .venues import Connected, LiveVenue, TwinVenue, Venue

__all__ = [
    "CHECKS",
    "GRADES",
    "Check",
    "CheckResult",
    "Connected",
    "ConnectorContract",
    "Grade",
    "LiveVenue",
    "Scenario",
    "Stage",
    "Subject",
    "TwinVenue",
    "Venue",
    "check",
    "checks_of",
    "contract_suite",
    "load_subject",
    "open_stage",
    "run_contract",
    "suite_of",
]

_HOME = {
    "CHECKS": "checking",
    "GRADES": "checking",
    "Check": "checking",
    "CheckResult": "suite",
    "Connected": "venues",
    "ConnectorContract": "profile",
    "Grade": "checking",
    "LiveVenue": "venues",
    "Scenario": "profile",
    "Stage": "stage",
    "Subject": "subject",
    "TwinVenue": "venues",
    "Venue": "venues",
    "check": "checking",
    "checks_of": "suite",
    "contract_suite": "suite",
    "load_subject": "subject",
    "open_stage": "stage",
    "run_contract": "suite",
    "suite_of": "suite",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
