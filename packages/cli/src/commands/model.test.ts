/** `leeway model` as a pipeline runs it, against a real HTTP server. */
import { describe, expect, test } from 'vitest';
import { httpBackend } from '../../test/http-backend.ts';
import { finish, startLeeway } from '../../test/run-leeway.ts';

const json = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  finish(startLeeway(['model', ...args], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', ...env }));

describe('leeway model', () => {
  test('sends one event, with what was said, and says where it was accepted', async () => {
    const { url, received } = await httpBackend([200]);
    const { code, stdout, stderr } = await run(
      ['promoted', 'fraud', '--version', '7', '--previous', '6', '--by', 'risk team', '--reason', 'RISK-12'].concat([
        '--digest',
        'sha256:9f86',
        '--environment',
        'production',
        '--role',
        'champion',
      ]),
      { ...json, OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x' },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`ml.model.promoted of fraud 7: accepted by ${url}/v1/logs\n`);
    expect(received.map(({ path, headers }) => [path, headers.authorization])).toEqual([['/v1/logs', 'Bearer x']]);
    const [{ resource, scopeLogs }] = JSON.parse(received[0].body).resourceLogs;
    const flat = (list: { key: string; value: { stringValue: string } }[]) =>
      Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue]));
    expect(flat(resource.attributes)['service.name']).toBe('leeway-cli');
    const [record] = scopeLogs[0].logRecords;
    expect(record.eventName).toBe('ml.model.promoted');
    expect(flat(record.attributes)).toEqual({
      'ml.model.name': 'fraud',
      'ml.model.version': '7',
      'ml.model.id': 'sha256:9f86',
      'ml.model.previous_version': '6',
      'ml.lifecycle.actor': 'risk team',
      'ml.lifecycle.reason': 'RISK-12',
      'ml.deployment.role': 'champion',
      'deployment.environment.name': 'production',
    });
  });

  test('protobuf is the default, and a busy endpoint is asked again', async () => {
    const { url, received } = await httpBackend([503, 200], '');
    const { code } = await run(['deployed', 'fraud', '--version', '7'], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect([code, received.map(({ headers }) => headers['content-type'])]).toEqual([
      0,
      ['application/x-protobuf', 'application/x-protobuf'],
    ]);
    expect(received[1].body).toContain('ml.model.deployed');
  });

  test('--dry-run prints the event and sends nothing', async () => {
    const { url, received } = await httpBackend([200]);
    const { code, stdout } = await run(['approved', 'fraud', '--version', '8', '--by', 'me', '--dry-run'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      event: 'ml.model.approved',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      attributes: { 'ml.model.name': 'fraud', 'ml.model.version': '8', 'ml.lifecycle.actor': 'me' },
      resource: { 'service.name': 'leeway-cli', 'deployment.environment.name': 'staging' },
    });
    expect(received).toEqual([]);
  });

  test.each([
    [401, '{}', 'refuses the sender (401): set OTEL_EXPORTER_OTLP_HEADERS'],
    [404, '{}', 'takes no OTLP logs there (404): name the right one in OTEL_EXPORTER_OTLP_ENDPOINT'],
    [400, 'no such tenant', 'answered 400: no such tenant'],
    [200, '{"partialSuccess":{"rejectedLogRecords":1,"errorMessage":"quota"}}', 'rejected the event'],
  ])('what the endpoint does not take ends with 1 and the fix (%i)', async (status, answer, text) => {
    const { url } = await httpBackend([status], answer);
    const env = { ...json, OTEL_EXPORTER_OTLP_ENDPOINT: url };
    const { code, stdout, stderr } = await run(['retired', 'fraud', '--version', '7'], env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`error[export-refused]: ${url}/v1/logs: `);
    expect(stderr).toContain(text);
  });

  test('an endpoint that is not there', async () => {
    const { code, stderr } = await run(['retired', 'fraud', '--version', '7'], { OTEL_EXPORTER_OTLP_TIMEOUT: '100' });
    expect(code).toBe(1);
    expect(stderr).toContain('http://127.0.0.1:9/v1/logs: no answer (ECONNREFUSED): is a Collector running there?');
  });

  test.each([
    [['launched', 'fraud', '--version', '7'], {}, 'Allowed choices are approved, deployed, promoted, retired'],
    [['deployed', 'fraud'], {}, "required option '--version <version>' not specified"],
    [
      ['deployed', 'fraud', '--version', '7'],
      { LEEWAY_DISABLED: 'true' },
      'LEEWAY_DISABLED is true, so nothing is sent',
    ],
    [
      ['deployed', 'fraud', '--version', '7'],
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"',
    ],
  ])('what is wrong is said, with exit code 1', async (args, env, text) => {
    const { code, stdout, stderr } = await run(args, env as Record<string, string>);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(text);
  });
});
