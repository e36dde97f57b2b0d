/** Sends OTLP requests as a service's exporter does, in each of the encodings that a client may choose. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CONTENT_TYPES, type Encoding, encodeOtlp, SIGNAL_PATHS } from './otlp-messages.ts';
import type { OtlpItem } from './scenario.ts';

export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export interface Wire {
  readonly encoding: Encoding;
  readonly compression: Compression;
}

export interface WireRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const COMPRESS: Readonly<Record<Compression, (body: Buffer) => Buffer>> = {
  none: (body) => body,
  gzip: (body) => gzipSync(body),
  zstd: (body) => zstdCompressSync(body),
};

export function wireRequest({ signal, request }: OtlpItem, { encoding, compression }: Wire): WireRequest {
  return {
    path: SIGNAL_PATHS[signal],
    headers: {
      'content-type': CONTENT_TYPES[encoding],
      ...(compression === 'none' ? {} : { 'content-encoding': compression }),
    },
    body: COMPRESS[compression](encodeOtlp(signal, request, encoding)),
  };
}

/** Sends one after another. @throws Error when one is not answered with 200 */
export async function sendAll(endpoint: string, requests: readonly WireRequest[]): Promise<void> {
  for (const { path, headers, body } of requests) {
    const response = await fetch(`${endpoint}${path}`, { method: 'POST', headers, body: new Uint8Array(body) });
    const answer = await response.text();
    if (response.status !== 200) throw new Error(`${path} was answered ${response.status}: ${answer.slice(0, 500)}`);
  }
}
