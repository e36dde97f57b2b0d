"""Writes the oracle fixtures of packages/engine from numpy, scipy and the flights data.

    python -m venv ~/.cache/leeway-statistics
    ~/.cache/leeway-statistics/bin/pip install -r scripts/statistics/requirements.txt
    ~/.cache/leeway-statistics/bin/python scripts/statistics/make-fixtures.py

Deterministic: numpy's legacy generator and CPython's random, both seeded. Takes about half a minute.
"""
import pathlib
import random
import warnings

import numpy as np
import pyarrow.parquet as parquet
from scipy import special, stats
from scipy.spatial import distance

from fixture_file import write

# anderson_ksamp says when its p-value is capped at .25 or .001.
warnings.filterwarnings("ignore", message="p-value (capped|floored)")

ROOT = pathlib.Path(__file__).resolve().parents[2]


# --- special functions -------------------------------------------------------------------------------------------

def special_functions():
    grid = [0.5, 1, 3, 9.5, 50, 1000, 20_000]
    alphas = [0.9, 0.5, 0.05, 1e-3, 1e-4, 5.787037037037037e-6, 1e-7, 1e-9]
    noncentral = [
        [alpha, k, nc, stats.ncx2.isf(alpha, k, nc)]
        for k in (1, 2, 5, 9, 19, 24, 109)
        for nc in (0.001, 0.5, 5, 20, 100, 500, 4000, 6000, 50_000, 1_000_000)
        for alpha in alphas
    ]
    tails = []
    for k in (1, 4, 9, 19):
        for nc in (0.5, 20, 300, 4000):
            for z in (-4, -1, 0, 2, 5, 7):
                x = nc + k + z * np.sqrt(2 * (k + 2 * nc))
                if x > 0:
                    tails.append([x, k, nc, stats.ncx2.sf(x, k, nc), stats.ncx2.cdf(x, k, nc)])
    write("special-functions.json", __file__, {
        "logGamma": [[x, special.gammaln(x)] for x in (1e-6, 0.1, 0.5, 1.5, 2.5, 7, 10, 33.3, 1e3, 1e6, 1e12)],
        "incompleteGamma": [
            [a, a * f, special.gammainc(a, a * f), special.gammaincc(a, a * f)]
            for a in grid for f in (0.05, 0.5, 0.9, 1, 1.1, 2, 4)
        ],
        "incompleteBeta": [
            [x, a, b, special.betainc(a, b, x)]
            for a in (0.5, 2, 30, 1000) for b in (0.5, 3, 200) for x in (0.01, 0.2, 0.5, 0.9, a / (a + b))
        ],
        "binomialSurvival": [
            [c, n, p, stats.binom.sf(c - 1, n, p)]
            for n in (10, 200, 5000, 100_000) for p in (0.001, 0.03, 0.4)
            for c in sorted({int(n * p), int(n * p + 3 * np.sqrt(n * p) + 1), int(min(n, n * p + 6 * np.sqrt(n * p) + 2))})
        ],
        "kolmogorov": [[t, special.kolmogorov(t)] for t in (0.05, 0.2, 0.5, 0.8, 0.82, 0.9, 1, 1.36, 2, 3.5, 6)],
        "kolmogorovOneSample": [
            [t / np.sqrt(n), n, stats.kstwo.sf(t / np.sqrt(n), n)]
            for n in (1, 2, 5, 40, 140, 141, 1000, 50_000) for t in (0.4, 0.7, 1, 1.3, 1.5, 2, 4) if t < np.sqrt(n)
        ],
        "normalQuantile": [[p, stats.norm.ppf(p)] for p in (1e-300, 1e-20, 1e-9, 1e-4, 0.03, 0.3, 0.6, 0.975, 0.9999)],
        "normalSurvival": [[z, stats.norm.sf(z)] for z in (-3, 0, 0.3, 1, 2.5, 6, 12, 30)],
        "chiSquareQuantile": [[a, k, stats.chi2.isf(a, k)] for k in (1, 2, 9, 24, 109, 5000) for a in alphas],
        "noncentralQuantile": noncentral,
        "noncentralTails": tails,
    })


# --- distances on counts -----------------------------------------------------------------------------------------

