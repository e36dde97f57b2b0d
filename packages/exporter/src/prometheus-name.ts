/**
 * The name a metric has in Prometheus. Both paths must give the same series, so this follows the rules by which OTLP
 * receivers translate names (Prometheus' OTLP translator, "UnderscoreEscapingWithSuffixes"): words joined by
 * underscores, the unit as a word, `_ratio` for gauges with unit 1, `_total` for counters.
 */
export type Instrument = 'counter' | 'updowncounter' | 'gauge' | 'histogram';

/** UCUM units that Leeway uses, and the word that Prometheus has for them. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
};

/**
 * @param name OpenTelemetry name, for example `ml.inference.duration`
 * @param unit UCUM unit; an annotation such as `{row}` leaves no trace
 * @returns for example `ml_inference_duration_seconds`
 */
export function prometheusName(name: string, unit: string, instrument: Instrument): string {
  const words = name.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
  const unitWord = unit === '1' || unit.startsWith('{') ? undefined : UNIT_WORDS[unit];
  if (unitWord !== undefined && !words.includes(unitWord)) words.push(unitWord);
  if (instrument === 'counter') return joinWithLast(words, 'total');
  if (instrument === 'gauge' && unit === '1') return joinWithLast(words, 'ratio');
  return words.join('_');
}

/** A label's name: every character outside [a-zA-Z0-9_] becomes an underscore. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

function joinWithLast(words: readonly string[], last: string): string {
  return [...words.filter((word) => word !== last), last].join('_');
}
