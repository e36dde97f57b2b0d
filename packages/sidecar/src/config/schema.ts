/**
 * The configuration that users write. One schema: it validates, it gives the types, and it is the JSON Schema for
 * editors.
 */
import { parseDuration } from '@leeway/engine';
import { z } from 'zod';
import { mapping } from './mapping.ts';
import { performance } from './performance.ts';

const duration = (what: string) =>
  z
    .string()
    .refine((text) => parseDuration(text) !== undefined, { message: 'must be a duration such as 30s, 5m, 1h or 30d' })
    .describe(what);

const address = (what: string) =>
  z
    .string()
    .refine((text) => parseAddress(text) !== undefined, { message: 'must be host:port, such as 127.0.0.1:14318' })
    .describe(what);

/** Linux takes 107 bytes of a socket's path. */
const SOCKET_PATH_BYTES_MAX = 107;

const listenTarget = (what: string) =>
  z
    .string()
    .refine((text) => parseListen(text) !== undefined, {
      message: `must be host:port, such as 127.0.0.1:14318, or unix:/path of at most ${SOCKET_PATH_BYTES_MAX} bytes`,
    })
    .describe(what);

const hostName = z.string().regex(/^(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)$/, {
  message: 'must be a host name without port, such as leeway.monitoring.svc, *.example.org, or * for any',
});

const file = (what: string) =>
  z.string().min(1).describe(`${what} Relative to the configuration; read again when it changes.`);

const share = z.number().min(0);
const margins = z.strictObject({
  warning: share.describe('Distance that matters, instead of alarms.warning_margin.').optional(),
  critical: share.describe('Distance that is critical, instead of alarms.critical_margin.').optional(),
});

const METRICS = [
  'psi',
  'jensen_shannon',
  'wasserstein',
  'kolmogorov_smirnov',
  'chi_square',
  'cramers_v',
  'chebyshev',
  'hellinger',
  'total_variation',
  'kullback_leibler',
] as const;

const listen = z.strictObject({
  otlp_http: listenTarget('Where OTLP/HTTP is received: host:port, or unix:/path of a socket.').default(
    '127.0.0.1:14318',
  ),
  http: address('Where /metrics, /healthz and /readyz are served.').default('127.0.0.1:14319'),
  allowed_hosts: z
    .array(hostName)
    .max(100)
    .describe(
      'Names by which this host is called, such as the Kubernetes service; *.example.org for all below, * for any. Addresses, localhost, the name of the machine and of the listeners are allowed anyway; requests with a valid token or client certificate are not asked.',
    )
    .default([]),
  insecure_bind: z
    .boolean()
    .describe('Allow addresses that are not loopback without TLS and token, where a network policy protects them.')
    .default(false),
  bearer_token_file: file('File with the tokens, one a line, of which senders must show one.').optional(),
  tls: z
    .strictObject({
      cert_file: file('Certificate of the listener, PEM.'),
      key_file: file('Its private key, PEM.'),
      client_ca_file: file('Senders must show a certificate signed by it.').optional(),
    })
    .optional(),
});

const window = z.strictObject({
  length: duration('Length of the sliding window; a multiple of a day for models with a daily rhythm.').default('1h'),
  pane: duration('A window is evaluated at the end of each pane. Default: a twelfth of the window.').optional(),
  lateness: duration('How long after its end a pane still takes rows.').default('2m'),
  skew: duration('How far ahead of the clock a row may be.').default('1m'),
  clock: z
    .enum(['wall', 'event'])
    .describe(
      'wall: live traffic; event: a replay of the past drives the time, and rows ahead of the clock are refused too.',
    )
    .default('wall'),
});

const reference = z.strictObject({
  model: z.string().min(1).describe('Name of the model, as ml.model.name.'),
  version: z
    .string()
    .min(1)
    .describe('Exact version, a pattern with *, or inherit: any version that has no reference of its own.')
    .default('inherit'),
  environment: z.string().describe('Only for this deployment.environment.name. Default: all.').optional(),
  file: z.string().min(1).describe('Reference profile made by leeway profile; relative to this file.'),
});

const column = margins.extend({
  monitor: z.boolean().describe('Overrides what the reference proposes.').optional(),
  metric: z.enum(METRICS).describe('The metric that alarms.').optional(),
  min_rows: z.number().int().positive().describe('Instead of alarms.min_rows.').optional(),
});

const webhook = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine((url) => new URL(url).username === '' && new URL(url).password === '', {
      error: 'must not hold a user or password; a token goes into bearer_token_file',
      when: ({ issues }) => issues.length === 0,
    })
    .describe('Where changes of alarms are posted, as CloudEvents.'),
  secret_file: file('Its text signs the body: header x-leeway-signature.').optional(),
  bearer_token_file: file('Its text is sent as bearer token.').optional(),
  timeout: duration('How long one attempt may take.').default('10s'),
  retry_for: duration('How long a message is tried again while the webhook is away.').default('1h'),
});

