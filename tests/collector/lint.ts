/**
 * Our own lint of Collector configurations: what the Collector's `validate` accepts and Leeway's users must not run.
 * Every rule has its name in LINT_RULES, and a test that makes it fire.
 */
import { parse } from 'yaml';

export const LINT_RULES = [
  'header',
  'dangling',
  'unused',
  'deprecated',
  'wildcard-bind',
  'loop',
  'unfiltered',
  'after-sampling',
  'sampling-mode',
  'memory-limiter',
  'queue',
  'routing',
  'env-default',
] as const;
export type LintRule = (typeof LINT_RULES)[number];

export interface Finding {
  readonly rule: LintRule;
  readonly message: string;
}

const HEADER_LINES = ['Purpose', 'Minimum version', 'Distribution', 'Ports'] as const;
const KINDS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'] as const;
type Kind = (typeof KINDS)[number];

/** Names that Collector 0.160 still takes, or no longer does, and what to write. */
const DEPRECATED: Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>> = {
  exporters: {
    otlp: 'otlp_grpc',
    otlphttp: 'otlp_http',
    loadbalancing: 'load_balancing',
    prometheusremotewrite: 'prometheus_remote_write',
    logging: 'debug',
  },
  processors: {
    batch: 'sending_queue.batch of the exporter',
    k8sattributes: 'k8s_attributes',
    deltatocumulative: 'delta_to_cumulative',
  },
};
const DEPRECATED_FILTER_KEYS: Readonly<Record<string, string>> = {
  traces: 'trace_conditions',
  spans: 'trace_conditions',
  logs: 'log_conditions',
  metrics: 'metric_conditions',
};
/** Binds that reach beyond the machine. */
const WILDCARD_HOST = /^(?:0\.0\.0\.0|\[::\]|::|\*|\[?0*:0*:0*.*\]?|)$/;
const SIDECAR_PORTS = ['14317', '14318'];
const MODEL_NAME = 'ml.model.name';
const ML_CONDITION = /attributes\["ml\.model\.name"\]\s*==\s*nil/;

type Tree = Readonly<Record<string, unknown>>;

interface Pipeline {
  readonly name: string;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

interface Configuration {
  readonly text: string;
  readonly components: Readonly<Record<Kind, Readonly<Record<string, Tree>>>>;
  readonly service: Tree;
  readonly pipelines: readonly Pipeline[];
}

/** What is wrong with the text of one configuration; nothing when all is well. */
export function lintCollectorConfig(text: string): Finding[] {
  const configuration = configurationOf(text);
  return [
    ...headerFindings(configuration),
    ...referenceFindings(configuration),
    ...nameFindings(configuration),
    ...bindFindings(configuration),
    ...branchFindings(configuration),
    ...exporterFindings(configuration),
    ...routingFindings(configuration),
    ...environmentFindings(configuration),
  ];
}

function configurationOf(text: string): Configuration {
  const tree = treeOf(withDefaults(parse(text)));
  const components = Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      Object.fromEntries(Object.entries(treeOf(tree[kind])).map(([id, config]) => [id, treeOf(config)])),
    ]),
  ) as Configuration['components'];
  const service = treeOf(tree.service);
  const pipelines = Object.entries(treeOf(service.pipelines)).map(([name, value]) => {
    const pipeline = treeOf(value);
    const [receivers, processors, exporters] = ['receivers', 'processors', 'exporters'].map((key) =>
      listOf(pipeline[key]),
    );
    return { name, receivers, processors, exporters };
  });
  return { text, components, service, pipelines };
}

/** Placeholders replaced by their defaults: what a user runs who sets nothing. */
function withDefaults(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\$\{env:\w+(?::-([^}]*))?\}/g, (_, text) => text ?? 'unset');
  if (Array.isArray(value)) return value.map(withDefaults);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(treeOf(value)).map(([key, inner]) => [key, withDefaults(inner)]));
}

