import { type PointAttributes, pointAttributes } from './metric-family.ts';

/** Attributes of points by what they say: made once, so that a collection makes no new ones. Its callers bound the set. */
export class KnownAttributes {
  readonly #known = new Map<string, PointAttributes>();

  of(attributes: Readonly<Record<string, string>>): PointAttributes {
    const key = JSON.stringify(attributes);
    let known = this.#known.get(key);
    if (known === undefined) {
      known = pointAttributes(attributes);
      this.#known.set(key, known);
    }
    return known;
  }
}
