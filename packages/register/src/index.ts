/**
 * `node --import @leeway/register app.js`: instruments the inference libraries that it knows, and starts an
 * OpenTelemetry SDK when the application has none. Settings are the standard OTEL_* variables and LEEWAY_*.
 *
 * Everything else is loaded by `require`, because a static import would be evaluated before Node's version is asked, and
 * an `await` here would keep this module from being required itself.
 */
import { createRequire } from 'node:module';
import { factLog } from './fact-log.ts';
import { nodeFault } from './node-version.ts';
import { NO_REGISTRATION, type Registration } from './registration.ts';

export type { Registration } from './registration.ts';

/** What was registered; `shutdown` flushes and stops the SDK if this package started it. */
export const registration: Registration = begin();

function begin(): Registration {
  const fault = nodeFault(process.versions.node);
  if (fault === undefined) {
    const { registerLeeway } = createRequire(import.meta.url)('#register') as typeof import('./register.ts');
    return registerLeeway(process.env);
  }
  factLog(process.env.LEEWAY_DOCTOR_FILE, process.pid).note({ fact: 'refused', fault });
  process.stderr.write(`leeway: ${fault}\n`);
  return NO_REGISTRATION;
}
