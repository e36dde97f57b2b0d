/**
 * agent-contrib.yaml: the sidecar gets values whole, the backend gets them masked; and what the backend could not take
 * waits on disk, across a restart of the Collector.
 */
import { join } from 'node:path';
import { startCollector } from './collector.ts';
import type { LogRecord, Span } from './otlp-messages.ts';
import { freePorts } from './processes.ts';
import type { Report } from './report.ts';
import { countItems, namesModel, partsOf, type Scenario } from './scenario.ts';
import { sendAll, type Wire, wireRequest } from './send.ts';
import { OtlpSink } from './sink.ts';

const WIRE: Wire = { encoding: 'protobuf', compression: 'gzip' };
const ARRIVE_MS = 30_000;
const MASK = '****';
/** Keys whose values only the sidecar may see. */
const SECRET = /^ml\.(features?|attributions|prediction\.scores)\./;

export async function checkContrib(report: Report, binary: string, folder: string, day: Scenario): Promise<void> {
  const sidecar = await OtlpSink.start();
  const [backendPort] = await freePorts(1);
  const env = {
    OTEL_BACKEND_ENDPOINT: `http://127.0.0.1:${backendPort}`,
    LEEWAY_ENDPOINT: sidecar.endpoint,
    QUEUE_FOLDER: join(folder, 'queue'),
  };
  const counts = countItems(day.items);
  try {
    const before = await startCollector(binary, { config: 'agent-contrib.yaml', env });
    const requests = day.items.map((item) => wireRequest(item, WIRE));
    await sendAll(before.endpoint, requests);
    await sidecar.waitFor(
      'the ML branch',
      () => sidecar.spans.length >= counts.modelSpans && sidecar.logs.length >= counts.modelLogs,
      ARRIVE_MS,
    );
    report.equal('contrib: ends cleanly with the backend down', await before.service.stop(), 0);
    await checkBackend(report, binary, env, backendPort, day);
    const sent = secretsOf(partsOf(day.items));
    const got = secretsOf({
      spans: sidecar.spans.map(({ span }) => span),
      logs: sidecar.logs.map(({ record }) => record),
    });
    report.check(
      'contrib: the sidecar has all values',
      got.length === sent.length && !got.includes(MASK),
      `${got.length}`,
    );
  } finally {
    await sidecar.stop();
  }
}

/** After a restart of both: everything arrives once, and no value of a feature with it. */
async function checkBackend(
  report: Report,
  binary: string,
  env: Readonly<Record<string, string>>,
  port: number,
  day: Scenario,
): Promise<void> {
  const counts = countItems(day.items);
  const backend = await OtlpSink.start(port);
  try {
    const after = await startCollector(binary, { config: 'agent-contrib.yaml', env });
    try {
      await backend.waitFor(
        'everything at the backend',
        () => backend.spans.length >= counts.spans && backend.logs.length >= counts.logs,
        ARRIVE_MS,
      );
    } finally {
      await after.service.stop();
    }
    const items = { spans: backend.spans.map(({ span }) => span), logs: backend.logs.map(({ record }) => record) };
    report.equal(
      'contrib: spans and log records that waited on disk',
      { spans: items.spans.length, logs: items.logs.length },
      { spans: counts.spans, logs: counts.logs },
    );
    const values = secretsOf(items);
    report.check(
      'contrib: values are masked at the backend',
      values.length > 0 && values.every((value) => value === MASK),
      `${values.length} values, ${new Set(values).size} different`,
    );
    report.equal('contrib: faults', backend.faults, []);
  } finally {
    await backend.stop();
  }
}

function secretsOf({ spans, logs }: { spans: readonly Span[]; logs: readonly LogRecord[] }): string[] {
  return [...spans, ...logs]
    .filter(namesModel)
    .flatMap(({ attributes = [] }) => attributes.filter(({ key }) => SECRET.test(key)))
    .map(({ value }) => value?.stringValue ?? JSON.stringify(value));
}
