/** A backend for metrics over OTLP/JSON that remembers the last value of each counter. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
}
interface Body {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly { readonly name: string; readonly sum?: { readonly dataPoints: readonly Point[] } }[];
    }[];
  }[];
}

export interface MetricsSink {
  readonly url: string;
  /** Sum of a counter's series that have these attribute values. */
  total(name: string, ...values: readonly string[]): number;
  /** The counter's series, as text. */
  series(name: string): Record<string, number>;
  forget(): void;
  close(): void;
}

export async function startMetricsSink(): Promise<MetricsSink> {
  const counters = new Map<string, Map<string, number>>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    for (const metric of body.resourceMetrics.flatMap((r) => r.scopeMetrics.flatMap((s) => s.metrics))) {
      const points = (metric.sum?.dataPoints ?? []).map((point): [string, number] => [
        point.attributes.map(({ value }) => value.stringValue).join(' '),
        Number(point.asInt ?? point.asDouble ?? 0),
      ]);
      counters.set(metric.name, new Map(points));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const series = (name: string) => Object.fromEntries(counters.get(name) ?? []);
  return {
    url: `http://127.0.0.1:${port}/v1/metrics`,
    series,
    total: (name, ...values) => {
      const found = Object.entries(series(name)).filter(([key]) => values.every((v) => key.split(' ').includes(v)));
      return found.reduce((sum, [, value]) => sum + value, 0);
    },
    forget: () => counters.clear(),
    close: () => void server.close(),
  };
}