function headerFindings({ text }: Configuration): Finding[] {
  const header = /^(?:#.*\n)*/.exec(text)?.[0] ?? '';
  return HEADER_LINES.filter((line) => !new RegExp(`^# ${line}: \\S`, 'm').test(header)).map((line) => ({
    rule: 'header',
    message: `the file does not begin with a comment that has "${line}:"`,
  }));
}

function referenceFindings({ components, service, pipelines }: Configuration): Finding[] {
  const findings: Finding[] = [];
  const used: Record<Kind, Set<string>> = {
    receivers: new Set(),
    processors: new Set(),
    exporters: new Set(),
    connectors: new Set(),
    extensions: new Set(listOf(service.extensions)),
  };
  for (const pipeline of pipelines) {
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      for (const id of pipeline[kind])
        used[kind !== 'processors' && id in components.connectors ? 'connectors' : kind].add(id);
    }
  }
  for (const { id, where } of nestedExtensions(components)) {
    used.extensions.add(id);
    if (!listOf(service.extensions).includes(id)) {
      findings.push({
        rule: 'dangling',
        message: `${where} names the extension ${id}, which service.extensions does not start`,
      });
    }
  }
  for (const kind of KINDS) {
    const defined = Object.keys(components[kind]);
    for (const id of used[kind]) {
      if (!defined.includes(id)) findings.push({ rule: 'dangling', message: `${kind} has no ${id}` });
    }
    for (const id of defined) {
      if (!used[kind].has(id)) findings.push({ rule: 'unused', message: `${kind}.${id} is in no pipeline` });
    }
  }
  return findings;
}

/** Extensions that components name in their own configuration: authenticators and queue storage. */
function nestedExtensions(components: Configuration['components']): { id: string; where: string }[] {
  return KINDS.flatMap((kind) =>
    Object.entries(components[kind]).flatMap(([id, config]) =>
      leaves(config)
        .filter(
          ({ path, value }) =>
            /(^|\.)(auth\.authenticator|sending_queue\.storage)$/.test(path) && typeof value === 'string',
        )
        .map(({ path, value }) => ({ id: String(value), where: `${kind}.${id}.${path}` })),
    ),
  );
}

function nameFindings({ components, service }: Configuration): Finding[] {
  const findings: Finding[] = KINDS.flatMap((kind) =>
    Object.keys(components[kind]).flatMap((id) => {
      const better = DEPRECATED[kind]?.[typeOf(id)];
      return better === undefined ? [] : [{ rule: 'deprecated' as const, message: `${kind}.${id}: write ${better}` }];
    }),
  );
  for (const [id, config] of Object.entries(components.processors)) {
    if (typeOf(id) !== 'filter') continue;
    for (const key of Object.keys(config)) {
      const better = DEPRECATED_FILTER_KEYS[key];
      if (better !== undefined)
        findings.push({ rule: 'deprecated', message: `processors.${id}.${key}: write ${better}` });
    }
  }
  if (treeOf(treeOf(service.telemetry).metrics).address !== undefined) {
    findings.push({ rule: 'deprecated', message: 'service.telemetry.metrics.address: write readers' });
  }
  return findings;
}

function bindFindings({ components, service }: Configuration): Finding[] {
  const listening = [
    ...leaves(components.receivers).filter(({ path }) =>
      /^[^.]+\.protocols\.[^.]+\.endpoint$|^[^.]+\.endpoint$/.test(path),
    ),
    ...leaves(components.extensions).filter(({ path }) => /\.endpoint$/.test(path)),
    ...leaves(treeOf(service.telemetry)).filter(({ path }) => /prometheus\.host$/.test(path)),
  ];
  return listening
    .filter(({ path, value }) => {
      const host = path.endsWith('.host') ? String(value) : String(value).replace(/:\d+$/, '');
      return WILDCARD_HOST.test(host);
    })
    .map(({ path, value }) => ({ rule: 'wildcard-bind', message: `${path}: ${value} listens on every interface` }));
}

/** The ML branch: fed by the services only, only with what names a model, before sampling, sampled by weight. */
function branchFindings({ components, pipelines }: Configuration): Finding[] {
  const findings: Finding[] = [];
  const sidecar = Object.keys(components.exporters).filter((id) => feedsSidecar(id, components.exporters[id]));
  for (const pipeline of pipelines) {
    const exporter = pipeline.exporters.find((id) => sidecar.includes(id));
    if (exporter === undefined) continue;
    const upstream = upstreamOf(pipeline, pipelines, components);
    const back = upstream
      .flatMap(({ receivers }) => receivers)
      .find((id) => comesFromSidecar(id, components.receivers[id]));
    if (back !== undefined) {
      findings.push({
        rule: 'loop',
        message: `${pipeline.name}: ${back} reaches ${exporter}; what Leeway says comes back to it`,
      });
    }
    const processors = upstream.flatMap((stage) => stage.processors);
    if (!processors.some((id) => typeOf(id) === 'filter' && keepsModelsOnly(components.processors[id]))) {
      findings.push({ rule: 'unfiltered', message: `${pipeline.name}: ${exporter} gets what names no model` });
    }
    for (const id of processors) {
      if (typeOf(id) === 'tail_sampling') {
        findings.push({ rule: 'after-sampling', message: `${pipeline.name}: ${id} stands before ${exporter}` });
      }
      if (typeOf(id) === 'probabilistic_sampler' && components.processors[id]?.mode !== 'proportional') {
        findings.push({ rule: 'sampling-mode', message: `${pipeline.name}: ${id} needs mode: proportional` });
      }
    }
  }
  return findings;
}

