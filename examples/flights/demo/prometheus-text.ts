/** Reads the Prometheus text format: the demo shows only what any Prometheus would see. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Samples = ReadonlyMap<string, readonly Sample[]>;

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

export function parsePrometheusText(text: string): Samples {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const match = line.startsWith('#') ? null : LINE.exec(line);
    if (match === null) continue;
    const [, name, labelText = '', valueText] = match;
    const labels: Record<string, string> = {};
    for (const [, key, value] of labelText.matchAll(LABEL)) labels[key] = unescapeLabel(value);
    const list = samples.get(name);
    const sample = { labels, value: Number(valueText.replace('Inf', 'Infinity')) };
    if (list === undefined) samples.set(name, [sample]);
    else list.push(sample);
  }
  return samples;
}

/** Value of the one sample that carries these labels, undefined when there is none. */
export function sampleValue(
  samples: Samples,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  return select(samples, name, labels)[0]?.value;
}

export function select(
  samples: Samples,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  const wanted = Object.entries(labels);
  return (samples.get(name) ?? []).filter((sample) => wanted.every(([key, value]) => sample.labels[key] === value));
}

function unescapeLabel(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
}
