"""Trains a small classifier on Fisher's irises and writes it as a server loads it, with what it answers itself."""

import json
import sys

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

server, folder = sys.argv[1], sys.argv[2]
iris = load_iris(as_frame=True)
features = iris.data.rename(columns=lambda name: name.replace(" (cm)", "").replace(" ", "_"))
rows = features.iloc[[0, 60, 120]]

if server == "mlserver":
    import joblib

    model = LogisticRegression(max_iter=1000).fit(features.to_numpy(), iris.target.to_numpy())
    joblib.dump(model, f"{folder}/model.joblib")
    values = rows.to_numpy()
    expected = {"labels": model.predict(values).tolist(), "scores": model.predict_proba(values).tolist()}
else:
    import mlflow.sklearn
    from mlflow.models import infer_signature

    names = iris.target.map(lambda index: iris.target_names[index])
    model = LogisticRegression(max_iter=1000).fit(features, names)
    mlflow.sklearn.save_model(
        model, f"{folder}/model", signature=infer_signature(features, names), pip_requirements=[]
    )
    expected = {"labels": model.predict(rows).tolist()}

columns = {name: rows[name].tolist() for name in rows.columns}
with open(f"{folder}/expected.json", "w") as file:
    json.dump({"columns": columns, "rows": rows.to_numpy().tolist(), **expected}, file)
