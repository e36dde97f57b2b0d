/**
 * The bytes of the open panes of all models.
 *
 * ```
 * "LWSH" │ version u32 │ header length u32 │ header: JSON, one entry a series with the length of its panes │ panes …
 * ```
 * Little-endian. What stands in the panes is the engine's own format, with a version and a checksum of its own.
 */

const MAGIC = 0x4853574c;
const VERSION = 1;
const HEAD_BYTES = 12;

export interface SeriesSnapshot {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly referenceId: string;
  readonly sinceMs: number;
  readonly panes: Uint8Array;
}

export function encodePanesSnapshot(series: readonly SeriesSnapshot[]): Uint8Array {
  const header = new TextEncoder().encode(
    JSON.stringify(series.map(({ panes, ...rest }) => ({ ...rest, byteCount: panes.length }))),
  );
  const bytes = new Uint8Array(HEAD_BYTES + header.length + series.reduce((sum, { panes }) => sum + panes.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, header.length, true);
  bytes.set(header, HEAD_BYTES);
  let at = HEAD_BYTES + header.length;
  for (const { panes } of series) {
    bytes.set(panes, at);
    at += panes.length;
  }
  return bytes;
}

/** Undefined when the bytes are no snapshot of this version. */
export function decodePanesSnapshot(bytes: Uint8Array): SeriesSnapshot[] | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) return undefined;
  const headerEnd = HEAD_BYTES + view.getUint32(8, true);
  if (headerEnd > bytes.length) return undefined;
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD_BYTES, headerEnd)));
    if (!Array.isArray(header)) return undefined;
    let at = headerEnd;
    return header.map(({ environment, model, version, referenceId, sinceMs, byteCount }) => {
      const panes = bytes.slice(at, at + Number(byteCount));
      at += panes.length;
      return {
        environment: String(environment),
        model: String(model),
        version: String(version),
        referenceId: String(referenceId),
        sinceMs: Number(sinceMs),
        panes,
      };
    });
  } catch {
    return undefined;
  }
}
