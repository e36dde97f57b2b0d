"""Writes the oracle fixture of performance metrics from scikit-learn.

    python -m venv ~/.cache/leeway-statistics
    ~/.cache/leeway-statistics/bin/pip install -r scripts/statistics/requirements.txt
    ~/.cache/leeway-statistics/bin/python scripts/statistics/make-performance-fixtures.py

Deterministic: numpy's legacy generator, seeded. The calibration error, which scikit-learn has not, is numpy's own here.
"""
import numpy as np
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

from fixture_file import write


def calibration_error(is_class, scores, edges, weights):
    bins = np.searchsorted(edges, scores, side="right")
    gaps = [abs(np.sum(weights[bins == b] * (is_class[bins == b] - scores[bins == b]))) for b in range(len(edges) + 1)]
    return sum(gaps) / weights.sum()


def score_edges(scores, bins=1000):
    return np.unique(np.quantile(scores, np.arange(1, bins) / bins))


def calibration_edges(edges):
    chosen = {float(edges[i]) for i in (np.floor(np.arange(1, 10) * (len(edges) + 1) / 10 + 0.5).astype(int) - 1)
              if 0 <= i < len(edges)}
    return sorted(chosen)


def classified(name, actual, predicted, scores, weights, reference_scores):
    """`scores`: n × 1 of the positive class, or n × classes. `reference_scores` give the edges, of the same shape."""
    count = max(2, scores.shape[1])
    labels = list(range(count))
    of = {"sample_weight": weights, "zero_division": 0}
    edges = [score_edges(column) for column in reference_scores.T]
    positives = [1] if scores.shape[1] == 1 else labels
    seen = [c for c in labels if 0 < np.sum(actual == c) < len(actual)]
    curves = [(actual == c).astype(int) for c in positives if c in seen or len(positives) == 1]
    columns = [scores[:, i] for i, c in enumerate(positives) if c in seen or len(positives) == 1]
    probabilities = np.column_stack((1 - scores[:, 0], scores[:, 0])) if scores.shape[1] == 1 else scores
    target = np.eye(count)[actual]
    squares = (scores[:, 0] - actual) ** 2 if scores.shape[1] == 1 else np.sum((scores - target) ** 2, axis=1)
    brier = (metrics.brier_score_loss(actual, scores[:, 0], sample_weight=weights) if scores.shape[1] == 1
             else metrics.brier_score_loss(actual, scores, labels=labels, sample_weight=weights))
    assert abs(brier - np.average(squares, weights=weights)) < 1e-12
    per_class = {key: f(actual, predicted, labels=labels, average=None, **of)
                 for key, f in (("precision", metrics.precision_score), ("recall", metrics.recall_score),
                                ("f1", metrics.f1_score))}
    expected = {
        "accuracy": metrics.accuracy_score(actual, predicted, sample_weight=weights),
        "macro": {key: f(actual, predicted, average="macro", **of)
                  for key, f in (("precision", metrics.precision_score), ("recall", metrics.recall_score),
                                 ("f1", metrics.f1_score))},
        "classes": [{key: values[c] for key, values in per_class.items()} for c in labels],
        "auroc": np.mean([metrics.roc_auc_score(t, s, sample_weight=weights) for t, s in zip(curves, columns)]),
        "average_precision": np.mean([metrics.average_precision_score(t, s, sample_weight=weights)
                                      for t, s in zip(curves, columns)]),
        "log_loss": metrics.log_loss(actual, probabilities, labels=labels, sample_weight=weights),
        "brier": brier,
        "ece": np.mean([calibration_error((actual == c).astype(float), scores[:, i], np.array(calibration_edges(edges[i])),
                                          weights) for i, c in enumerate(positives)]),
    }
    return {"name": name, "classCount": count, "actual": actual, "predicted": predicted, "scores": scores,
            "weights": weights, "scoreEdges": edges, "expected": expected}


