/** OTLP/JSON from plain objects, for tests that go through the real decoder. */

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export function anyValue(value: Plain): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Readonly<Record<string, Plain>>) } };
}

export function keyValues(attributes: Readonly<Record<string, Plain>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export interface Item {
  readonly timeMs: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly event?: string;
  readonly body?: Plain;
  readonly attributes?: Readonly<Record<string, Plain>>;
}

export function tracesOf(items: readonly Item[], resource: Readonly<Record<string, Plain>> = {}): string {
  const spans = items.map(({ timeMs, traceId, spanId, attributes = {} }) => ({
    traceId,
    spanId,
    name: 'predict',
    endTimeUnixNano: `${timeMs}000000`,
    attributes: keyValues(attributes),
  }));
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans: [{ spans }] }],
  });
}

export function logsOf(
  items: readonly Item[],
  { scope = 'test', resource = {} }: { scope?: string; resource?: Readonly<Record<string, Plain>> } = {},
): string {
  const logRecords = items.map(({ timeMs, traceId, spanId, event, body, attributes = {} }) => ({
    timeUnixNano: `${timeMs}000000`,
    traceId,
    spanId,
    eventName: event,
    body: body === undefined ? undefined : anyValue(body),
    attributes: keyValues(attributes),
  }));
  const scopeLogs = [{ logRecords, scope: { name: scope } }];
  return JSON.stringify({ resourceLogs: [{ resource: { attributes: keyValues(resource) }, scopeLogs }] });
}
