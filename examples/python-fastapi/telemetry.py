"""What this service tells of its predictions: a span each, with the attributes that Leeway's sidecar reads.

Only the OpenTelemetry SDK is used. Where the telemetry goes is the SDK's own matter: OTEL_EXPORTER_OTLP_ENDPOINT names
a Collector or a sidecar, OTEL_SERVICE_NAME the service.
"""

import math
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

MODEL = "tumour"
VERSION = "1"


def start() -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def prediction(names, rows):
    """A span around the prediction for `rows`; call what it yields with the labels and their scores."""
    with trace.get_tracer("scoring").start_as_current_span(f"predict {MODEL}") as span:
        span.set_attribute("ml.operation.name", "predict")
        span.set_attribute("ml.model.name", MODEL)
        span.set_attribute("ml.model.version", VERSION)

        def record(labels, scores):
            if len(rows) == 1:
                span.set_attribute("ml.prediction.label", labels[0])
                span.set_attribute("ml.prediction.score", scores[0])
                record_row(span, names, rows[0])
            else:
                # A batch is one span: each attribute is the column of its values, in the order of the rows.
                span.set_attribute("ml.inference.batch.size", len(rows))
                span.set_attribute("ml.prediction.label", labels)
                span.set_attribute("ml.prediction.score", scores)
                for index, name in enumerate(names):
                    span.set_attribute(f"ml.features.{name}", [finite(row[index]) for row in rows])

        yield record


def record_row(span, names, row):
    missing = []
    for name, value in zip(names, row):
        if finite(value) is None:
            missing.append(name)
        else:
            span.set_attribute(f"ml.features.{name}", value)
    if missing:
        span.set_attribute("ml.capture.missing", missing)


def finite(value):
    """None for what is no number: NaN and infinities make the whole request invalid where it is sent as JSON."""
    return value if value is not None and math.isfinite(value) else None
