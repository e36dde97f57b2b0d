"""Writes the fixture of change detectors: streams, and where River and Frouros find that they change.

    python -m venv ~/.cache/leeway-statistics
    ~/.cache/leeway-statistics/bin/pip install -r scripts/statistics/requirements.txt
    ~/.cache/leeway-statistics/bin/python scripts/statistics/make-change-fixtures.py

Deterministic: numpy's legacy generator and CPython's random, seeded. The first four streams are those of River's own tests
and docstrings, so that its published indices can be compared.
"""
import random

import numpy as np
from frouros.detectors.concept_drift import CUSUM, CUSUMConfig
from river import drift

from fixture_file import write


def streams():
    legacy = np.random.RandomState(12345)
    yield "integers", np.concatenate((legacy.randint(2, size=1000), legacy.randint(8, size=1000)))
    legacy = np.random.RandomState(12345)
    rates = [[legacy.binomial(1, rate) for _ in range(1000)] for rate in (0.2, 0.8)]
    yield "error rate", np.concatenate(rates)
    legacy = np.random.RandomState(12345)
    yield "steps", np.concatenate([legacy.normal(mean, 0.1, 500) > 0 for mean in (0.0, 0.25, 0.0, 0.25)]).astype(int)
    generator = random.Random(12345)
    yield "docstring", np.array(generator.choices([0, 1], k=1000) + generator.choices(range(4, 8), k=1000))
    legacy = np.random.RandomState(7)
    yield "quiet", np.round(legacy.normal(3, 2, 3000), 6)
    yield "falling", np.round(np.concatenate((legacy.normal(1, 1, 1500), legacy.normal(0.5, 1, 1500))), 6)
    yield "spread", np.round(np.concatenate((legacy.normal(0, 1, 1500), legacy.normal(0, 3, 1500))), 6)
    yield "rare errors", np.concatenate((legacy.binomial(1, 0.02, 2000), legacy.binomial(1, 0.06, 2000)))


def detections(detector, stream):
    found = []
    for index, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            found.append(index)
    return found


def adwin(stream, delta):
    detector = drift.ADWIN(delta=delta)
    found = detections(detector, stream)
    return {"delta": delta, "found": found, "width": detector.width, "mean": detector.estimation}


def ddm(stream):
    detector = drift.binary.DDM()
    found, warned = [], 0
    for index, value in enumerate(stream):
        detector.update(value)
        warned += detector.warning_detected
        if detector.drift_detected:
            found.append(index)
    return {"found": found, "warningCount": warned}


def cusum(stream):
    """The first index at which Frouros' CUSUM, which compares with the mean so far, finds a rise."""
    detector = CUSUM(CUSUMConfig(delta=0.005, lambda_=50, min_num_instances=30))
    for index, value in enumerate(stream):
        detector.update(value=float(value))
        if detector.drift:
            return index
    return -1


if __name__ == "__main__":
    entries = []
    for name, values in streams():
        entry = {
            "name": name, "values": values,
            "adwin": [adwin(values, delta) for delta in (0.002, 0.2)],
            "pageHinkley": {mode: detections(drift.PageHinkley(mode=mode), values) for mode in ("up", "down", "both")},
            "cusumOfFrouros": cusum(values),
        }
        if set(np.unique(values)) <= {0, 1}:
            entry["ddm"] = ddm(values)
        entries.append(entry)
    write("change-streams.json", __file__, {"streams": entries})
