"""A scoring service: FastAPI, scikit-learn and the OpenTelemetry SDK.

Usage: MODEL_FILE=model.joblib uvicorn main:app
"""

import math
import os
from contextlib import asynccontextmanager

import joblib
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from opentelemetry import trace

import telemetry

loaded = joblib.load(os.environ.get("MODEL_FILE", "model.joblib"))
model, names, labels = loaded["model"], loaded["names"], loaded["labels"]


@asynccontextmanager
async def lifespan(_: FastAPI):
    provider = telemetry.start()
    yield
    # Sends what is still in the queue.
    provider.shutdown()


app = FastAPI(lifespan=lifespan)


class Row(BaseModel):
    features: dict[str, float | None]


class Rows(BaseModel):
    rows: list[dict[str, float | None]]


def values_of(features: dict[str, float | None]) -> list[float]:
    unknown = set(features) - set(names)
    if unknown:
        raise HTTPException(422, f"unknown features: {', '.join(sorted(unknown))}")
    return [math.nan if features.get(name) is None else features[name] for name in names]


def score(rows: list[list[float]]) -> tuple[list[str], list[float], str]:
    with telemetry.prediction(names, rows) as record:
        chances = model.predict_proba(rows)
        best = chances.argmax(axis=1)
        found = [labels[index] for index in best]
        scores = [float(row[index]) for row, index in zip(chances, best)]
        record(found, scores)
        # The key that joins the truth to this prediction when it is known: the span id, unless another one is given.
        inference_id = trace.format_span_id(trace.get_current_span().get_span_context().span_id)
    return found, scores, inference_id


@app.get("/health")
def health():
    return {"ok": True}


@app.post("/predict")
def predict(row: Row):
    found, scores, inference_id = score([values_of(row.features)])
    return {"label": found[0], "score": scores[0], "inference_id": inference_id}


@app.post("/predict/batch")
def predict_batch(request: Rows):
    if not request.rows:
        return {"labels": [], "scores": []}
    found, scores, inference_id = score([values_of(row) for row in request.rows])
    return {"labels": found, "scores": scores, "inference_id": inference_id}
