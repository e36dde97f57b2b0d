"""Writes the fixture of peers' own numbers: Evidently, NannyML and Frouros, run on the same raw values.

    python -m venv ~/.cache/leeway-statistics
    ~/.cache/leeway-statistics/bin/pip install -r scripts/statistics/requirements.txt
    ~/.cache/leeway-statistics/bin/python scripts/statistics/make-peer-fixtures.py

Deterministic: numpy's legacy generator, seeded, and the flights data.
"""
import pathlib
import warnings

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
from evidently.legacy.calculations.stattests import (
    chi_stat_test, energy_dist_test, hellinger_stat_test, jensenshannon_stat_test, kl_div_stat_test, ks_stat_test,
    psi_stat_test, wasserstein_stat_test,
)
from evidently.legacy.core import ColumnType
from frouros.detectors.data_drift import EMD, PSI, EnergyDistance, HellingerDistance
from nannyml.chunk import CountBasedChunker
from nannyml.drift.univariate.methods import FeatureType, MethodFactory
from nannyml.thresholds import ConstantThreshold

from fixture_file import write

warnings.filterwarnings("ignore")

FLIGHTS = pathlib.Path(__file__).resolve().parents[2] / "node_modules/vega-datasets/data/flights-3m.parquet"
HUBS = ["ATL", "ORD", "DFW", "LAX", "PHX", "STL", "DEN", "DTW", "LAS", "MSP"]


def columns():
    legacy = np.random.RandomState(3)
    yield "normal", "num", np.round(legacy.normal(0, 1, 300), 9), np.round(legacy.normal(0.4, 1.3, 200), 9)
    yield "lognormal", "num", np.round(legacy.lognormal(0, 0.8, 250), 9), np.round(legacy.lognormal(0.2, 0.8, 250), 9)
    yield "integers", "num", legacy.poisson(40, 300), legacy.poisson(44, 150)
    yield "few values", "num", legacy.randint(0, 12, 200), legacy.randint(2, 14, 120)
    letters = np.array(list("abcdefgh"))
    yield "categories", "cat", legacy.choice(letters[:6], 300), legacy.choice(letters, 180)
    yield from flights()
    yield "binary", "cat", legacy.choice(letters[:2], 200, p=[0.3, 0.7]), legacy.choice(letters[:2], 90, p=[0.5, 0.5])


def flights():
    """Real rows: a day of January 2001 against one of June, every so many of its flights."""
    table = parquet.read_table(FLIGHTS).to_pandas()
    day = table["date"].dt.strftime("%m-%d")
    january, june = table[day == "01-16"].iloc[::50], table[day == "06-14"].iloc[::80]
    for name in ("distance", "delay"):
        yield f"flights, {name}", "num", january[name].to_numpy(), june[name].to_numpy()
    hours = [rows["date"].dt.hour.to_numpy() for rows in (january, june)]
    yield "flights, hour", "num", hours[0], hours[1]
    origins = [rows["origin"].where(rows["origin"].isin(HUBS), "other").to_numpy(dtype=str) for rows in (january, june)]
    yield "flights, origin", "cat", origins[0], origins[1]


def evidently(kind, reference, current):
    tests = {"psi": psi_stat_test, "jensenShannon": jensenshannon_stat_test, "kullbackLeibler": kl_div_stat_test,
             "hellinger": hellinger_stat_test}
    if kind == "num":
        tests |= {"wasserstein": wasserstein_stat_test, "kolmogorovSmirnovP": ks_stat_test, "energy": energy_dist_test}
    else:
        tests |= {"chiSquareP": chi_stat_test}
    column = ColumnType.Numerical if kind == "num" else ColumnType.Categorical
    return {name: test.func(pd.Series(reference), pd.Series(current), column, 0.1)[0] for name, test in tests.items()}


def nannyml(kind, reference, current):
    feature = FeatureType.CONTINUOUS if kind == "num" else FeatureType.CATEGORICAL
    keys = {"jensenShannon": "jensen_shannon", "hellinger": "hellinger"}
    keys |= ({"wasserstein": "wasserstein", "kolmogorovSmirnov": "kolmogorov_smirnov"} if kind == "num"
             else {"chiSquare": "chi2", "lInfinity": "l_infinity"})
    values = {}
    for name, key in keys.items():
        method = MethodFactory.create(key, feature, chunker=CountBasedChunker(chunk_number=1), threshold=ConstantThreshold(0, 1))
        values[name] = method.fit(pd.Series(reference, name="x")).calculate(pd.Series(current, name="x"))
    return values


def frouros():
    np.random.seed(seed=31)
    x = np.random.normal(loc=0, scale=1, size=100)
    y = np.random.normal(loc=1, scale=1, size=100)
    scores = {"reference": x, "current": y}
    for name, detector in {"psi": PSI(num_bins=20), "hellinger": HellingerDistance(num_bins=20), "emd": EMD(),
                           "energy": EnergyDistance()}.items():
        detector.fit(X=x)
        scores[name] = detector.compare(X=y)[0].distance
    return scores


def large_nannyml():
    """References of 10,000 rows and more are kept as 10,000 equal bins. Values are whole eighths, the reference counted."""
    legacy = np.random.RandomState(5)
    reference = legacy.randint(0, 2000, 12_000)
    current = legacy.randint(-200, 2300, 400)
    scores = nannyml("num", reference / 8, current / 8)
    return {"referenceCounts": np.bincount(reference, minlength=2000), "current": current, "divisor": 8,
            "wasserstein": scores["wasserstein"], "kolmogorovSmirnov": scores["kolmogorovSmirnov"]}


if __name__ == "__main__":
    entries = []
    for name, kind, reference, current in columns():
        entries.append({
            "name": name, "kind": kind, "integer": bool(np.issubdtype(reference.dtype, np.integer)),
            "reference": reference, "current": current,
            "evidently": evidently(kind, reference, current), "nannyml": nannyml(kind, reference, current),
        })
    write("peers.json", __file__, {"columns": entries, "frouros": frouros(), "nannymlLarge": large_nannyml()})
