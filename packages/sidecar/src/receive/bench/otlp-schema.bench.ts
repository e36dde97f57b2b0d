/**
 * OTLP as a library sees it: the messages of opentelemetry-proto 1.11 that the scanners walk, for protobufjs, which
 * compiles a decoder from them at run time. The oracle of the tests and the opponent of the benchmarks.
 */
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto3";
package otlp;

message TraceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans {
  Resource resource = 1;
  repeated ScopeSpans scope_spans = 2;
  string schema_url = 3;
}
message ScopeSpans {
  Scope scope = 1;
  repeated Span spans = 2;
  string schema_url = 3;
}
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  string trace_state = 3;
  bytes parent_span_id = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10;
  repeated Event events = 11;
  Status status = 15;
  fixed32 flags = 16;
}
message Event {
  fixed64 time_unix_nano = 1;
  string name = 2;
  repeated KeyValue attributes = 3;
}
message Status {
  string message = 2;
  int32 code = 3;
}

message LogRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs {
  Resource resource = 1;
  repeated ScopeLogs scope_logs = 2;
  string schema_url = 3;
}
message ScopeLogs {
  Scope scope = 1;
  repeated LogRecord log_records = 2;
  string schema_url = 3;
}
message LogRecord {
  fixed64 time_unix_nano = 1;
  int32 severity_number = 2;
  string severity_text = 3;
  AnyValue body = 5;
  repeated KeyValue attributes = 6;
  uint32 dropped_attributes_count = 7;
  fixed32 flags = 8;
  bytes trace_id = 9;
  bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11;
  string event_name = 12;
}

message Resource {
  repeated KeyValue attributes = 1;
  uint32 dropped_attributes_count = 2;
}
message Scope {
  string name = 1;
  string version = 2;
  repeated KeyValue attributes = 3;
}
message KeyValue {
  string key = 1;
  AnyValue value = 2;
}
message AnyValue {
  oneof value {
    string string_value = 1;
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

message ExportResponse { PartialSuccess partial_success = 1; }
message PartialSuccess {
  int64 rejected = 1;
  string error_message = 2;
}
message RpcStatus {
  int32 code = 1;
  string message = 2;
}
`;

const root = protobuf.parse(SCHEMA).root;

export const TRACE_REQUEST = root.lookupType('otlp.TraceRequest');
export const LOG_REQUEST = root.lookupType('otlp.LogRequest');
export const EXPORT_RESPONSE = root.lookupType('otlp.ExportResponse');
export const RPC_STATUS = root.lookupType('otlp.RpcStatus');

/** A 64-bit integer as protobufjs holds it. */
export interface Long {
  readonly low: number;
  readonly high: number;
}
export type Integer = Long | number;

/** Decoded messages as protobufjs makes them: fields that were not sent read as their default. */
export interface LibraryValue {
  readonly value?: string;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Integer;
  readonly doubleValue: number;
  readonly arrayValue: { readonly values: readonly LibraryValue[] };
}
export interface LibraryKeyValue {
  readonly key: string;
  readonly value: LibraryValue | null;
}
export interface LibraryItem {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly attributes: readonly LibraryKeyValue[];
  readonly droppedAttributesCount: number;
  readonly traceState?: string;
  readonly endTimeUnixNano?: Integer;
  readonly timeUnixNano?: Integer;
  readonly observedTimeUnixNano?: Integer;
  readonly eventName?: string;
}
interface LibraryResource {
  readonly resource: { readonly attributes: readonly LibraryKeyValue[] } | null;
}
export interface LibraryTraces {
  readonly resourceSpans: readonly (LibraryResource & {
    readonly scopeSpans: readonly { readonly spans: readonly LibraryItem[] }[];
  })[];
}
export interface LibraryLogs {
  readonly resourceLogs: readonly (LibraryResource & {
    readonly scopeLogs: readonly { readonly logRecords: readonly LibraryItem[] }[];
  })[];
}
