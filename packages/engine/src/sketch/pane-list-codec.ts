/**
 * Several panes and a few numbers as bytes: what a pane set or a window ring needs to go on after a restart.
 *
 * ```
 * offset  0  "LWPL"
 *         4  u16 version (1), u16 number of numbers K
 *         8  u32 number of panes P
 *        12  u32 checksum of everything from 16 on
 *        16  K doubles
 *            P × { double index, u32 byte length, u32 zero, pane as in pane-codec }
 * ```
 * All little-endian.
 */
import type { PaneLayout } from './layout.ts';
import { decodePane, encodePane, type PaneFault } from './pane-codec.ts';
import { murmur3 } from './text-hash.ts';

const MAGIC = 0x4c50574c;
const VERSION = 1;
const HEADER_BYTES = 16;
const ENTRY_BYTES = 16;

export interface IndexedPane {
  readonly index: number;
  readonly state: Float64Array;
}

export interface PaneList {
  readonly numbers: readonly number[];
  readonly panes: readonly IndexedPane[];
}

export type PaneListFault = PaneFault | 'not_a_list' | 'pane_length';

export type DecodedPaneList =
  | { readonly ok: true; readonly list: PaneList }
  | { readonly ok: false; readonly reason: PaneListFault };

export function encodePaneList(layout: PaneLayout, { numbers, panes }: PaneList): Uint8Array {
  const encoded = panes.map(({ state }) => encodePane(layout, state));
  const size = encoded.reduce((sum, bytes) => sum + ENTRY_BYTES + bytes.length, HEADER_BYTES + 8 * numbers.length);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, numbers.length, true);
  view.setUint32(8, panes.length, true);
  let at = HEADER_BYTES;
  for (const number of numbers) {
    view.setFloat64(at, number, true);
    at += 8;
  }
  for (let i = 0; i < panes.length; i++) {
    view.setFloat64(at, panes[i].index, true);
    view.setUint32(at + 8, encoded[i].length, true);
    bytes.set(encoded[i], at + ENTRY_BYTES);
    at += ENTRY_BYTES + encoded[i].length;
  }
  view.setUint32(12, checksum(bytes), true);
  return bytes;
}

/** Never throws. `numberCount` is how many numbers the caller stored. */
export function decodePaneList(layout: PaneLayout, bytes: Uint8Array, numberCount: number): DecodedPaneList {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) return { ok: false, reason: 'truncated' };
  if (view.getUint32(0, true) !== MAGIC) return { ok: false, reason: 'not_a_list' };
  if (view.getUint16(4, true) !== VERSION) return { ok: false, reason: 'version' };
  if (view.getUint32(12, true) !== checksum(bytes)) return { ok: false, reason: 'checksum' };
  if (view.getUint16(6, true) !== numberCount) return { ok: false, reason: 'size' };
  const paneCount = view.getUint32(8, true);
  let at = HEADER_BYTES + 8 * numberCount;
  if (bytes.length < at) return { ok: false, reason: 'truncated' };
  const numbers = Array.from({ length: numberCount }, (_, i) => view.getFloat64(HEADER_BYTES + 8 * i, true));
  const panes: IndexedPane[] = [];
  for (let i = 0; i < paneCount; i++) {
    if (bytes.length < at + ENTRY_BYTES) return { ok: false, reason: 'truncated' };
    const index = view.getFloat64(at, true);
    const length = view.getUint32(at + 8, true);
    const decoded = decodePane(layout, bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + length));
    if (!decoded.ok) return decoded;
    if (!Number.isInteger(index)) return { ok: false, reason: 'value' };
    panes.push({ index, state: decoded.pane });
    at += ENTRY_BYTES + length;
  }
  return at === bytes.length ? { ok: true, list: { numbers, panes } } : { ok: false, reason: 'size' };
}

function checksum(bytes: Uint8Array): number {
  return murmur3(bytes.subarray(HEADER_BYTES), bytes.length - HEADER_BYTES, 0);
}