/** The pipeline and all that feed it through connectors. */
function upstreamOf(
  pipeline: Pipeline,
  pipelines: readonly Pipeline[],
  components: Configuration['components'],
): Pipeline[] {
  const found = new Set([pipeline]);
  for (const stage of found) {
    for (const id of stage.receivers) {
      if (!(id in components.connectors)) continue;
      for (const feeder of pipelines) if (feeder.exporters.includes(id)) found.add(feeder);
    }
  }
  return [...found];
}

function exporterFindings({ components, pipelines }: Configuration): Finding[] {
  const findings: Finding[] = [];
  for (const [id, config] of Object.entries(components.exporters)) {
    const queue = treeOf(config.sending_queue);
    if (!/^otlp_(http|grpc)$/.test(typeOf(id))) continue;
    // Without a queue the sender waits for the answer, and keeps what was not taken: then nobody else may try again.
    const isDirect = queue.enabled === false && treeOf(config.retry_on_failure).enabled === false;
    if (queue.batch === undefined && !isDirect)
      findings.push({ rule: 'queue', message: `exporters.${id} has no sending_queue.batch` });
    if (feedsSidecar(id, config) && queue.block_on_overflow === true) {
      findings.push({ rule: 'queue', message: `exporters.${id} blocks the services when the sidecar is slow` });
    }
  }
  for (const { name, processors } of pipelines) {
    if (typeOf(processors[0] ?? '') !== 'memory_limiter') {
      findings.push({ rule: 'memory-limiter', message: `${name} does not begin with a memory_limiter` });
    }
  }
  return findings;
}

/** All of a model goes one way, predictions and labels alike: else labels do not meet their predictions. */
function routingFindings({ components }: Configuration): Finding[] {
  const findings: Finding[] = [];
  for (const [id, config] of Object.entries(components.exporters)) {
    const isByModel = config.routing_key === 'attributes' && listOf(config.routing_attributes).join() === MODEL_NAME;
    if (typeOf(id) === 'load_balancing' && !isByModel)
      findings.push({ rule: 'routing', message: `exporters.${id} does not route by ${MODEL_NAME} alone` });
    if (typeOf(id) !== 'kafka') continue;
    const keys = ['traces', 'logs'].map((signal) => treeOf(config[signal]).message_key_from_metadata_key);
    if (keys[0] === undefined || keys[0] !== keys[1])
      findings.push({ rule: 'routing', message: `exporters.${id} does not give traces and logs the same key` });
  }
  return findings;
}

function environmentFindings({ text }: Configuration): Finding[] {
  return [...text.matchAll(/\$\{env:(\w+)\}/g)]
    .filter(([, name]) => !/TOKEN|SECRET|PASSWORD|CERT|KEY/.test(name))
    .map(([, name]) => ({ rule: 'env-default', message: `${name} has no default` }));
}

const typeOf = (id: string): string => id.split('/')[0];
const nameOf = (id: string): string => id.split('/')[1] ?? '';

const feedsSidecar = (id: string, config: Tree | undefined): boolean =>
  nameOf(id) === 'leeway' || SIDECAR_PORTS.some((port) => JSON.stringify(config ?? {}).includes(`:${port}`));

/** Whether the conditions of both signals drop what names no model. */
const keepsModelsOnly = (filter: Tree | undefined): boolean =>
  ['trace_conditions', 'log_conditions'].every((key) => ML_CONDITION.test(listOf(filter?.[key]).join('\n')));

const comesFromSidecar = (id: string, config: Tree | undefined): boolean =>
  nameOf(id) === 'leeway' || JSON.stringify(config ?? {}).includes(':14319');

function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function leaves(tree: unknown, path = ''): { path: string; value: unknown }[] {
  if (typeof tree !== 'object' || tree === null) return [{ path, value: tree }];
  return Object.entries(tree).flatMap(([key, value]) => leaves(value, path === '' ? key : `${path}.${key}`));
}
