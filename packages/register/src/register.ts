/** Hooks, instrumentations, SDK: in this order, because a hook must be there before the module is loaded. */
import { register as registerLoader } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { hasBackPressure, observeInferences } from '@leeway/instrumentation';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { register as registerSyncHooks, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';
import { exportEndpoint } from './export-endpoint.ts';
import { type FactLog, factLog } from './fact-log.ts';
import { LastFlush } from './last-flush.ts';
import { LibraryWatch } from './library-watch.ts';
import { type Environment, OwnSdk, type SdkState } from './own-sdk.ts';
import { NO_REGISTRATION, type Registration } from './registration.ts';
import { processorLine, recordingLine, startLine } from './start-line.ts';
import { watchedLibraries } from './watched-libraries.ts';

/** One a thread: this package may be there twice, or be imported by the application too. */
const REGISTERED = Symbol.for('leeway.register');
type Shared = typeof globalThis & { [REGISTERED]?: Registration };

/** Of the doctor's only: the environment as this process sees it. */
const TOLD =
  /^(LEEWAY_(?!CAPTURE_HMAC_KEY)|OTEL_(SDK_DISABLED|TRACES_|METRICS_|CONFIG_FILE|EXPORTER_OTLP_(.*ENDPOINT|.*PROTOCOL)))/;

/** Never throws: an application starts whatever is wrong here. */
export function registerLeeway(env: Environment): Registration {
  const shared = globalThis as Shared;
  const facts = factLog(env.LEEWAY_DOCTOR_FILE, process.pid);
  const switchOff = ['LEEWAY_DISABLED', 'OTEL_SDK_DISABLED'].find((name) => env[name]?.trim().toLowerCase() === 'true');
  facts.note({
    fact: 'registered',
    node: process.versions.node,
    isMainThread,
    switchOff,
    endpoint: exportEndpoint(env),
    env: Object.fromEntries(Object.entries(env).filter(([name]) => TOLD.test(name))),
  });
  if (switchOff !== undefined) return NO_REGISTRATION;
  try {
    shared[REGISTERED] ??= begin(env, facts);
  } catch (error) {
    process.stderr.write(
      `leeway: nothing is instrumented: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return NO_REGISTRATION;
  }
  return shared[REGISTERED];
}

function begin(env: Environment, facts: FactLog): Registration {
  const warn = (message: string) => void process.stderr.write(`leeway: ${message}\n`);
  const say = (message: string) => {
    if (env.LEEWAY_QUIET !== 'true' && isMainThread) warn(message);
  };
  const libraries = watchedLibraries();
  const modules = libraries.flatMap((library) => library.modules);
  const watch = new LibraryWatch(libraries, facts, warn);
  hookImports(modules);
  registerInstrumentations({ instrumentations: libraries.map(({ instrumentation }) => instrumentation) });
  say(
    startLine(
      libraries.map(({ name }) => name),
      env,
    ),
  );
  const flush = new LastFlush({ forceFlush: () => sdk.forceFlush(), shutdown: () => sdk.shutdown() });
  const sdk = new OwnSdk(env, {
    write: warn,
    onFault: (fault) => facts.note({ fact: 'export-fault', ...fault, endpoint: exportEndpoint(env) }),
    onDecided: (state: SdkState) => {
      watch.isRecording = true;
      facts.note({ fact: 'sdk', state });
      if (state === 'leeway') flush.atEnd(warn);
      // A library's first use comes while it is being patched, or after: its name is known a turn later.
      setImmediate(() => {
        say(recordingLine(watch.patched(), state, env));
        const line = processorLine(state, env, hasBackPressure());
        if (line !== undefined) say(line);
      });
    },
  });
  if (facts.isOn) observeInferences((report) => facts.note({ fact: 'inference', ...report }));
  process.once('exit', () => {
    watch.check(true);
    facts.note({ fact: 'end', state: sdk.state });
  });
  return {
    modules,
    get startedSdk() {
      return sdk.state === 'leeway';
    },
    shutdown: () => flush.end(),
  };
}

function hookImports(modules: readonly string[]): void {
  const include = [...modules];
  if (supportsSyncHooks()) registerSyncHooks({ include });
  else registerLoader('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include } });
}
