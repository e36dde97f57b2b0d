/** A drift from raised to cleared, told over real HTTP: as OTLP log records, and to a webhook that is flaky. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { one, post, referenceOf, rowsOf, scrape, spansOf, stopBalanced, writeFiles } from '../../test/scoring.ts';
import { startSidecar } from '../main.ts';
import { signatureOf } from './webhook.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const reference = referenceOf(rowsOf(20_000, 1));
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Got {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Answers with these statuses, one after the other; the last one stays. */
async function receiver(...statuses: readonly number[]) {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    got.push({ path: request.url ?? '', headers: request.headers, body });
    const status = statuses[Math.min(got.length, statuses.length) - 1];
    response.writeHead(status, { location: '/elsewhere', 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => void server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function start(webhooks: readonly object[], env: Readonly<Record<string, string>> = {}) {
  const settings = {
    window: { length: '3m', pane: '1m', lateness: '10s', skew: '1h' },
    alarms: { webhooks, runbooks: 'https://runbooks.example' },
    workers: 0,
  };
  const files = writeFiles(reference, settings);
  writeFileSync(join(files.folder, 'secret'), 'correct horse\n');
  const clock = { nowMs: START_MS };
  const sidecar = await startSidecar({ configFile: files.config, env, now: () => clock.nowMs });
  cleanups.push(async () => {
    await stopBalanced(sidecar);
    rmSync(files.folder, { recursive: true, force: true });
  });
  let seed = 10;
  /** Traffic of some minutes, one after the other, each looked at as the timer would. */
  const minutes = async (count: number, shift: number) => {
    for (let i = 0; i < count; i++) {
      await post(sidecar.otlpUrl, spansOf(rowsOf(400, seed++, shift), clock.nowMs));
      clock.nowMs += MINUTE_MS;
      await sidecar.pipeline.tick();
      // The timer looks at what the tick made of it.
      await sleep(300);
    }
  };
  return { sidecar, clock, minutes, files };
}

const until = async (holds: () => boolean) => {
  for (let i = 0; i < 200 && !holds(); i++) await sleep(25);
  expect(holds()).toBe(true);
};
const events = (got: readonly Got[]) => got.map(({ body }) => JSON.parse(body));

test('raised once with all that a person needs, cleared once after calm: over OTLP and to a webhook that was down', async () => {
  const hook = await receiver(503, 200);
  const backend = await receiver(200);
  const { sidecar, minutes } = await start([{ url: `${hook.url}/alarms`, secret_file: 'secret' }], {
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${backend.url}/v1/logs`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BLRP_SCHEDULE_DELAY: '100',
  });
  await minutes(5, 0);
  expect(hook.got).toEqual([]);
  await minutes(4, 150);
  await until(() => hook.got.length >= 2);
  const [first, second] = hook.got;
  expect(second.body).toBe(first.body);
  expect(second.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'x-leeway-signature': signatureOf(second.body, 'correct horse'),
  });
  const raised = JSON.parse(second.body);
  expect(raised).toMatchObject({
    specversion: '1.0',
    type: 'dev.leeway.alarm.raised.v1',
    subject: 'risk/data_drift',
    data: {
      transition: 'raised',
      signal: 'data_drift',
      model: { environment: 'test', model: 'risk', version: '1' },
      reference: { name: 'training', id: reference.id },
      runbookUrl: 'https://runbooks.example/data_drift',
      subjects: [{ name: 'amount', metric: 'psi', rows: expect.any(Number), referenceRows: 20_000 }],
      subjectCount: 1,
    },
  });
  const [{ score, threshold, noise }] = raised.data.subjects;
  expect(score).toBeGreaterThanOrEqual(threshold);
  expect(noise).toBeLessThan(threshold);
  expect(raised.data.summary).toMatch(/^risk 1 \(test\): data drift (warning|critical): amount psi/);
  await minutes(8, 0);
  await until(() => events(hook.got).some(({ type }) => type === 'dev.leeway.alarm.cleared.v1'));
  const told = [...new Map(events(hook.got).map((event) => [event.id, event])).values()];
  const ofDrift = told.filter(({ data }) => data.signal === 'data_drift').map(({ data }) => data.transition);
  expect([ofDrift[0], ofDrift.at(-1), new Set(ofDrift).size]).toEqual(['raised', 'cleared', ofDrift.length]);
  expect(new Set(told.filter(({ data }) => data.signal === 'data_drift').map(({ data }) => data.id)).size).toBe(1);
  const attributesOf = () =>
    events(backend.got)
      .flatMap(({ resourceLogs }) => resourceLogs[0].scopeLogs[0].logRecords)
      .map(
        ({ eventName, attributes: all }): Record<string, unknown> => ({
          eventName,
          ...Object.fromEntries(
            all.map(({ key, value }: { key: string; value: object }) => [key, Object.values(value)[0]]),
          ),
        }),
      )
      .filter((one) => one['ml.signal'] === 'data_drift');
  await until(() => attributesOf().some((one) => one['ml.alarm.transition'] === 'cleared'));
  const attributes = attributesOf();
  expect(attributes[0]).toMatchObject({
    eventName: 'ml.monitor.alarm',
    'ml.alarm.transition': 'raised',
    'ml.signal': 'data_drift',
    'ml.model.name': 'risk',
    'ml.reference.id': reference.id,
    'ml.alarm.score': score,
    'ml.alarm.threshold': threshold,
  });
  expect(attributes.at(-1)).toMatchObject({ 'ml.alarm.transition': 'cleared' });
  const metrics = await scrape(sidecar.httpUrl);
  expect(one(metrics, 'leeway_alarms_total', 'ml_alarm_transition="raised"', 'ml_signal="data_drift"')).toBe(1);
  expect(one(metrics, 'leeway_webhook_deliveries_total', 'delivered')).toBe(told.length);
}, 40_000);

test('a reference that is replaced ends the alarm, which is not the same as all is well', async () => {
  const hook = await receiver(200);
  const { sidecar, minutes, files } = await start([{ url: hook.url }]);
  await minutes(4, 0);
  await minutes(4, 150);
  const drift = () => events(hook.got).filter(({ data }) => data.signal === 'data_drift');
  await until(() => drift().length > 0);
  const { data: open } = drift().at(-1);
  writeFileSync(files.referenceFile, JSON.stringify(referenceOf(rowsOf(20_000, 2, 150), 'newer')));
  expect(await sidecar.reload()).toBe(true);
  await minutes(5, 150);
  await until(() => drift().some(({ type }) => type === 'dev.leeway.alarm.ended.v1'));
  const { data } = drift().at(-1);
  expect(data).toMatchObject({ transition: 'ended', id: open.id, level: open.level, reference: { id: reference.id } });
  expect(data.summary).toBe(
    `risk 1 (test): data drift is not held against this reference any more, it was ${open.level}`,
  );
}, 40_000);

test.each([410, 302, 400])(
  '%i: refused for good, counted, said in /healthz, and nothing else is held up',
  async (status) => {
    const hook = await receiver(status);
    const backend = await receiver(400);
    const env = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${backend.url}/v1/logs`, OTEL_BLRP_SCHEDULE_DELAY: '50' };
    const { sidecar, minutes } = await start([{ url: `${hook.url}/services/hunter2` }], env);
    await minutes(4, 0);
    await minutes(4, 150);
    await until(() => hook.got.length > 0 && backend.got.length > 0);
    const counted = async (...labels: [string, ...string[]]) => one(await scrape(sidecar.httpUrl), ...labels);
    await expect
      .poll(() => counted('leeway_webhook_deliveries_total', 'refused'), { timeout: 10_000 })
      .toBe(hook.got.length);
    await expect
      .poll(() => counted('leeway_export_failures_total', 'leeway_signal="logs"'), { timeout: 10_000 })
      .toBeGreaterThan(0);
    expect(hook.got.every(({ path }) => path === '/services/hunter2')).toBe(true);
    const health = await (await fetch(`${sidecar.httpUrl}/healthz`)).json();
    expect(JSON.stringify(health)).toContain(`${hook.url}: it answered ${status}`);
    expect(JSON.stringify(health)).not.toContain('hunter2');
  },
  30_000,
);

test.each([
  ['ftp://x', /http or https URL/],
  ['nonsense', /http or https URL/],
  ['https://me:hunter2@x', /must not hold a user or password/],
])('what is wrong with the webhook %s is said at the start', async (url, problem) => {
  const files = writeFiles(reference, { alarms: { webhooks: [{ url, secret_file: 'not there' }] } });
  cleanups.push(async () => rmSync(files.folder, { recursive: true, force: true }));
  await expect(startSidecar({ configFile: files.config, env: {} })).rejects.toThrow(problem);
});
