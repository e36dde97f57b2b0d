/**
 * OTLP as far as the protobuf scanner reads it: to protobufjs with this schema everything else is an unknown field,
 * which it jumps over as the scanner does. Text is bytes here, because the scanner takes ill-formed UTF-8 (each fault is
 * U+FFFD) where the full schema has protobufjs refuse the whole request.
 */
import protobuf from 'protobufjs';
import type { Json } from './scanner-twin.ts';

const SCHEMA = `
syntax = "proto3";
package read;

message Traces { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans {
  Resource resource = 1;
  repeated ScopeSpans scope_spans = 2;
}
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  bytes trace_state = 3;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10;
}

message Logs { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs {
  Resource resource = 1;
  repeated ScopeLogs scope_logs = 2;
}
message ScopeLogs { repeated LogRecord log_records = 2; }
message LogRecord {
  fixed64 time_unix_nano = 1;
  AnyValue body = 5;
  repeated KeyValue attributes = 6;
  uint32 dropped_attributes_count = 7;
  bytes trace_id = 9;
  bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11;
  bytes event_name = 12;
}

message Resource { repeated KeyValue attributes = 1; }
message KeyValue {
  bytes key = 1;
  AnyValue value = 2;
}
message AnyValue {
  oneof value {
    bytes string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
`;

const root = protobuf.parse(SCHEMA).root;
const READ = { traces: root.lookupType('read.Traces'), logs: root.lookupType('read.Logs') } as const;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const IDS = ['traceId', 'spanId'];

/** The request in OTLP/JSON's shape, or undefined when protobufjs refuses it. */
export function readByLibrary(signal: 'traces' | 'logs', bytes: Uint8Array): Json | undefined {
  try {
    return jsonOf('', READ[signal].decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}

function jsonOf(name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return IDS.includes(name) ? Buffer.from(value).toString('hex') : utf8.decode(value);
  if (Array.isArray(value)) return value.map((element) => jsonOf(name, element));
  if (typeof value !== 'object' || value === null) return value;
  // A 64-bit integer as protobufjs holds it.
  if ('low' in value && 'high' in value) return String(value);
  return Object.fromEntries(Object.keys(value).map((field) => [field, jsonOf(field, (value as Json)[field])]));
}
