/**
 * Panes as bytes, for snapshots and for other processes. Every version that was ever written stays readable.
 *
 * ```
 * offset  0  "LWPN"
 *         4  u16 version (1), u16 length L of the profile id
 *         8  u32 number of doubles
 *        12  u32 checksum of everything from 16 on (MurmurHash3 x86_32, seed 0)
 *        16  profile id, UTF-16 little-endian code units, 2 L bytes
 *    16+2L   doubles
 * ```
 * All little-endian.
 */

import type { PaneLayout } from './layout.ts';
import { createPane } from './pane.ts';
import { murmur3 } from './text-hash.ts';

const MAGIC = 0x4e50574c;
const VERSION = 1;
const HEADER_BYTES = 16;
const PROFILE_ID_LENGTH_MAX = 256;

export type DecodedPane =
  | { readonly ok: true; readonly pane: Float64Array }
  | { readonly ok: false; readonly reason: PaneFault };

/** Why bytes are no pane of this layout. */
export const PANE_FAULTS = ['truncated', 'not_a_pane', 'version', 'checksum', 'profile', 'size', 'value'] as const;
export type PaneFault = (typeof PANE_FAULTS)[number];

export function encodePane(layout: PaneLayout, pane: Float64Array): Uint8Array {
  const id = layout.profileId.slice(0, PROFILE_ID_LENGTH_MAX);
  const start = HEADER_BYTES + 2 * id.length;
  const bytes = new Uint8Array(start + 8 * layout.stride);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, id.length, true);
  view.setUint32(8, layout.stride, true);
  for (let i = 0; i < id.length; i++) view.setUint16(HEADER_BYTES + 2 * i, id.charCodeAt(i), true);
  for (let i = 0; i < layout.stride; i++) view.setFloat64(start + 8 * i, pane[i], true);
  view.setUint32(12, checksum(bytes), true);
  return bytes;
}

/** Never throws: bytes may come from a torn file. Only panes of the same profile and layout decode. */
export function decodePane(layout: PaneLayout, bytes: Uint8Array): DecodedPane {
  if (bytes.length < HEADER_BYTES) return { ok: false, reason: 'truncated' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return { ok: false, reason: 'not_a_pane' };
  if (view.getUint16(4, true) !== VERSION) return { ok: false, reason: 'version' };
  const idLength = view.getUint16(6, true);
  const size = view.getUint32(8, true);
  const start = HEADER_BYTES + 2 * idLength;
  if (bytes.length !== start + 8 * size) return { ok: false, reason: 'truncated' };
  if (view.getUint32(12, true) !== checksum(bytes)) return { ok: false, reason: 'checksum' };
  let id = '';
  for (let i = 0; i < idLength; i++) id += String.fromCharCode(view.getUint16(HEADER_BYTES + 2 * i, true));
  if (id !== layout.profileId.slice(0, PROFILE_ID_LENGTH_MAX)) return { ok: false, reason: 'profile' };
  if (size !== layout.stride) return { ok: false, reason: 'size' };
  const pane = createPane(layout);
  for (let i = 0; i < size; i++) pane[i] = view.getFloat64(start + 8 * i, true);
  if (pane.some((value, i) => (i < layout.addedSize ? !Number.isFinite(value) : Number.isNaN(value)))) {
    return { ok: false, reason: 'value' };
  }
  return { ok: true, pane };
}

function checksum(bytes: Uint8Array): number {
  return murmur3(bytes.subarray(HEADER_BYTES), bytes.length - HEADER_BYTES, 0);
}
