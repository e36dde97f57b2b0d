/**
 * Trace context for the server's span. Where nobody else propagates, the inference's span is its parent; where
 * @opentelemetry/instrumentation-undici or another does, before or after us, its header stands and ours does not:
 * two `traceparent` headers would break the trace.
 */
import { context, propagation, type Span, trace } from '@opentelemetry/api';
import { headersOf } from './header-list.ts';

export interface UndiciRequest {
  readonly method: string;
  readonly path: string;
  readonly origin: string | URL;
  readonly headers: unknown;
  addHeader?: (key: string, value: string) => unknown;
}

export function injectTraceContext(request: UndiciRequest, span: Span): void {
  if (typeof request.addHeader !== 'function' || !Array.isArray(request.headers)) return;
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  const present = headersOf(request.headers);
  const fields = Object.entries(carrier);
  // Somebody else's trace goes with its own baggage and state.
  if (fields.length === 0 || fields.some(([key]) => present.get(key.toLowerCase()) !== undefined)) return;
  const add = request.addHeader.bind(request);
  for (const [key, value] of fields) add(key, value);
  const ours = new Set(fields.map(([key]) => key.toLowerCase()));
  const { headers } = request;
  request.addHeader = (key, value) => {
    if (ours.delete(key.toLowerCase())) removeHeader(headers, key);
    return add(key, value);
  };
}

/** The request's headers are a flat list of names and values. */
function removeHeader(headers: unknown[], name: string): void {
  const lower = name.toLowerCase();
  for (let i = 0; i < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === lower) {
      headers.splice(i, 2);
      return;
    }
  }
}
