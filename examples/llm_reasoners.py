"""Trees of llm-reasoners' visualiser: {"logs": [{"nodes": {id: …}, "edges": {id: …}}]}, the last log of the file.

    STUDIO_TOKEN=… python examples/llm_reasoners.py PROJECT SNAPSHOT.json ["the problem's text"]

The text of a step is the edge's "action" or "step", else the node's; its value is the edge's "Q" (or "reward").
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rationale_client import TreeLogger


def words(data: Any, *names: str) -> str:
    """Return the first of these entries that is a text, else all of the data as one."""
    if isinstance(data, dict):
        found = [data[name] for name in names if isinstance(data.get(name), str) and data[name].strip()]
        return found[0] if found else json.dumps(data, ensure_ascii=False)
    return str(data)


def log_tree(log: TreeLogger, snapshot: dict[str, Any]) -> int:
    nodes = {str(key): node for key, node in snapshot["nodes"].items()}
    edges = [edge for _, edge in sorted(snapshot["edges"].items(), key=lambda item: int(item[0]))]
    below: dict[str, list[dict[str, Any]]] = {}
    for edge in edges:
        below.setdefault(str(edge["source"]), []).append(edge)
    roots = set(nodes) - {str(edge["target"]) for edge in edges}
    waiting: list[tuple[str, int | None]] = [(root, None) for root in sorted(roots)]
    count = 0
    while waiting:
        key, number = waiting.pop(0)
        for edge in below.get(key, ()):
            target, data = str(edge["target"]), edge.get("data") or {}
            value = next((data[name] for name in ("Q", "reward") if isinstance(data.get(name), int | float)), None)
            text = words(data, "action", "step") if set(data) & {"action", "step"} else words(nodes[target].get("data"))
            waiting.append((target, log.node(number, text, value=value)))
            count += 1
    return count


def main() -> None:
    if len(sys.argv) not in (3, 4):
        raise SystemExit("expected a project and a snapshot: python examples/llm_reasoners.py PROJECT SNAPSHOT.json")
    project, path = sys.argv[1], Path(sys.argv[2])
    snapshot = json.loads(path.read_text())["logs"][-1]
    log = TreeLogger(project, problem=sys.argv[3] if len(sys.argv) == 4 else f"Search of {path.name}", name=path.name)
    count = log_tree(log, snapshot)
    print(f"{count} steps:", "the studio has them" if log.done() else "they wait in the spool")


if __name__ == "__main__":
    main()
