/** Which parsed JSON is an OTLP request to the scanner: each member that it reads is of its kind, or null. */
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' || isText(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object, of which each of these members is absent, null or as it must be; others may be anything. */
function objectOf(members: Readonly<Record<string, Check>>): Check {
  return (value) =>
    isObject(value) && Object.entries(members).every(([name, check]) => value[name] == null || check(value[name]));
}
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const SCALARS = {
  stringValue: isText,
  boolValue: (value: unknown) => typeof value === 'boolean',
  intValue: isNumber,
  doubleValue: isNumber,
};
const element: Check = (value) => value === null || objectOf(SCALARS)(value);
const value = objectOf({ ...SCALARS, arrayValue: objectOf({ values: listOf(element) }) });
const attributes = listOf(objectOf({ key: isText, value }));
const ITEM = { attributes, traceId: isText, spanId: isText, droppedAttributesCount: isNumber };
const SPAN = objectOf({ ...ITEM, endTimeUnixNano: isNumber, traceState: isText });
const LOG_RECORD = objectOf({ ...ITEM, timeUnixNano: isNumber, observedTimeUnixNano: isNumber, eventName: isText });
const resource = objectOf({ attributes });

const REQUEST = {
  traces: objectOf({
    resourceSpans: listOf(objectOf({ resource, scopeSpans: listOf(objectOf({ spans: listOf(SPAN) })) })),
  }),
  logs: objectOf({
    resourceLogs: listOf(objectOf({ resource, scopeLogs: listOf(objectOf({ logRecords: listOf(LOG_RECORD) })) })),
  }),
};

export function isReadable(json: unknown, signal: 'traces' | 'logs'): boolean {
  return REQUEST[signal](json);
}

/** Whether no object of the JSON `text`, which was parsed to `json`, names a member twice. */
export function uniqueNames(text: string, json: unknown): boolean {
  const written = text.match(/"(?:[^"\\]|\\.)*"\s*(?::|)/gs)?.filter((token) => token.endsWith(':')).length ?? 0;
  return written === memberCount(json);
}

function memberCount(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner) => sum + memberCount(inner), own);
}
