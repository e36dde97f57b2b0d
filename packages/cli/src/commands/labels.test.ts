/** `leeway labels send` as a nightly job runs it, against a real HTTP server. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { httpBackend, type Received } from '../../test/http-backend.ts';
import { finish, startLeeway } from '../../test/run-leeway.ts';
import { writeTemporary } from '../../test/sample-table.ts';

const json = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
const MODEL = ['--model', 'fraud', '--label', 'outcome'];
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  finish(startLeeway(['labels', 'send', ...args], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', ...env }));

interface SentRecord {
  readonly eventName: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** The records of each request: event name, and attributes by key. */
function recordsOf(received: readonly Received[]): Record<string, unknown>[][] {
  return received.map(({ body }) =>
    (JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords as SentRecord[]).map(({ eventName, attributes }) => ({
      eventName,
      ...Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    })),
  );
}

function table(rowCount: number) {
  return Array.from({ length: rowCount }, (_, i) => ({ inference_id: `id-${i}`, outcome: i % 3 === 0 ? 'yes' : 'no' }));
}
const csvOf = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(',')).join('\n');

describe('leeway labels send', () => {
  test('sends each row as an event, with what the options say', async () => {
    const { url, received } = await httpBackend([200]);
    const path = writeTemporary('sales.csv', 'id,n,class,price\na,0,1.0,3.5\nb,2,,7\nc,,cheap,NaN\n');
    const columns = ['--id', 'id', '--row', 'n', '--label', 'class', '--value', 'price'];
    const { code, stdout, stderr } = await run(
      [path, '--model', 'prices', '--model-version', '7', '--source', 'till', ...columns],
      { ...json, OTEL_EXPORTER_OTLP_ENDPOINT: url },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(`3 labels of prices: accepted by ${url}/v1/logs in `);
    const all = {
      eventName: 'ml.ground_truth',
      'ml.model.name': 'prices',
      'ml.model.version': '7',
      'ml.ground_truth.source': 'till',
    };
    expect(recordsOf(received)).toEqual([
      [
        {
          ...all,
          'ml.inference.id': 'a',
          'ml.inference.row': 0,
          'ml.ground_truth.label': '1',
          'ml.ground_truth.value': 3.5,
        },
        { ...all, 'ml.inference.id': 'b', 'ml.inference.row': 2, 'ml.ground_truth.value': 7 },
        { ...all, 'ml.inference.id': 'c', 'ml.ground_truth.label': 'cheap' },
      ],
    ]);
  });

  test.each(['csv', 'jsonl', 'parquet'] as const)('%s: every row once, in requests of a thousand', async (format) => {
    const { url, received } = await httpBackend([200]);
    const rows = table(2_600);
    const columnData = (['inference_id', 'outcome'] as const).map((name) => ({
      name,
      data: rows.map((row) => row[name]),
    }));
    const content = {
      csv: () => csvOf(rows),
      jsonl: () => rows.map((row) => JSON.stringify(row)).join('\n'),
      parquet: () => new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 1_900 })),
    }[format]();
    const path = writeTemporary(`labels.${format}`, content);
    const { code, stderr } = await run([path, ...MODEL], { ...json, OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect([code, stderr]).toEqual([0, '']);
    const requests = recordsOf(received);
    expect(Math.max(...requests.map(({ length }) => length))).toBe(1_000);
    expect(requests.flat().map((record) => [record['ml.inference.id'], record['ml.ground_truth.label']])).toEqual(
      rows.map(({ inference_id, outcome }) => [inference_id, outcome]),
    );
  });

  test('a row that is no label is told with its place, and loses no other', async () => {
    const { url, received } = await httpBackend([200]);
    const first = writeTemporary('first.csv', 'inference_id,outcome,n\na,yes,0\nb,,0\n,yes,0\n');
    const second = writeTemporary('second.csv', 'inference_id,outcome,n\nc,no,1.5\nd,no,-1\ne,no,3\n');
    const env = { ...json, OTEL_EXPORTER_OTLP_ENDPOINT: url };
    const { code, stdout, stderr } = await run([first, second, ...MODEL, '--row', 'n', '--json'], env);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      rows: 6,
      labels: 2,
      faults: {
        no_truth: { rows: 1, first: `${first}, row 2` },
        no_inference_id: { rows: 1, first: `${first}, row 3` },
        bad_row: { rows: 2, first: `${second}, row 1` },
      },
      url: `${url}/v1/logs`,
    });
    expect(stderr).toContain(`rows without an inference id: 1, first ${first}, row 3; rows whose --row is no whole`);
    expect(recordsOf(received).map((records) => records.map((record) => record['ml.inference.id']))).toEqual([
      ['a'],
      ['e'],
    ]);
  });

  test('--dry-run checks and sends nothing', async () => {
    const { url, received } = await httpBackend([200]);
    const path = writeTemporary('labels.csv', csvOf(table(5)));
    const { code, stdout } = await run([path, ...MODEL, '--dry-run'], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect([code, stdout, received]).toEqual([0, '5 labels of fraud: would be sent (--dry-run)\n', []]);
  });

  test('an endpoint that stops taking them: how many it took, and what to do', async () => {
    const { url, received } = await httpBackend([200, 400], 'quota');
    const path = writeTemporary('labels.csv', csvOf(table(5_000)));
    const { code, stdout, stderr } = await run([path, ...MODEL], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect([code, stdout, received.length]).toEqual([1, '', 2]);
    expect(stderr).toContain(`error[export-refused]: ${url}/v1/logs: answered 400: quota`);
    expect(stderr).toContain('1,000 labels were accepted before: send the rest when it takes them again');
  });

  test('a busy endpoint is asked again', async () => {
    const { url, received } = await httpBackend([503, 200]);
    const path = writeTemporary('labels.csv', csvOf(table(5)));
    const { code } = await run([path, ...MODEL], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect([code, received.length]).toEqual([0, 2]);
  });

  test.each([
    [['--model', 'fraud'], {}, 'what was true? name its column by --label (a class) or --value (a number)'],
    [['--label', 'outcome'], {}, "required option '--model <name>' not specified"],
    [['--model', 'fraud', '--label', 'outcom'], {}, '--label outcom: there is no such column; did you mean outcome?'],
    [[...MODEL, '--id', 'id'], {}, '--id id: there is no such column'],
    [MODEL, { LEEWAY_DISABLED: 'true' }, 'LEEWAY_DISABLED is true, so nothing is sent'],
    [MODEL, {}, 'http://127.0.0.1:9/v1/logs: no answer (ECONNREFUSED)'],
    [['--model', 'fraud', '--value', 'outcome'], {}, 'rows with a value that is no number: 5, first '],
  ])('what is wrong is said, with exit code 1 (%j)', async (args, env, text) => {
    const path = writeTemporary('labels.csv', csvOf(table(5)));
    const { code, stderr } = await run([path, ...args], { OTEL_EXPORTER_OTLP_TIMEOUT: '100', ...env } as never);
    expect(code).toBe(1);
    expect(stderr).toContain(text);
  });

  test('a file without any label', async () => {
    const path = writeTemporary('labels.csv', 'inference_id,outcome\na,\nb,\n');
    const { code, stderr } = await run([path, ...MODEL, '--dry-run']);
    expect(code).toBe(1);
    expect(stderr).toContain('none of 2 rows has a label');
  });
});
