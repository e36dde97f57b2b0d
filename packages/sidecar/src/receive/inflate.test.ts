import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeTraceRequest } from './bench/payload.bench.ts';
import { createDecoder } from './decode.ts';
import { inflateBody, releaseBody } from './inflate.ts';

const large = makeTraceRequest({ spans: 64, features: 20 }).protobuf;
const small = makeTraceRequest({ spans: 1, features: 2 }).protobuf;
const COMPRESS = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync } as const;

test('a released body has no bytes any more; one that may share its memory is left alone', () => {
  const body = inflateBody(new Uint8Array(gzipSync(large)), 'gzip', 2 ** 20);
  expect(body.length).toBe(large.length);
  releaseBody(body);
  expect(body.length).toBe(0);

  const pooled = Buffer.from('shares its memory with other buffers');
  const neighbour = Buffer.from('such as this one');
  releaseBody(pooled);
  expect(neighbour.toString()).toBe('such as this one');
});

test('a decoder frees the body before and keeps the one it shows, whatever the compression', () => {
  const decoder = createDecoder({ isObservationKey: () => true });
  const decode = (source: Uint8Array<ArrayBuffer>, compression: keyof typeof COMPRESS | 'identity') => {
    const body = compression === 'identity' ? source : new Uint8Array(COMPRESS[compression](source));
    const decoded = decoder.decode({ signal: 'traces', encoding: 'protobuf', compression, body });
    if (!decoded.ok) throw new Error(decoded.message);
    return decoded.view.bytes;
  };
  for (const compression of ['gzip', 'deflate', 'zstd'] as const) {
    const first = decode(large, compression);
    expect(first).toHaveLength(large.length);
    const second = decode(small, compression);
    expect(first).toHaveLength(0);
    expect(second).toHaveLength(small.length);
  }
  // A body that came as it is belongs to the sender.
  decode(large, 'identity');
  decode(small, 'gzip');
  expect(large.length).toBeGreaterThan(0);
});
