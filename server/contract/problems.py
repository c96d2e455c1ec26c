"""Problem details (RFC 9457) as the contract declares them, for every call."""

from typing import Any, Final

from server.problem import MEDIA_TYPE

_TEXT: Final = {"type": "string"}
_WORDS: Final = {
    "type": "object",
    "properties": {"zh": _TEXT, "en": _TEXT},
    "required": ["zh", "en"],
    "additionalProperties": False,
}
SCHEMAS: Final[dict[str, Any]] = {
    "ProblemFault": {
        "title": "ProblemFault",
        "description": "A member that does not hold to the interface's page; 不符合接口约定的成员",
        "type": "object",
        "properties": {"pointer": _TEXT, "detail": _TEXT},
        "required": ["pointer", "detail"],
        "additionalProperties": False,
    },
    "ProblemRefusal": {
        "title": "ProblemRefusal",
        "description": "What the law or a rule does not allow; 法律或者规则不允许之处",
        "type": "object",
        "properties": {
            "pointer": _TEXT,
            "rule": _TEXT,
            "article": {"type": ["string", "null"], "description": "a key of docs/law.md"},
            "detail": _WORDS,
            "allowed": _WORDS,
            "row": {"type": "integer", "description": "of an imported file"},
            "column": _TEXT,
        },
        "required": ["pointer", "rule", "article", "detail", "allowed"],
        "additionalProperties": False,
    },
    "Problem": {
        "title": "Problem",
        "description": "Why a call was not done (RFC 9457); 请求未被执行的原因",
        "type": "object",
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "errors": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/ProblemFault"},
                        {"$ref": "#/components/schemas/ProblemRefusal"},
                    ]
                },
            },
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": True,
    },
}
RESPONSE: Final[dict[str, Any]] = {
    "description": "A problem; 未执行",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
