"""VK's errors as the API answers them: codes and words of the official schema."""

from typing import Any

WORDS = {
    1: "Unknown error occurred",
    2: "Application is disabled. Enable your application or use test mode",
    3: "Unknown method passed",
    4: "Incorrect signature",
    5: "User authorization failed",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    12: "Unable to compile code",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    17: "Validation required",
    18: "User was deleted or banned",
    19: "Content blocked",
    23: "This method was disabled",
    27: "Group authorization failed",
    28: "Application authorization failed",
    29: "Rate limit reached",
    30: "This profile is private",
    43: "This section is temporary unavailable",
    100: "One of the parameters specified was missing or invalid",
    104: "Not found",
    113: "Invalid user id",
    125: "Invalid group id",
    203: "Access to group denied",
    210: "Access to wall's post denied",
    211: "Access to wall's comment denied",
    212: "Access to post comments denied",
    1117: "Access token has expired",
}
"""What each code says; a code that is not here is refused when it is asked for."""


class VkError(Exception):
    """An answer with an error: `more` says what, `extra` are its further fields."""

    def __init__(self, code: int, more: str = "", **extra: Any) -> None:
        words = f"{WORDS[code]}: {more}" if more else WORDS[code]
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words
        self.extra = extra

    def body(self, url: str, params: dict[str, str], method: str) -> dict[str, Any]:
        """The JSON of the answer; `url` is where the server's own pages are. The token is not repeated."""
        told = {"method": method, "oauth": "1", **{key: one for key, one in params.items() if key != "access_token"}}
        return {
            "error": {
                "error_code": self.code,
                "error_msg": self.words,
                **_more(self.code, url),
                **self.extra,
                "request_params": [{"key": key, "value": one} for key, one in told.items()],
            }
        }


def _more(code: int, url: str) -> dict[str, Any]:
    """What some errors carry besides."""
    if code == 14:
        return {"captcha_sid": "723481629405", "captcha_img": f"{url}/captcha.php?sid=723481629405"}
    if code == 17:
        return {"redirect_uri": f"{url}/validate"}
    return {}


def wrong(what: str) -> VkError:
    """Error 100: a parameter is missing or wrong."""
    return VkError(100, what)
