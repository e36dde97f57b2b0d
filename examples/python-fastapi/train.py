"""Trains a classifier on the Wisconsin breast cancer data that scikit-learn ships, and writes three files:

model.joblib    the model, with the names of its features
training.csv    the rows it was trained on with what it predicts for them: `leeway profile` makes a reference of it
serving.jsonl   the rows it has not seen, one JSON object a line: requests for the service

Usage: python train.py FOLDER
"""

import csv
import json
import sys
from pathlib import Path

import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.impute import SimpleImputer

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

data = load_breast_cancer()
names = [str(name) for name in data.feature_names]
labels = [str(name) for name in data.target_names]
train_rows, serve_rows, train_truth, serve_truth = train_test_split(
    data.data, data.target, test_size=0.5, random_state=7, stratify=data.target
)

model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=1000))
# What a model says of rows that it was trained on is surer than what it says of new ones, so the reference holds
# predictions of models that had not seen the row.
scores = cross_val_predict(model, train_rows, train_truth, cv=5, method="predict_proba")
model.fit(train_rows, train_truth)
joblib.dump({"model": model, "names": names, "labels": labels}, folder / "model.joblib")

with open(folder / "training.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow([*names, "label", "score"])
    for row, chances in zip(train_rows, scores):
        best = chances.argmax()
        writer.writerow([*(float(value) for value in row), labels[best], float(chances[best])])

with open(folder / "serving.jsonl", "w") as file:
    for row in serve_rows:
        file.write(json.dumps(dict(zip(names, (float(value) for value in row)))) + "\n")

print(f"trained on {len(train_rows)} rows; accuracy on the others {model.score(serve_rows, serve_truth):.3f}")
