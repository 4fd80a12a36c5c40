"""Cut GitHub's OpenAPI description down to the requests that the tool makes.

Usage: python cut_openapi.py @octokit/openapi/generated/api.github.com.json > github.openapi.json
From npm's @octokit/openapi 23.0.2 (MIT). Requests are checked, answers are not: those stay out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

KEEP = {
    "/repos/{owner}/{repo}/issues": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}/timeline": ("get",),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("patch", "delete"),
    "/repos/{owner}/{repo}/milestones": ("get", "post"),
    "/repos/{owner}/{repo}/pulls": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("patch",),
}
NOISE = {"description", "summary", "examples", "example", "externalDocs", "operationId", "tags"}


def cut(value: Any, whole: dict[str, Any], inside: str = "") -> Any:
    """`value` with references resolved, without prose."""
    if isinstance(value, dict):
        if "$ref" in value:
            found: Any = whole
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            return cut(found, whole)
        return {
            key: cut(inner, whole, key)
            for key, inner in value.items()
            if inside == "properties" or not (key in NOISE or key.startswith("x-"))
        }
    return [cut(inner, whole) for inner in value] if isinstance(value, list) else value


def main() -> None:
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    paths: dict[str, Any] = {}
    for path, verbs in KEEP.items():
        found = whole["paths"][path]
        paths[path] = {"parameters": found.get("parameters", [])}
        for verb in verbs:
            kept = {k: v for k, v in found[verb].items() if k in {"parameters", "requestBody"}}
            kept["responses"] = {"default": {"description": "not checked"}}
            paths[path][verb] = kept
    spec = {
        "openapi": whole["openapi"],
        "info": {"title": "GitHub, the requests in use", "version": whole["info"]["version"]},
        "paths": cut(paths, whole, "properties"),
    }
    for path in spec["paths"].values():
        for verb in path.values():
            if isinstance(verb, dict):
                verb["responses"] = {"default": {"description": "not checked"}}
    sys.stdout.write(json.dumps(spec, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
