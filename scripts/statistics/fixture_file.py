"""Writes fixtures: compact JSON, floats with all their digits, one entry of the outermost list or object a line."""
import json
import math
import os
import pathlib

import numpy as np

STANDARD = pathlib.Path(__file__).resolve().parents[2] / "packages" / "engine" / "fixtures"
# `npm run test:peers` makes them anew elsewhere and compares.
FIXTURES = pathlib.Path(os.environ.get("LEEWAY_FIXTURES", STANDARD))


def plain(value):
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(entry) for entry in value]
    if isinstance(value, (bool, np.bool_, str)) or value is None:
        return value
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} does not fit into JSON")
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def write(name, generator, content):
    """`content` is an object; its lists are written with one entry a line."""
    lines = [f' "generatedBy": {json.dumps("scripts/statistics/" + os.path.basename(generator))}']
    for key, value in plain(content).items():
        if isinstance(value, list):
            body = ",\n  ".join(json.dumps(entry, separators=(",", ":")) for entry in value)
            lines.append(f" {json.dumps(key)}: [\n  {body}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}")
    path = FIXTURES / name
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
