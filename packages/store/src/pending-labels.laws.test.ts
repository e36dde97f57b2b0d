/** Against a plain map, over any order of predictions, labels, duplicates and corrections, with the file opened anew between. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LabelledOutcome, PendingLabels } from './pending-labels.ts';

type Step =
  | {
      readonly kind: 'predict' | 'label';
      readonly version: string;
      /** Whether the label says its version. */
      readonly isVersioned: boolean;
      readonly id: number;
      readonly row: number;
      readonly truth: number;
    }
  | { readonly kind: 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constantFrom('predict' as const, 'label' as const),
      version: fc.constantFrom('7', '8'),
      isVersioned: fc.boolean(),
      id: fc.integer({ min: 0, max: 4 }),
      row: fc.integer({ min: 0, max: 1 }),
      truth: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
);

/** What the store is to do, in the plainest way. */
class PlainLabels {
  readonly counts: Record<string, number> = {};
  /** By version, in the order in which they came, and id. */
  readonly #truthOf = new Map<string, Map<string, number | undefined>>();
  readonly #waiting = new Map<string, number>();

  predict(version: string, key: string): object[] {
    const truths = this.#truthOf.get(version) ?? new Map<string, number | undefined>();
    this.#truthOf.set(version, truths);
    if (truths.has(key)) return this.#count('duplicatePredictions');
    this.#count('predictions');
    const waits = [`${version} ${key}`, `- ${key}`].find((one) => this.#waiting.has(one)) ?? '';
    const truth = this.#waiting.get(waits);
    this.#waiting.delete(waits);
    truths.set(key, truth);
    if (truth === undefined) return [];
    this.#count('matched');
    this.#count('labelled');
    return [{ version, truth }];
  }

  label(version: string | undefined, key: string, truth: number): object[] {
    const outcomes: object[] = [];
    const done = new Set<string>();
    for (const [own, truths] of this.#truthOf) {
      if ((version ?? own) !== own || !truths.has(key)) continue;
      const replaced = truths.get(key);
      truths.set(key, truth);
      done.add(replaced === undefined ? 'matched' : replaced === truth ? 'duplicate' : 'corrected');
      if (replaced === undefined) this.#count('labelled');
      if (replaced !== truth)
        outcomes.push(replaced === undefined ? { version: own, truth } : { version: own, truth, replaced });
    }
    const most = ['matched', 'corrected', 'duplicate'].find((one) => done.has(one));
    if (most !== undefined) this.#count(most);
    else this.#wait(`${version ?? '-'} ${key}`, truth);
    return outcomes;
  }

  #wait(key: string, truth: number): void {
    const known = this.#waiting.get(key);
    if (known !== undefined) this.#count(known === truth ? 'duplicate' : 'corrected');
    this.#waiting.set(key, truth);
  }

  #count(name: string): object[] {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    return [];
  }
}

const plain = ({ version, truth, replaced }: LabelledOutcome) =>
  replaced === undefined ? { version, truth: truth.value } : { version, truth: truth.value, replaced: replaced.value };

test('outcomes and counts are those of a plain map', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-store-'));
  let file = 0;
  try {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const options = { path: join(folder, `${file++}.db`), ttlMs: 1e9 };
        let store = new PendingLabels(options);
        const twin = new PlainLabels();
        for (const one of steps) {
          if (one.kind === 'reopen') {
            store.close();
            store = new PendingLabels(options);
            continue;
          }
          const at = { model: 'm', inferenceIds: [`id-${one.id}`], rows: [one.row] };
          const key = `${one.id} ${one.row}`;
          const isLabel = one.kind === 'label';
          const version = isLabel && !one.isVersioned ? undefined : one.version;
          const outcomes = isLabel
            ? store.addLabels({ ...at, version, values: [one.truth] }, 1)
            : store.addPredictions({ ...at, version: one.version, eventMs: [0] }, 1);
          expect(outcomes.map(plain)).toEqual(
            isLabel ? twin.label(version, key, one.truth) : twin.predict(one.version, key),
          );
        }
        for (const [name, count] of Object.entries(store.counts))
          expect([name, count]).toEqual([name, twin.counts[name] ?? 0]);
        const { predictions, labelled } = store.counts;
        expect(store.waiting.predictions).toBe(predictions - labelled);
        store.close();
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
