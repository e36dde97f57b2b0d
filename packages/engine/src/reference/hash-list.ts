/** The hashes of the categories that a profile does not name: ascending, each once, 8 bytes little-endian, in base64. */
import { decodeBase64, encodeBase64 } from '../sketch/base64.ts';
import { hashText } from '../sketch/text-hash.ts';

export function hashNames(names: Iterable<string>): BigUint64Array {
  const hash = new Uint32Array(2);
  return BigUint64Array.from(names, (name) => {
    hashText(name, hash);
    return (BigInt(hash[0]) << 32n) | BigInt(hash[1]);
  });
}

/** Any order, repeats allowed. */
export function encodeHashes(hashes: BigUint64Array): string {
  const distinct = sortedDistinct(hashes);
  const bytes = new Uint8Array(distinct.length * 8);
  const view = new DataView(bytes.buffer);
  distinct.forEach((hash, i) => {
    view.setBigUint64(i * 8, hash, true);
  });
  return encodeBase64(bytes);
}

/** Undefined when the text is not base64 of whole hashes. */
export function decodeHashes(base64: string): BigUint64Array | undefined {
  const bytes = decodeBase64(base64);
  if (bytes === undefined || bytes.length % 8 !== 0) return undefined;
  const view = new DataView(bytes.buffer);
  return BigUint64Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigUint64(i * 8, true));
}

export function sortedDistinct(hashes: BigUint64Array): BigUint64Array {
  return hashes
    .slice()
    .sort()
    .filter((hash, i, sorted) => i === 0 || hash !== sorted[i - 1]);
}
