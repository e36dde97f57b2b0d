/** Bytes to a wire view: inflate, then scan. Runs in the worker; the view is reused by the next call. */
import type { HashSeed } from '@leeway/engine';
import { AttributeTable } from './attribute-table.ts';
import type { ReceivedBatch } from './batch.ts';
import { type BodyRules, BodyScopes } from './body-fields.ts';
import { inflateBody, releaseBody } from './inflate.ts';
import { JsonScanner } from './json-scanner.ts';
import { KeyDictionary } from './key-dictionary.ts';
import { DECODE_LIMITS, type DecodeLimits } from './limits.ts';
import { ProtobufScanner } from './protobuf-scanner.ts';
import { ScanFault } from './scan-fault.ts';
import { ITEM } from './view-codes.ts';

export interface DecoderOptions {
  /** Whether an attribute of this key makes its item an observation: asked once a new key. */
  readonly isObservationKey: (text: string) => boolean;
  /** Says of items what only shows once they are read whole, before they are counted. */
  readonly revise?: (table: AttributeTable) => void;
  /** Log records whose values are in the body. Default: none. */
  readonly bodies?: BodyRules;
  readonly limits?: Partial<DecodeLimits>;
  /** 64 bits that senders cannot know. Default: random. */
  readonly hashSeed?: HashSeed;
}

export interface DecoderCounters {
  batchCount: number;
  itemCount: number;
  /** Observations of everything that decoded: what "received" means. */
  observationCount: number;
  keyOverflowCount: number;
}

export type Decoded =
  | { readonly ok: true; readonly view: AttributeTable }
  | { readonly ok: false; readonly kind: 'undecodable' | 'too_large'; readonly message: string };

export interface Decoder {
  readonly counters: Readonly<DecoderCounters>;
  decode(batch: ReceivedBatch): Decoded;
}

export function createDecoder(options: DecoderOptions): Decoder {
  const limits: DecodeLimits = { ...DECODE_LIMITS, ...options.limits };
  const keys = new KeyDictionary({
    keyCountMax: limits.keyCountMax,
    keyBytesMax: limits.keyBytesMax,
    isObservationKey: options.isObservationKey,
    hashSeed: options.hashSeed ?? randomSeed(),
  });
  const table = new AttributeTable(keys, limits);
  const bodies = options.bodies === undefined || options.bodies.scopes.length === 0 ? undefined : options.bodies;
  const scopes = bodies === undefined ? undefined : new BodyScopes(bodies);
  const protobuf = new ProtobufScanner(table, scopes);
  const json = new JsonScanner(table, scopes);
  const counters: DecoderCounters = {
    batchCount: 0,
    itemCount: 0,
    observationCount: 0,
    keyOverflowCount: 0,
  };
  /** What the view is over, when it is no sender's body but made here. */
  let inflated: Uint8Array | undefined;
  return {
    counters,
    decode: ({ signal, encoding, compression, body }) => {
      if (inflated !== undefined) releaseBody(inflated);
      inflated = undefined;
      try {
        const bytes = inflateBody(body, compression, limits.bodyBytesMax);
        if (compression !== 'identity') inflated = bytes;
        const itemKind = signal === 'logs' ? ITEM.logRecord : ITEM.span;
        (encoding === 'protobuf' ? protobuf : json).scan(itemKind, bytes);
      } catch (error) {
        if (!(error instanceof ScanFault)) throw error;
        return { ok: false, kind: error.kind, message: error.message };
      }
      options.revise?.(table);
      counters.batchCount++;
      counters.itemCount += table.itemCount;
      counters.observationCount += table.observationCount;
      counters.keyOverflowCount = keys.overflowCount;
      return { ok: true, view: table };
    },
  };
}

function randomSeed(): HashSeed {
  const [k0, k1] = crypto.getRandomValues(new Int32Array(2));
  return [k0, k1];
}
