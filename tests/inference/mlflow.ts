/** MLflow's scoring server with a real scikit-learn model, in each layout that it takes. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeRemoteModel } from '@leeway/instrumentation-inference-http';
import { type MemorySdk, valuesOf } from '../../packages/instrumentation-inference-http/test/memory-sdk.ts';
import { freePorts, startService } from '../collector/processes.ts';
import type { Report } from '../collector/report.ts';
import { train } from './mlserver.ts';

const READY_MS = 120_000;

export async function checkMlflow(report: Report, sdk: MemorySdk, bin: string, script: string, home: string) {
  const folder = join(home, 'mlflow');
  mkdirSync(folder);
  const expected = train(bin, script, 'mlflow', folder);
  const [port] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: 'MLflow',
    file: join(bin, 'python'),
    // What `mlflow models serve` starts, without the process in between that would outlive a signal.
    args: ['-m', 'uvicorn', '--host', '127.0.0.1', '--port', String(port), 'mlflow.pyfunc.scoring_server.app:app'],
    env: { __pyfunc_model_path__: join(folder, 'model') },
    readyUrl: `${origin}/ping`,
    readyMs: READY_MS,
  });
  const names = Object.keys(expected.columns);
  const records = expected.rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])));
  const layouts = {
    dataframe_split: { columns: names, data: expected.rows },
    dataframe_records: records,
    instances: records,
    inputs: expected.columns,
  };
  try {
    describeRemoteModel('mlflow', { features: names });
    for (const [layout, body] of Object.entries(layouts)) {
      sdk.start();
      const response = await fetch(`${origin}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ [layout]: body }),
      });
      const answer = (await response.json()) as { predictions?: unknown };
      report.equal(`MLflow ${layout}: its answer`, answer.predictions, expected.labels);
      const [span] = await sdk.ended(1);
      const captured = {
        'ml.prediction.label': expected.labels,
        'ml.capture.probability': 1,
        ...Object.fromEntries(Object.entries(expected.columns).map(([name, list]) => [`ml.features.${name}`, list])),
      };
      report.equal(`MLflow ${layout}: values`, valuesOf(span), captured);
      await sdk.stop();
    }
  } finally {
    await service.stop();
  }
}
