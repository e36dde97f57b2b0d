import { describe, expect, test } from 'vitest';
import { allRows, batchOf } from '../../test/sample-batch.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { compileLayout } from './layout.ts';
import { observe } from './observe.ts';
import { createPane, mergePane } from './pane.ts';
import { decodePane, encodePane } from './pane-codec.ts';
import { decodePaneList, encodePaneList } from './pane-list-codec.ts';

/** Pinned: the golden blob below was written for this profile. */
const PROFILE: ReferenceProfile = {
  schemaVersion: 1,
  id: `sha256:${'0'.repeat(64)}`,
  createdAt: '2026-11-24T00:00:00Z',
  name: 'training',
  model: { name: 'golden' },
  dataset: {},
  rowCount: 3,
  features: [
    {
      name: 'x',
      type: 'numeric',
      monitor: true,
      rowCount: 3,
      missingCount: 0,
      typeErrorCount: 0,
      numeric: {
        edges: [0, 1, 2],
        counts: [0, 1, 1, 1],
        sums: [0, 0, 1, 2],
        cuts: [1, 2],
        min: 0,
        max: 2,
        mean: 1,
        standardDeviation: 1,
        lower: 0,
        upper: 2,
      },
    },
    {
      name: 'c',
      type: 'categorical',
      monitor: true,
      rowCount: 3,
      missingCount: 0,
      typeErrorCount: 0,
      categorical: {
        categories: [
          { name: 'a', count: 2 },
          { name: 'b', count: 1 },
        ],
        restCount: 0,
        distinctCount: 2,
        open: false,
      },
    },
  ],
  outputs: [],
};
const layout = compileLayout(PROFILE);
const pane = createPane(layout);
const batch = batchOf([
  [0.5, 2, null, 'x', 9],
  ['a', 'new', null, {}, 'b'],
]);
observe(layout, pane, batch, allRows(batch), 0, 5);

/** Written by version 1 of the format. Never change it: it must decode for ever. */
const GOLDEN_1 =
  'TFdQTgEARwApAAAATj7qenMAaABhADIANQA2ADoAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAwADAAMAAAAAAAAAAUQAAAAAAAABRAAAAAAAAAFEAAAAAAAAAIQAAAAAAAAAhAAAAAAAAACEAAAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAABAAAAAAAAA8D8AAAAAAADwPwAAAAAAACFAAAAAAABQUEAAAAAAAAeAQAAAAAAQAbBAAAAAAAAAAAAAAAAAAADwPwAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAOA/AAAAAAAAAAAAAAAAAAAmQAAAAAAAAAhAAAAAAAAACEAAAAAAAAAIQAAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAAAEAAAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAAAAAAAAAAAA8D8AAAAAAADgPwAAAAAAACJA';

describe('a pane as bytes', () => {
  test('comes back equal', () => {
    expect(decodePane(layout, encodePane(layout, pane))).toEqual({ ok: true, pane });
    const empty = createPane(layout);
    expect(decodePane(layout, encodePane(layout, empty))).toEqual({ ok: true, pane: empty });
  });

  test('decodes what version 1 wrote', () => {
    expect(decodePane(layout, decodeBase64(GOLDEN_1)!)).toEqual({ ok: true, pane });
    expect(encodeBase64(encodePane(layout, pane))).toBe(GOLDEN_1);
  });

  test('any single flipped bit is noticed', () => {
    const bytes = encodePane(layout, pane);
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const damaged = bytes.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      expect(decodePane(layout, damaged).ok, `bit ${bit}`).toBe(false);
    }
  });

  test('any truncation is noticed', () => {
    const bytes = encodePane(layout, pane);
    for (let length = 0; length < bytes.length; length += 5) {
      expect(decodePane(layout, bytes.subarray(0, length)).ok).toBe(false);
    }
  });

  test('says why it refuses', () => {
    const bytes = encodePane(layout, pane);
    const reasonOf = (change: (view: DataView) => void): unknown => {
      const copy = bytes.slice();
      change(new DataView(copy.buffer));
      return decodePane(layout, copy);
    };
    expect(reasonOf((view) => view.setUint8(0, 0))).toEqual({ ok: false, reason: 'not_a_pane' });
    expect(reasonOf((view) => view.setUint16(4, 2, true))).toEqual({ ok: false, reason: 'version' });
    expect(reasonOf((view) => view.setUint8(40, 7))).toEqual({ ok: false, reason: 'checksum' });
    const other = compileLayout({ ...PROFILE, id: `sha256:${'1'.repeat(64)}` });
    expect(decodePane(other, bytes)).toEqual({ ok: false, reason: 'profile' });
    const narrower = compileLayout({ ...PROFILE, features: PROFILE.features.slice(0, 1) });
    expect(decodePane(narrower, bytes)).toEqual({ ok: false, reason: 'size' });
  });

  test('bytes that begin anywhere in their buffer decode', () => {
    const bytes = encodePane(layout, pane);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodePane(layout, shifted.subarray(3)).ok).toBe(true);
  });
});

describe('a list of panes as bytes', () => {
  const doubled = createPane(layout);
  mergePane(layout, doubled, pane);
  mergePane(layout, doubled, pane);
  const list = {
    numbers: [300_000, Number.NEGATIVE_INFINITY],
    panes: [
      { index: -3, state: pane },
      { index: 5_666_666, state: doubled },
    ],
  };

  test('comes back equal', () => {
    expect(decodePaneList(layout, encodePaneList(layout, list), 2)).toEqual({ ok: true, list });
  });

  test('truncated, damaged or of another shape it is refused', () => {
    const bytes = encodePaneList(layout, list);
    for (let length = 0; length < bytes.length; length += 11) {
      expect(decodePaneList(layout, bytes.subarray(0, length), 2).ok).toBe(false);
    }
    const damaged = bytes.slice();
    damaged[50] ^= 4;
    expect(decodePaneList(layout, damaged, 2)).toEqual({ ok: false, reason: 'checksum' });
    expect(decodePaneList(layout, bytes, 3)).toEqual({ ok: false, reason: 'size' });
  });
});