def shares(counts, pseudocount=0.0):
    counts = np.asarray(counts, float) + pseudocount
    return counts / counts.sum()


def psi(reference, current, pseudocount):
    p, q = shares(reference, pseudocount), shares(current, pseudocount)
    return np.sum((q - p) * np.log(q / p))


def cramers_v(reference, current):
    """Bergsma (2013), from scipy's contingency statistic."""
    table = np.array([reference, current], float)
    n = table.sum()
    phi2 = stats.chi2_contingency(table, correction=False)[0] / n
    r, k = table.shape
    phi2 = max(0.0, phi2 - (k - 1) * (r - 1) / (n - 1))
    k, r = k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)
    return np.sqrt(phi2 / min(k - 1, r - 1))


def count_tables(rng):
    for index in range(60):
        cells = int(rng.choice([2, 3, 5, 10, 12, 22, 40]))
        p = rng.dirichlet(np.full(cells, 2.0))
        q = rng.dirichlet(np.full(cells, 2.0)) if index % 3 == 0 else shares(p * np.exp(0.2 * rng.normal(size=cells)))
        reference = rng.multinomial(int(rng.choice([300, 5000, 200_000])), p)
        current = rng.multinomial(int(rng.choice([200, 1000, 50_000])), q)
        weight = 1.0 if index % 2 else rng.uniform(0.3, 3)
        yield reference + 1, np.round((current + 1) * weight, 6)


def comparisons():
    entries = []
    for reference, current in count_tables(np.random.RandomState(20)):
        p, q = shares(reference), shares(current)
        table = np.array([reference, current], float)
        chi2, p_value, dof, expected = stats.chi2_contingency(table, correction=False)
        cdf = np.max(np.abs(np.cumsum(p) - np.cumsum(q)))
        effective = 1 / (1 / reference.sum() + 1 / current.sum())
        entries.append({
            "reference": reference, "current": current,
            "psi": psi(reference, current, 0.5), "psiPlain": psi(reference, current, 0), "psiOne": psi(reference, current, 1),
            "jensenShannon": distance.jensenshannon(reference, current, base=2),
            "totalVariation": 0.5 * np.abs(p - q).sum(),
            "hellinger": np.sqrt(0.5 * np.sum((np.sqrt(p) - np.sqrt(q)) ** 2)),
            "kullbackLeibler": stats.entropy(reference, current),
            "chebyshev": np.abs(p - q).max(),
            "kolmogorovSmirnov": cdf, "kolmogorovSmirnovP": stats.kstwobign.sf(np.sqrt(effective) * cdf),
            "chiSquare": chi2, "chiSquareP": p_value, "degreesOfFreedom": dof, "expectedMin": expected.min(),
            "cramersV": cramers_v(reference, current),
        })
    write("comparisons.json", __file__, {"tables": entries})


# --- raw values ----------------------------------------------------------------------------------------------------

def azure_edges(x, y):
    """Azure's shared_utilities/histogram_utils.py, restated: its own code needs Spark."""
    bins = int(np.ceil(np.log2(min(len(x), len(y))) + 1))
    low, high = min(x.min(), y.min()), max(x.max(), y.max())
    return np.array([low + i * ((high - low) / bins) for i in range(bins + 1)])


def samples():
    legacy = np.random.RandomState(7)
    cpython = random.Random(11)
    yield "normal", legacy.normal(0, 1, 120), legacy.normal(0.3, 1.2, 90)
    yield "same", legacy.normal(5, 2, 150), legacy.normal(5, 2, 150)
    yield "lognormal", legacy.lognormal(0, 1, 80), legacy.lognormal(0.4, 1, 200)
    yield "tied", legacy.poisson(8, 100).astype(float), legacy.poisson(10, 100).astype(float)
    yield "apart", legacy.uniform(0, 1, 12), legacy.uniform(2, 3, 9)
    yield "cpython", np.array([cpython.gauss(0, 1) for _ in range(60)]), np.array([cpython.gauss(1, 1) for _ in range(70)])


