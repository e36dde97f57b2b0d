/** Asks a sidecar what it knows: /healthz, and on /metrics its models and their features. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface SidecarProbe {
  readonly url: string;
  /** Undefined: it answers as a sidecar does. */
  readonly fault: string | undefined;
  /** Features by name of the model. */
  readonly models: ReadonlyMap<string, ReadonlySet<string>>;
  /** Observations that were not counted, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
}

const TIMEOUT_MS = 5_000;
const BYTES_MAX = 64 * 2 ** 20;
/** A sidecar shows what it took within a second; so long and some more it is asked again. */
const SHOWN_MS_MAX = 2_500;
const AGAIN_MS = 250;

/** @param sentModels names of models of which predictions were sent just now */
export async function probeSidecar(url: string, sentModels: readonly string[]): Promise<SidecarProbe> {
  const untilMs = performance.now() + SHOWN_MS_MAX;
  for (;;) {
    const probe = await probeOnce(url);
    const isSettled = probe.fault !== undefined || sentModels.every((model) => probe.models.has(model));
    if (isSettled || performance.now() >= untilMs) return probe;
    await sleep(AGAIN_MS);
  }
}

async function probeOnce(url: string): Promise<SidecarProbe> {
  const none = { url, models: new Map<string, Set<string>>(), rejected: new Map<string, number>() };
  try {
    const health = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!health.ok) return { ...none, fault: `/healthz answers ${health.status}` };
    const response = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) return { ...none, fault: `/metrics answers ${response.status}` };
    const page = (await response.text()).slice(0, BYTES_MAX);
    if (!page.includes('leeway_build_info')) return { ...none, fault: 'what answers there is no Leeway sidecar' };
    return { url, fault: undefined, ...readMetrics(page) };
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    return { ...none, fault: `no answer (${String(cause?.code ?? (error as Error).name)})` };
  }
}

/** @param page in Prometheus' text format */
export function readMetrics(page: string): Pick<SidecarProbe, 'models' | 'rejected'> {
  const models = new Map<string, Set<string>>();
  const rejected = new Map<string, number>();
  for (const line of page.split('\n')) {
    const [, name, inner, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === undefined || inner === undefined) continue;
    const labels = new Map(
      [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, plain(text)]),
    );
    const model = labels.get('ml_model_name');
    if (name === 'ml_reference_info' && model !== undefined && !models.has(model)) models.set(model, new Set());
    if (name === 'ml_feature_info' && model !== undefined) {
      const features = models.get(model) ?? new Set();
      models.set(model, features.add(labels.get('ml_feature_name') ?? ''));
    }
    const outcome = labels.get('leeway_outcome');
    if (name === 'leeway_observations_processed_total' && (outcome === 'rejected' || outcome === 'quarantined')) {
      const reason = labels.get('leeway_reason') ?? outcome;
      if (Number(value) > 0) rejected.set(reason, (rejected.get(reason) ?? 0) + Number(value));
    }
  }
  return { models, rejected };
}

function plain(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
