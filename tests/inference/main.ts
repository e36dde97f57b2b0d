/**
 * `npm run test:inference`: real inference servers, asked by fetch and by gRPC, and what was recorded held against what
 * scikit-learn itself says of the same rows. Needs Python 3.10 to 3.12; without it the servers' part is skipped, loudly,
 * and that is a failure in CI.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceHttpInstrumentation } from '@leeway/instrumentation-inference-http';
import { memorySdk } from '../../packages/instrumentation-inference-http/test/memory-sdk.ts';
import { Report } from '../collector/report.ts';
import { checkMlflow } from './mlflow.ts';
import { checkMlserver } from './mlserver.ts';
import { checkNodeVersions } from './node-versions.ts';
import { findPython, type Python, pythonEnvironment } from './python-environment.ts';

const TRAIN = fileURLToPath(new URL('./train.py', import.meta.url));

const report = new Report();
await report.part('Node versions', async () => checkNodeVersions(report));
const python = findPython();
if (python === undefined) {
  console.log('SKIPPED: npm run test:inference needs Python 3.10 to 3.12 on the PATH. NO server was tested.');
  if (process.env.CI === 'true') report.check('Python', false, 'not found');
} else await checkServers(python);
console.log(report.summary());
process.exitCode = report.failed === 0 ? 0 : 1;

async function checkServers(found: Python): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'leeway-inference-'));
  const sdk = memorySdk();
  const instrumentation = new InferenceHttpInstrumentation({ capture: { features: '*' } });
  try {
    await report.part('MLServer', async () =>
      checkMlserver(report, sdk, await pythonEnvironment(found, 'mlserver'), TRAIN, home),
    );
    await report.part('MLflow', async () =>
      checkMlflow(report, sdk, await pythonEnvironment(found, 'mlflow'), TRAIN, home),
    );
  } finally {
    instrumentation.disable();
    rmSync(home, { recursive: true, force: true });
  }
}