def binary(name, seed, n, rate, decimals, weighted):
    legacy = np.random.RandomState(seed)

    def draw(size):
        actual = legacy.binomial(1, rate, size)
        logits = legacy.normal(0, 1, size) + 1.6 * (actual - rate) + np.log(rate / (1 - rate))
        return actual, np.round(1 / (1 + np.exp(-logits)), decimals)

    _, reference = draw(4000)
    actual, scores = draw(n)
    weights = np.round(legacy.uniform(0.5, 8, n), 3) if weighted else np.ones(n)
    return classified(name, actual, (scores >= 0.5).astype(int), scores[:, None], weights, reference[:, None])


def multiclass(name, seed, n, count, weighted, never):
    legacy = np.random.RandomState(seed)

    def draw(size):
        actual = legacy.randint(0, count - (1 if never else 0), size)
        logits = legacy.normal(0, 1, (size, count)) + 1.5 * np.eye(count)[actual]
        if never:
            logits[:, count - 1] -= 20
        exponents = np.exp(logits)
        return actual, exponents / exponents.sum(axis=1, keepdims=True)

    _, reference = draw(3000)
    actual, scores = draw(n)
    weights = np.round(legacy.uniform(0.5, 8, n), 3) if weighted else np.ones(n)
    return classified(name, actual, scores.argmax(axis=1), scores, weights, reference)


def regressed(name, seed, n, center, spread, weighted):
    legacy = np.random.RandomState(seed)
    truth = np.round(legacy.normal(center, spread, n), 6)
    prediction = np.round(truth + legacy.standard_t(3, n) * spread / 3 + spread / 10, 6)
    weights = np.round(legacy.uniform(0.5, 8, n), 3) if weighted else np.ones(n)
    of = {"sample_weight": weights}
    mse = metrics.mean_squared_error(truth, prediction, **of)
    expected = {
        "mae": metrics.mean_absolute_error(truth, prediction, **of), "mse": mse, "rmse": np.sqrt(mse),
        "mape": metrics.mean_absolute_percentage_error(truth, prediction, **of),
        "r2": metrics.r2_score(truth, prediction, **of), "bias": np.average(prediction - truth, weights=weights),
    }
    return {"name": name, "truth": truth, "prediction": prediction, "weights": weights, "center": center,
            "residualEdges": np.quantile(prediction - truth, np.arange(1, 50) / 50), "expected": expected}


def isotonic(name, seed, n, decimals, weighted):
    legacy = np.random.RandomState(seed)
    scores = np.round(legacy.uniform(0, 1, n), decimals)
    is_class = legacy.binomial(1, scores**2)
    weights = np.round(legacy.uniform(0.5, 8, n), 3) if weighted else np.ones(n)
    model = IsotonicRegression(out_of_bounds="clip").fit(scores, is_class, sample_weight=weights)
    at = np.round(np.linspace(-0.1, 1.1, 61), 3)
    return {"name": name, "scores": scores, "isClass": is_class, "weights": weights, "at": at, "expected": model.predict(at)}


if __name__ == "__main__":
    write("performance.json", __file__, {
        "classified": [
            binary("balanced", 1, 300, 0.5, 6, False),
            binary("rare, weighted", 2, 400, 0.08, 6, True),
            binary("ties", 3, 300, 0.4, 1, False),
            multiclass("three classes", 4, 250, 3, False, False),
            multiclass("five classes, weighted", 5, 200, 5, True, False),
            multiclass("a class that never comes", 6, 200, 4, False, True),
        ],
        "regressed": [
            regressed("near 0", 7, 200, 0, 1, False),
            regressed("far from 0", 8, 200, 1e9, 3, False),
            regressed("weighted", 9, 200, -40, 12, True),
        ],
        "isotonic": [isotonic("plain", 10, 200, 6, False), isotonic("ties, weighted", 11, 200, 2, True)],
    })
