/** packages/semconv/model/*.yaml → TypeScript constants and the documentation's tables. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { GeneratedFile } from '../generate.ts';

interface Attribute {
  readonly id: string;
  readonly type: string;
  readonly brief: string;
  readonly examples: readonly unknown[];
}
interface Metric {
  readonly metric_name: string;
  readonly instrument: string;
  readonly unit: string;
  readonly brief: string;
  readonly annotations: { readonly emitter: string };
  readonly attributes: readonly { readonly ref: string }[];
}
interface Event {
  readonly name: string;
  readonly brief: string;
}

const HEADER = '// Generated from packages/semconv/model by `npm run generate`. Do not edit.\n\n';

export function generateSemconv(root: string): GeneratedFile[] {
  const read = (name: string) => parse(readFileSync(join(root, 'packages/semconv/model', name), 'utf8')).groups;
  const attributes: Attribute[] = read('attributes.yaml').flatMap((g: { attributes: Attribute[] }) => g.attributes);
  const metrics: Metric[] = read('metrics.yaml');
  const events: Event[] = read('events.yaml');
  checkReferences(attributes, metrics);
  const sources = [
    { file: 'attributes', body: attributes.map(attributeConstant) },
    { file: 'metrics', body: [...metrics.map(metricConstant), metricTable(metrics)] },
    { file: 'events', body: events.map(eventConstant) },
  ];
  return [
    ...sources.map(({ file, body }) => ({
      path: `packages/semconv/src/generated/${file}.ts`,
      content: HEADER + body.join('\n'),
    })),
    { path: 'packages/semconv/src/index.ts', content: indexOf(attributes, metrics, events) },
    { path: 'docs/reference/telemetry.md', content: documentation(attributes, metrics, events) },
  ];
}

const isTemplate = (attribute: Attribute): boolean => attribute.type.startsWith('template');
const constantOf = (prefix: string, name: string): string => `${prefix}_${name.toUpperCase().replaceAll('.', '_')}`;
const attributeName = (a: Attribute): string => constantOf(isTemplate(a) ? 'PREFIX' : 'ATTR', a.id);

function attributeConstant(a: Attribute): string {
  const value = isTemplate(a) ? `${a.id}.` : a.id;
  return `/** ${a.brief} Example: \`${JSON.stringify(a.examples[0])}\`. */\nexport const ${attributeName(a)} = '${value}' as const;\n`;
}

function metricConstant(m: Metric): string {
  const unit = m.unit === '' ? 'no unit' : m.unit;
  return `/** ${m.brief} (${m.instrument}, ${unit}, by ${m.annotations.emitter}) */\nexport const ${constantOf('METRIC', m.metric_name)} = '${m.metric_name}' as const;\n`;
}

function eventConstant(e: Event): string {
  return `/** ${e.brief} */\nexport const ${constantOf('EVENT', e.name)} = '${e.name}' as const;\n`;
}

/** Instrument, unit, description and attributes of every metric, for exporters and tests. */
function metricTable(metrics: readonly Metric[]): string {
  const rows = metrics.map((m) => {
    const attributes = m.attributes.map((a) => `'${a.ref}'`).join(', ');
    return `  '${m.metric_name}': { instrument: '${m.instrument}', unit: '${m.unit}', emitter: '${m.annotations.emitter}', description: ${JSON.stringify(m.brief)}, attributes: [${attributes}] },`;
  });
  return `/** Every metric: its instrument, UCUM unit, emitter, description and possible attributes. */\nexport const METRICS = {\n${rows.join('\n')}\n} as const;\n\nexport type MetricName = keyof typeof METRICS;\n`;
}

function indexOf(attributes: readonly Attribute[], metrics: readonly Metric[], events: readonly Event[]): string {
  const block = (names: string[], file: string) =>
    `export {\n${names
      .sort()
      .map((n) => `  ${n},`)
      .join('\n')}\n} from './generated/${file}.ts';\n`;
  return (
    HEADER +
    block(attributes.map(attributeName), 'attributes') +
    block(
      events.map((e) => constantOf('EVENT', e.name)),
      'events',
    ) +
    block(['METRICS', ...metrics.map((m) => constantOf('METRIC', m.metric_name))], 'metrics') +
    "export { FOREIGN_NAMES } from './foreign-names.ts';\nexport type { MetricName } from './generated/metrics.ts';\nexport { SCHEMA_URL } from './schema-url.ts';\n"
  );
}

function checkReferences(attributes: readonly Attribute[], metrics: readonly Metric[]): void {
  const known = new Set(attributes.map((a) => a.id));
  for (const m of metrics) {
    for (const { ref } of m.attributes) {
      if (!known.has(ref)) throw new Error(`metric ${m.metric_name} refers to the unknown attribute ${ref}`);
    }
  }
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function documentation(attributes: readonly Attribute[], metrics: readonly Metric[], events: readonly Event[]): string {
  const lines = [
    '<!-- Generated from packages/semconv/model by `npm run generate`. Do not edit. -->',
    '# Telemetry reference',
    '',
    'Every attribute, event and metric that Leeway reads or writes.',
    '',
    '## Attributes',
    '',
    '| attribute | type | meaning | example |',
    '|---|---|---|---|',
    ...attributes.map(
      (a) =>
        `| \`${isTemplate(a) ? `${a.id}.<key>` : a.id}\` | ${a.type} | ${cell(a.brief)} | \`${cell(JSON.stringify(a.examples[0]))}\` |`,
    ),
    '',
    '## Events',
    '',
    'Log records with this event name.',
    '',
    '| event | meaning |',
    '|---|---|',
    ...events.map((e) => `| \`${e.name}\` | ${cell(e.brief)} |`),
    '',
    '## Metrics',
    '',
    '| metric | instrument | unit | emitted by | meaning | attributes |',
    '|---|---|---|---|---|---|',
    ...metrics.map(
      (m) =>
        `| \`${m.metric_name}\` | ${m.instrument} | ${m.unit === '' ? '–' : `\`${m.unit}\``} | ${m.annotations.emitter} | ${cell(m.brief)} | ${m.attributes.map((a) => `\`${a.ref}\``).join(' ')} |`,
    ),
    '',
  ];
  return lines.join('\n');
}
