/**
 * What a prediction and its label have in common, as two numbers: one that SQLite keeps as the key of a row, and one that
 * tells apart what has the same key.
 *
 * Ids come from the network, so the hash is keyed: nobody can make two that meet. Of ten million predictions two have the
 * same key in one store of 200; the check makes it one of a trillion, and the later of the two is then left out.
 */
import { type HashSeed, hashBytes } from '@leeway/engine';

/** Six random words of 32 bits: three seeds. */
export type KeySeeds = readonly [HashSeed, HashSeed, HashSeed];

/** Longer ids are cut, as where they are captured. */
const ID_LENGTH_MAX = 256;
const BYTES_MAX = 4_096;

export class LabelKeys {
  /** 0 to 2^53 − 1: a safe integer, which binds without a BigInt. */
  key = 0;
  /** 32 bits. */
  check = 0;
  readonly #seeds: KeySeeds;
  readonly #bytes = new Uint8Array(BYTES_MAX);
  readonly #encoder = new TextEncoder();

  constructor(seeds: KeySeeds) {
    this.#seeds = seeds;
  }

  /**
   * Sets `key` and `check`. The lengths keep ("a", "bc") and ("ab", "c") apart.
   *
   * @param version undefined: of a label that may be of any
   */
  of(model: string, version: string | undefined, inferenceId: string, row: number): void {
    const id = inferenceId.slice(0, ID_LENGTH_MAX);
    const which = version === undefined ? '-' : `${version.length}:${version}`;
    const text = `${model.length}:${model}${which}${id.length}:${id}${row}`;
    const { written } = this.#encoder.encodeInto(text, this.#bytes);
    const [first, second, third] = this.#seeds;
    const high = hashBytes(first, this.#bytes, 0, written) >>> 11;
    this.key = high * 2 ** 32 + (hashBytes(second, this.#bytes, 0, written) >>> 0);
    this.check = hashBytes(third, this.#bytes, 0, written);
  }
}
