/**
 * The configuration that users write. One schema: it validates, it gives the types, and it is the JSON Schema for
 * editors.
 */
import { parseDuration } from '@leeway/engine';
import { z } from 'zod';

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

const share = z.number().min(0);
const margins = z.strictObject({ warning: share.optional(), critical: share.optional() });

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
  otlp_http: address('Where OTLP/HTTP is received.').default('127.0.0.1:14318'),
  http: address('Where /metrics, /healthz and /readyz are served.').default('127.0.0.1:14319'),
  insecure_bind: z.boolean().describe('Allow an address that is not loopback without TLS and token.').default(false),
  bearer_token_file: z.string().describe('File with a token that senders must show.').optional(),
  tls: z
    .strictObject({
      cert_file: z.string(),
      key_file: z.string(),
      client_ca_file: z.string().describe('Senders must show a certificate signed by it.').optional(),
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
  min_rows: z.number().int().positive().optional(),
});

const alarms = z.strictObject({
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
  environments: z.number().int().positive().default(20),
  models: z.number().int().positive().default(500),
  versions: z.number().int().positive().describe('Versions of one model.').default(50),
  dedup_ids: z.number().int().positive().default(4_000_000),
});

export const configSchema = z.strictObject({
  listen: listen.prefault({}),
  window: window.prefault({}),
  references: z.array(reference).max(10_000).default([]),
  alarms: alarms.prefault({}),
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
  workers: z.number().int().min(0).max(64).describe('Threads that scan and bin; 0 does it in the main one.').default(1),
  retire_after: duration('Versions without traffic for so long are forgotten.').default('24h'),
  log_level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
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

export function parseAddress(text: string): Address | undefined {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]/\s]+):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65_535) return undefined;
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}
