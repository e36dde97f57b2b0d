/** The agent's configuration by itself: who gets what, with a sink in the sidecar's place, and with nobody there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startCollector } from './collector.ts';
import type { LogRecord, Span } from './otlp-messages.ts';
import { freePorts } from './processes.ts';
import type { Report } from './report.ts';
import { countItems, namesModel, type OtlpItem, partsOf, type Scenario } from './scenario.ts';
import { sendAll, type Wire, wireRequest } from './send.ts';
import { OtlpSink } from './sink.ts';

const WIRE: Wire = { encoding: 'protobuf', compression: 'gzip' };
const ARRIVE_MS = 20_000;
/** Long enough for a batch that should not be sent to be sent (flush_timeout is 200 ms). */
const SETTLE_MS = 1_000;

/** The sidecar gets exactly what names a model, unchanged; the backend gets everything; nothing goes round. */
export async function checkBranch(report: Report, binary: string, day: Scenario): Promise<void> {
  const [backend, sidecar] = [await OtlpSink.start(), await OtlpSink.start()];
  const env = { OTEL_BACKEND_ENDPOINT: backend.endpoint, LEEWAY_ENDPOINT: sidecar.endpoint };
  const collector = await startCollector(binary, { config: 'agent.yaml', env });
  try {
    const counts = countItems(day.items);
    await sendAll(collector.endpoint, wires(day.items));
    await backend.waitFor(
      'everything at the backend',
      () => backend.spans.length >= counts.spans && backend.logs.length >= counts.logs,
      ARRIVE_MS,
    );
    await sidecar.waitFor(
      'the ML branch',
      () => sidecar.spans.length >= counts.modelSpans && sidecar.logs.length >= counts.modelLogs,
      ARRIVE_MS,
    );
    await sendAll(collector.returnEndpoint, wires(day.items.slice(0, 1)));
    const back = countItems(day.items.slice(0, 1));
    await backend.waitFor('the return path', () => backend.spans.length >= counts.spans + back.spans, ARRIVE_MS);
    await sleep(SETTLE_MS);
    report.equal('branch: spans at the backend', backend.spans.length, counts.spans + back.spans);
    report.equal('branch: log records at the backend', backend.logs.length, counts.logs);
    report.equal('branch: metrics at the backend', backend.series('ml.inference.active').length, 1);
    report.equal('branch: no metrics at the sidecar', sidecar.series().length, 0);
    const arrived = [...sidecar.spans.map(({ span }) => span), ...sidecar.logs.map(({ record }) => record)];
    const sent = partsOf(day.items);
    const expected = fingerprints([...sent.spans, ...sent.logs].filter(namesModel));
    report.equal('branch: items at the sidecar', arrived.length, expected.length);
    const got = fingerprints(arrived);
    const different = got.findIndex((text, i) => text !== expected[i]);
    report.check(
      'branch: each as it was sent',
      different < 0,
      different < 0 ? '' : `${got[different]} is not ${expected[different]}`,
    );
    report.equal('branch: sent to the sidecar as', [...sidecar.requestCounts.keys()], ['protobuf zstd']);
    report.equal('branch: faults', [...backend.faults, ...sidecar.faults], []);
  } finally {
    await collector.service.stop();
    await Promise.all([backend.stop(), sidecar.stop()]);
  }
}

/** A sidecar that is down: every request is still answered 200, and the backend gets everything once. */
export async function checkAbsentSidecar(report: Report, binary: string, day: Scenario): Promise<void> {
  const backend = await OtlpSink.start();
  const [closed] = await freePorts(1);
  const env = { OTEL_BACKEND_ENDPOINT: backend.endpoint, LEEWAY_ENDPOINT: `http://127.0.0.1:${closed}` };
  const collector = await startCollector(binary, { config: 'agent.yaml', env });
  try {
    const counts = countItems(day.items);
    await sendAll(collector.endpoint, wires(day.items));
    await backend.waitFor(
      'everything at the backend',
      () => backend.spans.length >= counts.spans && backend.logs.length >= counts.logs,
      ARRIVE_MS,
    );
    await sleep(SETTLE_MS);
    report.equal('absent sidecar: spans at the backend', backend.spans.length, counts.spans);
    report.equal('absent sidecar: log records at the backend', backend.logs.length, counts.logs);
  } finally {
    await collector.service.stop();
    await backend.stop();
  }
}

const wires = (items: readonly OtlpItem[]) => items.map((item) => wireRequest(item, WIRE));

/** Every item in one spelling, in one order, so that two sets of them can be compared. */
function fingerprints(items: readonly (Span | LogRecord)[]): string[] {
  return items
    .map((item) => {
      const { attributes, ...rest } = item;
      const fields = Object.entries(rest).filter(
        ([, value]) => value !== 0 && value !== '' && JSON.stringify(value) !== '{}',
      );
      return JSON.stringify([...fields.sort(([a], [b]) => (a < b ? -1 : 1)), attributes]);
    })
    .sort();
}
