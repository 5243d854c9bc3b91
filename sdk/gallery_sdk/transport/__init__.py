"""The HTTP client of one connection: rate budget, retries, redaction, allowed hosts, events.

`Transport.send` is the one way to the network. What a request costs in waiting, what it may repeat and where it may
go is decided here, so that targets and grants only say what they want.
"""

from .budget import RateBudget
from .credentials import Credential, NoCredential
from .declared import declared_limits, declared_throttles
from .hosts import is_loopback, parse_base_url
from .limits import Limit
from .messages import EventSink, Request, RequestEvent, Response
from .redaction import MASK, SECRETS, SecretRegistry, is_secret_name, redact, redact_headers
from .retries import RetryPolicy, ThrottledError
from .transport import Transport
from .waiting import STANDARD_THROTTLES, Throttle, parse_retry_after
from .wire import LostError, NotSentError, TlsFailedError, TlsSettings, Wire, WireError, WireResponse
from .wire_httpx import HttpxWire

__all__ = [
    "MASK",
    "SECRETS",
    "STANDARD_THROTTLES",
    "Credential",
    "EventSink",
    "HttpxWire",
    "Limit",
    "LostError",
    "NoCredential",
    "NotSentError",
    "RateBudget",
    "Request",
    "RequestEvent",
    "Response",
    "RetryPolicy",
    "SecretRegistry",
    "Throttle",
    "ThrottledError",
    "TlsFailedError",
    "TlsSettings",
    "Transport",
    "Wire",
    "WireError",
    "WireResponse",
    "declared_limits",
    "declared_throttles",
    "is_loopback",
    "is_secret_name",
    "parse_base_url",
    "parse_retry_after",
    "redact",
    "redact_headers",
]
