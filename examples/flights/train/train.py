"""Trains the demo's model: the probability that a flight arrives more than 15 minutes late.

    python -m venv ~/.cache/leeway/train && ~/.cache/leeway/train/bin/pip install -r requirements.txt
    ~/.cache/leeway/train/bin/python train.py

Trained on January 2001, evaluated on the five months after it. Origin and destination are strings all the way: their
encoding (smoothed share of late flights in January) is part of the ONNX graph, so the service passes what it is sent.
Writes ../service/model/late-flights.onnx, model-card.json and fixtures/predictions.json (1,000 rows for the test).
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xgboost
from onnx import TensorProto, helper
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

HERE = pathlib.Path(__file__).parent
DATA = HERE / "../../../node_modules/vega-datasets/data/flights-3m.parquet"
MODEL = HERE / "../service/model/late-flights.onnx"
FEATURES = ["hour", "day_of_week", "distance", "origin", "destination"]
LATE_MINUTES = 15
# Delays below this are values that wrapped around; such rows are left out of training and evaluation.
DELAY_MIN = -120
SMOOTHING_ROWS = 200
TRAIN_END = np.datetime64("2001-02-01")


def load():
    table = pq.read_table(DATA)
    # Cancelled flights have no delay in the source; what is there is kept but for wrapped values.
    table = table.filter(pc.greater_equal(table["delay"], DELAY_MIN))
    date = table["date"].to_numpy().astype("datetime64[m]")
    day = date.astype("datetime64[D]")
    return {
        "date": date,
        "hour": (date - day).astype(int) // 60,
        # Monday is 1. 1970-01-01 was a Thursday.
        "day_of_week": (day.astype(int) + 3) % 7 + 1,
        "distance": table["distance"].to_numpy(),
        "origin": table["origin"].to_numpy(zero_copy_only=False),
        "destination": table["destination"].to_numpy(zero_copy_only=False),
        "late": (table["delay"].to_numpy() > LATE_MINUTES).astype(int),
    }


def rates(airports, late):
    """Share of late flights by airport, smoothed towards the share of all."""
    overall = late.mean()
    names, index = np.unique(airports.astype(str), return_inverse=True)
    count = np.bincount(index)
    hits = np.bincount(index, weights=late)
    return names.tolist(), ((hits + SMOOTHING_ROWS * overall) / (count + SMOOTHING_ROWS)).tolist(), float(overall)


def encode(data, encoders):
    columns = [data["hour"], data["day_of_week"], data["distance"]]
    for name in ("origin", "destination"):
        names, values, overall = encoders[name]
        known = dict(zip(names, values))
        columns.append(np.array([known.get(airport, overall) for airport in data[name]]))
    return np.column_stack(columns).astype(np.float32)


def to_onnx(booster, encoders):
    """One input a feature, airports as strings, the trees of the converted booster behind their encoders."""
    converted = convert_xgboost(booster, initial_types=[("x", FloatTensorType([None, len(FEATURES)]))])
    trees = next(node for node in converted.graph.node if node.op_type == "TreeEnsembleClassifier")
    for attribute in list(trees.attribute):
        if attribute.name == "classlabels_int64s":
            trees.attribute.remove(attribute)
    trees.attribute.append(helper.make_attribute("classlabels_strings", ["on_time", "late"]))
    trees.input[:] = ["x"]
    trees.output[:] = ["label", "probabilities"]
    nodes = []
    for name in ("origin", "destination"):
        names, values, overall = encoders[name]
        nodes.append(
            helper.make_node(
                "LabelEncoder", [name], [f"{name}_rate"], domain="ai.onnx.ml",
                keys_strings=names, values_floats=values, default_float=overall,
            )
        )
    numbers = ["hour", "day_of_week", "distance", "origin_rate", "destination_rate"]
    nodes.append(helper.make_node("Concat", numbers, ["x"], axis=1))
    kinds = {"origin": TensorProto.STRING, "destination": TensorProto.STRING}
    inputs = [helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), ["n", 1]) for name in FEATURES]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.STRING, ["n"]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2]),
    ]
    graph = helper.make_graph([*nodes, trees], "late-flights", inputs, outputs)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(
        graph, opset_imports=opsets, ir_version=9, producer_name="leeway-example", producer_version="1",
        model_version=1, doc_string="Probability that a flight arrives more than 15 minutes late.",
    )
    helper.set_model_props(model, {"model_name": "late-flights", "model_version": "1", "classes": "on_time,late"})
    onnx.checker.check_model(model)
    return model


def run(session, data, rows):
    feed = {name: data[name][rows].astype(np.float32).reshape(-1, 1) for name in FEATURES[:3]}
    feed |= {name: data[name][rows].astype(str).astype(object).reshape(-1, 1) for name in FEATURES[3:]}
    label, probabilities = session.run(["label", "probabilities"], feed)
    return label, probabilities[:, 1]


def quality(late, score):
    return {
        "rows": int(len(late)),
        "late_share": round(float(late.mean()), 5),
        "auroc": round(float(roc_auc_score(late, score)), 5),
        "average_precision": round(float(average_precision_score(late, score)), 5),
        "log_loss": round(float(log_loss(late, score)), 5),
        "brier": round(float(brier_score_loss(late, score)), 5),
    }


def main():
    data = load()
    is_train = data["date"] < TRAIN_END
    train = {name: values[is_train] for name, values in data.items()}
    encoders = {name: rates(train[name], train["late"]) for name in ("origin", "destination")}
    booster = xgboost.XGBClassifier(
        n_estimators=120, max_depth=6, learning_rate=0.1, min_child_weight=50, subsample=0.8, random_state=1, n_jobs=2,
    )
    booster.fit(encode(train, encoders), train["late"])
    model = to_onnx(booster, encoders)
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    MODEL.write_bytes(model.SerializeToString())

    session = onnxruntime.InferenceSession(str(MODEL))
    months = data["date"].astype("datetime64[M]")
    card = {
        "model": "late-flights",
        "version": "1",
        "predicts": f"arrival more than {LATE_MINUTES} minutes late",
        "data": "flights-3m.parquet of vega-datasets: US Department of Transportation on-time performance, 2001",
        "algorithm": f"xgboost {xgboost.__version__}, {booster.n_estimators} trees of depth {booster.max_depth}, python {sys.version.split()[0]}",
        "features": FEATURES,
        "train": {"from": "2001-01-01", "to": "2001-01-31", **quality(train["late"], run(session, data, is_train)[1])},
        "evaluation": {},
    }
    for month in np.unique(months):
        if month >= TRAIN_END.astype("datetime64[M]") and month < np.datetime64("2001-07"):
            rows = months == month
            card["evaluation"][str(month)] = quality(data["late"][rows], run(session, data, rows)[1])
    later = (~is_train) & (months < np.datetime64("2001-07"))
    card["evaluation"]["all"] = quality(data["late"][later], run(session, data, later)[1])
    (MODEL.parent / "model-card.json").write_text(json.dumps(card, indent=2) + "\n")

    picked = np.random.RandomState(1).choice(np.flatnonzero(~is_train), 1000, replace=False)
    label, score = run(session, data, picked)
    rows = [
        [*(int(data[name][i]) for name in FEATURES[:3]), *(str(data[name][i]) for name in FEATURES[3:]), str(label[j]), float(score[j])]
        for j, i in enumerate(picked)
    ]
    fixtures = HERE / "fixtures"
    fixtures.mkdir(exist_ok=True)
    (fixtures / "predictions.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    print(json.dumps(card, indent=2))
    print(f"{MODEL.stat().st_size} bytes")


if __name__ == "__main__":
    main()