const alarms = z.strictObject({
  webhooks: z.array(webhook).max(10).describe('Who is told of alarms.').default([]),
  runbooks: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .describe('Base of the addresses of runbooks; an alarm names this one and /data_drift and so on.')
    .optional(),
  false_alarms: z.number().positive().describe('False alarms that a model may raise per period.').default(1),
  period: duration('Period of that budget.').default('30d'),
  min_rows: z.number().int().positive().describe('Effective rows below which a window is not judged.').default(200),
  warning_margin: share.describe('PSI that matters.').default(0.1),
  critical_margin: share.describe('PSI that is critical.').default(0.25),
  block_band: z
    .enum(['block', 'always', 'none'])
    .describe(
      'Use of the reference’s own drift from block to block: when the window is at least as long as the blocks, always, or not.',
    )
    .default('block'),
  columns: z.record(z.string(), column).describe('Overrides by feature or output.').default({}),
});

const labels = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe(
        'SQLite file in which predictions wait for their labels; relative to the configuration. :memory: forgets them at the end.',
      ),
    ttl: duration('How long a prediction waits for its label.').default('30d'),
    wait: duration('How long a label waits for its prediction.').default('1h'),
    due: duration('A label is expected within so long: coverage is of predictions that are older.').default('1d'),
    rows: z
      .number()
      .int()
      .min(1_000)
      .describe('Predictions that are kept at most; beyond, the oldest are let go.')
      .default(10_000_000),
    bytes: z
      .number()
      .int()
      .min(2 ** 20)
      .describe('Size of the file, about.')
      .default(4 * 2 ** 30),
  })
  .describe('Labels that come later. Models take part whose reference was made with --label.');

const limits = z.strictObject({
  body_bytes: z
    .number()
    .int()
    .positive()
    .describe('Size of a request after decompression.')
    .default(64 * 2 ** 20),
  in_flight_bytes: z
    .number()
    .int()
    .positive()
    .describe('Bytes of requests under way.')
    .default(128 * 2 ** 20),
  memory_bytes: z
    .number()
    .int()
    .min(128 * 2 ** 20)
    .describe(
      'Resident memory above which requests are answered 503. Default: three quarters of what the container, else the machine, has.',
    )
    .optional(),
  environments: z.number().int().positive().describe('Values of deployment.environment.name.').default(20),
  models: z.number().int().positive().describe('Names of models.').default(500),
  versions: z.number().int().positive().describe('Versions of one model.').default(50),
  dedup_ids: z
    .number()
    .int()
    .positive()
    .describe('Ids remembered to recognise what is sent twice, about 20 bytes each.')
    .default(4_000_000),
});

export const configSchema = z.strictObject({
  listen: listen.prefault({}),
  window: window.prefault({}),
  references: z.array(reference).max(10_000).describe('Which reference a model is compared with.').default([]),
  alarms: alarms.prefault({}),
  performance: performance.prefault({}),
  labels: labels.optional(),
  mapping: mapping.prefault({}),
  metrics: z
    .array(z.enum(METRICS))
    .min(1)
    .max(3)
    .describe('Statistics that are computed and exported, at most three a feature.')
    .default(['psi', 'jensen_shannon', 'wasserstein']),
  export: z
    .strictObject({
      otlp: z
        .enum(['auto', 'on', 'off'])
        .describe('auto: when an OTEL_EXPORTER_OTLP_* endpoint is set. Endpoint and headers come from there.')
        .default('auto'),
      interval: duration('Time between exports. Default: OTEL_METRIC_EXPORT_INTERVAL, else 60s.').optional(),
    })
    .prefault({}),
  limits: limits.prefault({}),
  workers: z
    .number()
    .int()
    .min(0)
    .max(64)
    .describe(
      'Threads that scan and bin; 0 does it in the main one. With 2 or more, a prediction that comes as span and as event in two requests may count twice.',
    )
    .default(1),
  retire_after: duration('Versions without traffic for so long are forgotten.').default('24h'),
  log_level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .describe('What is logged, to stderr.')
    .default('info'),
});

/** What a valid file says, defaults filled in. */
export type Config = z.output<typeof configSchema>;

/** JSON Schema of the file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or `unix:` and an absolute path. */
export function parseListen(text: string): Address | { readonly socketPath: string } | undefined {
  if (!text.startsWith('unix:')) return parseAddress(text);
  const socketPath = text.slice('unix:'.length);
  const isUsable = socketPath.startsWith('/') && Buffer.byteLength(socketPath) <= SOCKET_PATH_BYTES_MAX;
  return isUsable && !socketPath.includes('\0') ? { socketPath } : undefined;
}

export function parseAddress(text: string): Address | undefined {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]/\s]+):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65_535) return undefined;
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}
