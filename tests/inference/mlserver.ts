/** MLServer with a real scikit-learn model: the Open Inference Protocol over REST and gRPC. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeRemoteModel, oipInterceptor } from '@leeway/instrumentation-inference-http';
import { call, inferClient } from '../../packages/instrumentation-inference-http/test/grpc-model.ts';
import { type MemorySdk, valuesOf } from '../../packages/instrumentation-inference-http/test/memory-sdk.ts';
import { freePorts, startService } from '../collector/processes.ts';
import type { Report } from '../collector/report.ts';

/** What train.py writes: the rows, and what scikit-learn itself says of them. */
export interface Expected {
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly (number | string)[];
  readonly scores: readonly (readonly number[])[];
}

const READY_MS = 120_000;
/** The rows of the zipped request, as a multiple: MLServer leaves an answer of less than 500 bytes as it is. */
const GZIP_REPEATS = 4;
const CLASSES = ['setosa', 'versicolor', 'virginica'];

export function train(bin: string, script: string, server: string, folder: string): Expected {
  const { status, stderr } = spawnSync(join(bin, 'python'), [script, server, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} ${server} ended with ${status}\n${stderr.slice(-3000)}`);
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
}

export async function checkMlserver(report: Report, sdk: MemorySdk, bin: string, script: string, home: string) {
  const folder = join(home, 'iris');
  mkdirSync(folder);
  const expected = train(bin, script, 'mlserver', folder);
  const [http, grpc, metrics] = await freePorts(3);
  const model = {
    name: 'iris',
    implementation: 'mlserver_sklearn.SKLearnModel',
    parameters: { uri: './model.joblib', version: 'v1' },
  };
  writeFileSync(join(folder, 'model-settings.json'), JSON.stringify(model));
  const settings = { host: '127.0.0.1', http_port: http, grpc_port: grpc, metrics_port: metrics, parallel_workers: 0 };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  const service = await startService({
    name: 'MLServer',
    file: join(bin, 'mlserver'),
    args: ['start', home],
    env: {},
    readyUrl: `http://127.0.0.1:${http}/v2/models/iris/ready`,
    readyMs: READY_MS,
  });
  try {
    describeRemoteModel('iris', { features: Object.keys(expected.columns), classes: CLASSES });
    await report.part('MLServer REST', () => checkRest(report, sdk, `http://127.0.0.1:${http}`, expected));
    await report.part('MLServer gRPC', () => checkGrpc(report, sdk, `127.0.0.1:${grpc}`, expected));
  } finally {
    await service.stop();
  }
}

/** What a span of either wire must carry. */
function capturedOf({ columns, labels, scores }: Expected): Record<string, unknown> {
  const perClass = CLASSES.map((name, i) => [`ml.prediction.scores.${name}`, scores.map((row) => row[i])]);
  return {
    'ml.prediction.label': labels.map((label) => CLASSES[label as number]),
    'ml.prediction.score': scores.map((row) => Math.max(...row)),
    ...Object.fromEntries(perClass),
    'ml.capture.probability': 1,
    ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [`ml.features.${name}`, values])),
  };
}

function repeated({ columns, rows, labels, scores }: Expected, times: number): Expected {
  const repeat = <T>(values: readonly T[]) => Array.from({ length: times }, () => values).flat();
  return {
    columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, repeat(values)])),
    rows: repeat(rows),
    labels: repeat(labels),
    scores: repeat(scores),
  };
}

const sorted = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

async function checkRest(report: Report, sdk: MemorySdk, origin: string, expected: Expected): Promise<void> {
  const outputs = [{ name: 'predict' }, { name: 'predict_proba' }];
  const url = `${origin}/v2/models/iris/versions/v1/infer`;
  const post = (inputs: unknown, encoding = 'identity') =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': encoding },
      body: JSON.stringify({ inputs, outputs }),
    });
  const { rows } = expected;
  const matrix = { name: 'x', shape: [rows.length, 4], datatype: 'FP64' };
  for (const [layout, data] of [
    ['flat', rows.flat()],
    ['nested', rows],
  ] as const) {
    sdk.start();
    const response = await post([{ ...matrix, data }]);
    await response.arrayBuffer();
    const [span] = await sdk.ended(1);
    report.equal(`MLServer REST ${layout}: status`, response.status, 200);
    report.equal(
      `MLServer REST ${layout}: name, version`,
      [span.name, span.attributes['ml.model.version']],
      ['predict iris', 'v1'],
    );
    report.equal(`MLServer REST ${layout}: values`, sorted(valuesOf(span)), sorted(capturedOf(expected)));
    await sdk.stop();
  }
  sdk.start();
  const long = repeated(expected, GZIP_REPEATS);
  const packed = await post([{ ...matrix, shape: [long.rows.length, 4], data: long.rows.flat() }], 'gzip');
  await packed.arrayBuffer();
  report.equal('MLServer REST gzip: its encoding', packed.headers.get('content-encoding'), 'gzip');
  const [zipped] = await sdk.ended(1);
  report.equal('MLServer REST gzip: values', sorted(valuesOf(zipped)), sorted(capturedOf(long)));
  const wrong = await post([{ name: 'x', shape: [1, 2], datatype: 'FP64', data: [1, 2] }]);
  await wrong.arrayBuffer();
  const [, failed] = await sdk.ended(2);
  report.equal('MLServer REST: its error', failed.attributes['error.type'], String(wrong.status));
  const rowCounts = (await sdk.points('ml.inference.rows')).map(({ value }) => value);
  report.equal('MLServer REST: rows', rowCounts, [long.rows.length + 1]);
  await sdk.stop();
}

async function checkGrpc(report: Report, sdk: MemorySdk, target: string, expected: Expected): Promise<void> {
  const client = inferClient(target, true, [oipInterceptor({ capture: { features: '*' } })]);
  const { rows } = expected;
  const request = (tensor: object, raw: object = {}) => ({
    model_name: 'iris',
    model_version: 'v1',
    inputs: [{ name: 'x', shape: [rows.length, 4], datatype: 'FP64', ...tensor }],
    outputs: [{ name: 'predict' }, { name: 'predict_proba' }],
    ...raw,
  });
  const contents = request({ contents: { fp64_contents: rows.flat() } });
  const raw = request({}, { raw_input_contents: [Buffer.from(new Float64Array(rows.flat()).buffer)] });
  try {
    for (const [layout, message] of [
      ['contents', contents],
      ['raw contents', raw],
    ] as const) {
      sdk.start();
      await call(client, 'ModelInfer', message);
      const [span] = await sdk.ended(1);
      report.equal(
        `MLServer gRPC ${layout}: name, version`,
        [span.name, span.attributes['ml.model.version']],
        ['predict iris', 'v1'],
      );
      report.equal(`MLServer gRPC ${layout}: values`, sorted(valuesOf(span)), sorted(capturedOf(expected)));
      await sdk.stop();
    }
    sdk.start();
    await call(client, 'ModelInfer', { ...contents, model_name: 'none' }).catch(() => undefined);
    const [failed] = await sdk.ended(1);
    report.equal('MLServer gRPC: its error', failed.attributes['error.type'], '5');
    await sdk.stop();
  } finally {
    client.close();
  }
}
