/** What the application's own facts say: registered, libraries, SDK, inferences, capture. Pure. */
import { type Check, failed, ok, unknown } from './checklist.ts';
import type { Facts, InferenceFact, LibraryFact } from './facts.ts';
import type { ObservedRun } from './observed-run.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ends at the first failure that makes what comes after it meaningless. */
export function applicationChecks(run: ObservedRun): Check[] {
  const { facts } = run;
  const checks = [registerCheck(facts)];
  if (checks.some(({ state }) => state === 'failed')) return checks;
  const { switchOff, env = {} } = facts.registered[0] ?? {};
  if (switchOff !== undefined) {
    const text = `${switchOff}=true turns everything off`;
    return [...checks, failed('switch', text, `unset ${switchOff}`)];
  }
  checks.push(ok('switch', 'nothing is switched off'));
  checks.push(...libraryChecks(facts.libraries));
  const { inferences, exportFaults } = facts;
  checks.push(inferenceCheck(run), sdkCheck(facts));
  for (const { what, code, fix } of new Map(exportFaults.map((fault) => [fault.what, fault])).values())
    checks.push(failed('export', `exports failed while it ran: ${what} (${code})`, fix));
  if (inferences.length === 0) return checks;
  checks.push(samplingCheck(inferences));
  for (const model of new Set(inferences.map((one) => one.model)))
    checks.push(
      captureCheck(
        model,
        inferences.filter((one) => one.model === model),
        env,
      ),
    );
  return checks;
}

function registerCheck({ registered, refused }: Facts): Check {
  if (refused[0] !== undefined) return failed('register', refused[0].fault, 'run the application with a newer Node');
  if (registered[0] !== undefined) return ok('register', `@leeway/register is loaded, Node ${registered[0].node}`);
  return failed(
    'register',
    '@leeway/register was not loaded',
    'node --import @leeway/register app.js, or NODE_OPTIONS="--import @leeway/register" where the command is not yours',
  );
}

function libraryChecks(libraries: readonly LibraryFact[]): Check[] {
  if (libraries.length === 0) {
    return [unknown('library', 'no inference library that Leeway knows was loaded; a function needs monitor()')];
  }
  // The last word on a copy stands: it may have been seen while it was being loaded.
  const byPath = new Map(libraries.map((one) => [one.path, one]));
  return [...byPath.values()].map(({ module, version, path, isPatched, reason, supported }) => {
    const name = version === undefined ? module : `${module} ${version}`;
    if (isPatched) return ok('library', `${name} is instrumented`);
    const why = {
      loaded_before: [
        'it was loaded before Leeway',
        'put --import @leeway/register before every --require and --import',
      ],
      bundled: ['it is part of a bundle', 'leave it out of the bundle, or call manuallyInstrument() on the module'],
      not_patched: [
        'it is a second copy, or a version that is not supported',
        `supported is ${supported}; npm ls ${module}`,
      ],
    }[reason ?? 'not_patched'];
    return failed('library', `${name} is loaded but not instrumented: ${why[0]} (${path})`, why[1] ?? '');
  });
}

function inferenceCheck({ facts, end, code, signal }: ObservedRun): Check {
  const models = [...new Set(facts.inferences.map(({ model, version }) => (version ? `${model} ${version}` : model)))];
  if (models.length > 0) return ok('inference', `inference was seen of ${models.join(', ')}`);
  const how = end === 'timeout' ? 'the time was over' : `the application ended by itself (${signal ?? `code ${code}`})`;
  return failed(
    'inference',
    `no inference was seen before ${how}`,
    'send a request while the doctor watches, or give it longer: --timeout 2m. A model that is a function needs monitor()',
  );
}

function sdkCheck({ sdkStates }: Facts): Check {
  const has = (state: string) => sdkStates.includes(state);
  if (has('unusable')) {
    return failed(
      'sdk',
      "the application's OpenTelemetry SDK is of an older line, which Leeway cannot see: nothing is recorded",
      'upgrade to OpenTelemetry SDK 3 with @opentelemetry/api 1.10, or use @leeway/instrumentation alone (docs/versions.md)',
    );
  }
  if (has('application')) return ok('sdk', "the application's own OpenTelemetry SDK takes the telemetry");
  if (has('leeway')) return ok('sdk', 'Leeway started an OpenTelemetry SDK, as the application has none');
  if (has('none'))
    return failed(
      'sdk',
      'LEEWAY_SDK=app, and the application started no SDK',
      'start one in code, or unset LEEWAY_SDK',
    );
  return unknown('sdk', 'whose SDK takes the telemetry shows at the first inference');
}

function samplingCheck(inferences: readonly InferenceFact[]): Check {
  if (inferences.some(({ isRecording }) => isRecording)) return ok('sampling', 'spans of inference are recorded');
  if (inferences.some(({ hasSpan }) => hasSpan)) {
    return failed(
      'sampling',
      'every trace was sampled out, so that no span carries values',
      'set OTEL_TRACES_SAMPLER=parentbased_always_on, or LEEWAY_CAPTURE_CARRIER=event, which does not need the span',
    );
  }
  return failed('sampling', 'no span was made: there is no SDK for traces', 'see the line on the SDK');
}

const FIXES: Readonly<Record<string, string>> = {
  names:
    'say the names of the columns: describeModel(session, { features: [...] }), or LEEWAY_REFERENCE=reference.json',
  no_logs: 'carrier "event" needs an SDK for logs: OTEL_LOGS_EXPORTER=otlp, or LEEWAY_CAPTURE_CARRIER=span',
  body_channel: 'Node 22 does not show bodies of fetch: use Node 24',
};

function captureCheck(model: string, inferences: readonly InferenceFact[], env: Environment): Check {
  const id = 'capture';
  // What failed may have failed for its input, which then cannot be read either.
  const good = inferences.filter(({ errorType }) => errorType === undefined);
  const reasons = new Set((good.length > 0 ? good : inferences).map(({ capture }) => capture));
  if (reasons.has('captured')) return ok(id, `values of ${model} are captured`);
  if (reasons.has('off')) {
    const zero = ['LEEWAY_CAPTURE_RATE', 'LEEWAY_CAPTURE_ROWS_PER_SECOND', 'LEEWAY_CAPTURE_ROWS_MAX'].find(
      (name) => env[name] !== undefined && !(Number(env[name]) > 0),
    );
    if (zero !== undefined) return failed(id, `values of ${model} are off: ${zero} is ${env[zero]}`, `unset ${zero}`);
    return failed(
      id,
      `values of ${model} are off: no feature is on the allow-list`,
      'name them: LEEWAY_CAPTURE_FEATURES=age,plan (or * for all), or capture.features in code',
    );
  }
  const [reason = ''] = reasons;
  if (reason === 'rate' || reason === 'budget') {
    const name = reason === 'rate' ? 'LEEWAY_CAPTURE_RATE' : 'LEEWAY_CAPTURE_ROWS_PER_SECOND';
    return failed(
      id,
      `all values of ${model} were sampled out by ${name}=${env[name] ?? 'of the code'}`,
      `raise ${name}, or send more requests`,
    );
  }
  const fix = FIXES[reason] ?? 'docs/capture.md says what each reason means';
  return failed(id, `values of ${model} could not be read: ${reason}`, fix);
}
