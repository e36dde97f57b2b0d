/** What lies behind the application: the endpoint, its clock, the sidecar and what it knows. Pure. */
import { type Check, failed, ok, unknown } from './checklist.ts';
import type { EndpointProbe } from './endpoint-probe.ts';
import type { InferenceFact } from './facts.ts';
import type { SidecarProbe } from './sidecar-probe.ts';

/** Beyond it rows fall into another window. */
const CLOCK_OFFSET_MS_MAX = 30_000;
const NAMES_SHOWN = 5;

const FAULTS: readonly (readonly [answer: RegExp, what: string, fix: string])[] = [
  [/ECONNREFUSED/, 'nothing listens there', 'start the Collector or sidecar, or set OTEL_EXPORTER_OTLP_ENDPOINT'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name is not known', 'correct the host in OTEL_EXPORTER_OTLP_ENDPOINT'],
  [/ETIMEDOUT|UND_ERR_.*TIMEOUT/, 'it does not answer within 5 s', 'see to the network between here and there'],
  [/ECONNRESET|SOCKET|HPE/, 'it does not speak HTTP', 'port 4317 is that of gRPC: 4318 is OTLP over HTTP'],
  [
    /CERT|SSL|TLS|EPROTO/,
    'TLS fails',
    'NODE_EXTRA_CA_CERTS and OTEL_EXPORTER_OTLP_CERTIFICATE, or http:// without TLS',
  ],
  [/^40[13]$/, 'it refuses the credentials', 'set OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20…"'],
  [/^404$/, 'there is no such path', 'OTEL_EXPORTER_OTLP_ENDPOINT is the base alone, without /v1/traces'],
  [/^(400|415)$/, 'it does not take this format', 'set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf, or http/json'],
];

/** Why the endpoint of the environment is not the one to ask; undefined when it is. */
export function unaskedEndpoint(env: Readonly<Record<string, string | undefined>>): Check | undefined {
  if (env.OTEL_CONFIG_FILE) return unknown('endpoint', `not asked: it stands in ${env.OTEL_CONFIG_FILE}`);
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === 'grpc') return unknown('endpoint', 'not asked: it speaks gRPC');
  return undefined;
}

export function endpointChecks({ url, answer, clockOffsetMs }: EndpointProbe): Check[] {
  const id = 'endpoint';
  if (typeof answer === 'number' && answer < 300) return [ok(id, `${url} takes telemetry`), clockCheck(clockOffsetMs)];
  const [, what, fix] = FAULTS.find(([pattern]) => pattern.test(String(answer))) ?? [
    undefined,
    'it does not take telemetry',
    'look into its log',
  ];
  return [failed(id, `${url}: ${what} (${answer})`, fix)];
}

function clockCheck(offsetMs: number | undefined): Check {
  if (offsetMs === undefined) return unknown('clock', 'the endpoint does not tell its time');
  const seconds = Math.round(offsetMs / 1000);
  if (Math.abs(offsetMs) <= CLOCK_OFFSET_MS_MAX) return ok('clock', 'the clocks agree');
  const text = `the endpoint's clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`;
  return failed('clock', text, 'set both by NTP: rows are counted in the window of their own time');
}

/** @param probe undefined where no sidecar is known of */
export function sidecarChecks(probe: SidecarProbe | undefined, inferences: readonly InferenceFact[]): Check[] {
  if (probe === undefined)
    return [unknown('sidecar', 'whether a sidecar receives it: give --sidecar http://host:14319 to ask it')];
  if (probe.fault !== undefined) {
    const fix = 'leeway sidecar --reference reference.json; --sidecar names its second address, where /metrics is';
    return [failed('sidecar', `the sidecar at ${probe.url}: ${probe.fault}`, fix)];
  }
  const checks = [ok('sidecar', `the sidecar at ${probe.url} is up`)];
  for (const model of new Set(inferences.map((one) => one.model))) {
    const names = inferences.filter((one) => one.model === model).flatMap(({ featureNames }) => featureNames);
    checks.push(...modelChecks(probe, model, new Set(names)));
  }
  const rejected = [...probe.rejected].map(([reason, count]) => `${count} ${reason}`);
  if (rejected.length > 0)
    checks.push(unknown('rejected', `since it started, the sidecar did not count: ${rejected.join(', ')}`));
  return checks;
}

function modelChecks({ models }: SidecarProbe, model: string, sent: ReadonlySet<string>): Check[] {
  const known = models.get(model);
  if (known === undefined) {
    const others = models.size === 0 ? 'it has compared none yet' : `it knows ${shown([...models.keys()])}`;
    return [
      failed(
        'model',
        `the sidecar has no reference of ${model}: ${others}`,
        `leeway profile rows.parquet --model ${model} -o reference.json, then leeway sidecar --reference reference.json`,
      ),
    ];
  }
  const checks = [ok('model', `the sidecar compares ${model}`)];
  if (sent.size === 0 || known.size === 0) return checks;
  const unsent = [...known].filter((name) => !sent.has(name));
  const unheard = [...sent].filter((name) => !known.has(name));
  if (unsent.length === 0) return [...checks, ok('features', `all ${known.size} features of the reference are sent`)];
  const instead = unheard.length === 0 ? '' : `; sent and not in it: ${shown(unheard)}`;
  return [
    ...checks,
    failed(
      'features',
      `${unsent.length} of ${known.size} features of the reference are not sent by ${model}: ${shown(unsent)}${instead}`,
      'names must be alike: describeModel(), LEEWAY_REFERENCE, or a reference of the names that the service has',
    ),
  ];
}

function shown(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
