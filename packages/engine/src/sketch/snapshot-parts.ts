/**
 * A header and byte arrays as one byte array: the outer form of every snapshot.
 *
 * ```
 * magic u32 │ version u32 │ checksum u32 of all that follows │ header length u32 │ header │ parts …
 * ```
 * Little-endian. The header is JSON in UTF-16 code units, `{ lengths, content }`: byte lengths of the parts, and whatever the writer put there.
 * What stands in the parts has formats, versions and checksums of its own.
 */
import { murmur3 } from './text-hash.ts';

const HEAD_BYTES = 16;

export interface SnapshotKind {
  readonly magic: number;
  readonly version: number;
}

export interface SnapshotParts {
  readonly content: unknown;
  readonly parts: readonly Uint8Array[];
}

export function encodeParts({ magic, version }: SnapshotKind, { content, parts }: SnapshotParts): Uint8Array {
  const header = codeUnits(JSON.stringify({ lengths: parts.map(({ length }) => length), content }));
  const bytes = new Uint8Array(HEAD_BYTES + header.length + parts.reduce((sum, { length }) => sum + length, 0));
  let at = HEAD_BYTES;
  for (const part of [header, ...parts]) {
    bytes.set(part, at);
    at += part.length;
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, version, true);
  view.setUint32(8, checksum(bytes), true);
  view.setUint32(12, header.length, true);
  return bytes;
}

/** Undefined when the bytes are not whole, or none of this kind and version. Never throws. */
export function decodeParts({ magic, version }: SnapshotKind, bytes: Uint8Array): SnapshotParts | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== version) return undefined;
  if (view.getUint32(8, true) !== checksum(bytes)) return undefined;
  const headerEnd = HEAD_BYTES + view.getUint32(12, true);
  try {
    const { lengths, content } = JSON.parse(textOf(bytes.subarray(HEAD_BYTES, headerEnd)));
    let at = headerEnd;
    const parts = (lengths as number[]).map((length) => {
      const start = at;
      at += length;
      return bytes.slice(start, at);
    });
    return at === bytes.length ? { content, parts } : undefined;
  } catch {
    return undefined;
  }
}

function checksum(bytes: Uint8Array): number {
  return murmur3(bytes.subarray(HEAD_BYTES), bytes.length - HEAD_BYTES, 0) >>> 0;
}

function codeUnits(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

function textOf(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) pieces.push(String.fromCharCode(bytes[i] | (bytes[i + 1] << 8)));
  return pieces.join('');
}