def raw_values():
    entries = []
    for name, x, y in samples():
        x, y = np.round(x, 9), np.round(y, 9)
        edges = azure_edges(x, y)
        a, b = np.histogram(x, edges)[0], np.histogram(y, edges)[0]
        ks = stats.ks_2samp(x, y, method="exact")
        cramer = stats.cramervonmises_2samp(x, y, method="asymptotic")
        anderson = stats.anderson_ksamp([x, y])
        epps = stats.epps_singleton_2samp(x, y)
        entries.append({
            "name": name, "reference": x, "current": y,
            "ks": ks.statistic, "ksExactP": ks.pvalue,
            "ksAsymptoticP": stats.ks_2samp(x, y, method="asymp").pvalue,
            "wasserstein": stats.wasserstein_distance(x, y), "energy": stats.energy_distance(x, y),
            "cramer": cramer.statistic, "cramerP": cramer.pvalue,
            "anderson": anderson.statistic, "andersonP": anderson.pvalue,
            "epps": epps.statistic, "eppsP": epps.pvalue,
            "sturges": np.histogram_bin_edges(x, "sturges"), "doane": np.histogram_bin_edges(x, "doane"),
            "azurePsi": psi(a, b, 1), "azureJensenShannon": distance.jensenshannon(a, b, base=2),
            "azureWasserstein": stats.wasserstein_distance(x, y) / max(x.std(ddof=1), 0.001),
        })
    write("raw-values.json", __file__, {"columns": entries})


# --- real columns --------------------------------------------------------------------------------------------------

TAILS = [0.0005, 0.001, 0.002, 0.005]
SHARES = TAILS + [i / 100 for i in range(1, 100)] + [1 - share for share in reversed(TAILS)]


def reference_edges(values):
    """Edges of a reference profile: the values at ranks ⌊p n⌋; one that stands at several ranks gets a bin of its own."""
    ordered = np.sort(values)
    n = len(ordered)
    ranks = sorted({0, n - 1, *(min(n - 1, int(np.floor(share * n))) for share in SHARES)})
    edges = []
    for value in ordered[ranks]:
        if edges and value == edges[-1]:
            edges.append(np.nextafter(value, np.inf))
        elif not edges or value > edges[-1]:
            edges.append(value)
    at = lambda share: ordered[min(n - 1, int(np.floor(share * n)))]
    return np.array(edges), at(0.001), at(0.999)


def state(edges, values):
    bins = np.searchsorted(edges, values, side="right")
    size = len(edges) + 1
    return np.bincount(bins, minlength=size), np.bincount(bins, weights=values, minlength=size)


def flights_columns():
    table = parquet.read_table(ROOT / "node_modules/vega-datasets/data/flights-3m.parquet")
    date = table["date"].to_numpy()
    month, day = date.astype("datetime64[M]"), date.astype("datetime64[D]")
    columns = {
        "delay": table["delay"].to_numpy().astype(float),
        "distance": table["distance"].to_numpy().astype(float),
        "minute": (date - day).astype("timedelta64[m]").astype(float),
    }
    months = [np.datetime64(f"2001-0{m}") for m in range(2, 7)]
    days = [np.datetime64(d) for d in ("2001-02-03", "2001-02-14", "2001-03-05", "2001-03-25", "2001-04-07", "2001-04-19",
                                       "2001-05-01", "2001-05-27", "2001-06-09", "2001-06-14", "2001-06-30")]
    january = month == np.datetime64("2001-01")
    entries = []
    for name, values in columns.items():
        reference = values[january]
        edges, lower, upper = reference_edges(reference)
        scale = reference.std(ddof=1)
        counts, sums = state(edges, reference)
        windows = []
        for label, rows in [(m, month == m) for m in months] + [(d, day == d) for d in days]:
            current = values[rows]
            exact = stats.wasserstein_distance(np.clip(reference, lower, upper), np.clip(current, lower, upper)) / scale
            cell_counts, cell_sums = state(edges, current)
            windows.append({
                "window": str(label), "counts": cell_counts, "sums": cell_sums,
                "kolmogorovSmirnov": stats.ks_2samp(reference, current, method="asymp").statistic, "wasserstein": exact,
            })
        entries.append({"column": name, "edges": edges, "lower": lower, "upper": upper, "scale": scale,
                        "counts": counts, "sums": sums, "windows": windows})
    write("flights-columns.json", __file__, {"columns": entries})


if __name__ == "__main__":
    special_functions()
    comparisons()
    raw_values()
    flights_columns()
