/** Collects points by metric, so that each family leaves once however many models contribute to it. */
import type { MetricName } from '@leeway/semconv';
import type { MetricFamily, NumberPoint, PointAttributes } from './metric-family.ts';

export class PointList {
  readonly #points = new Map<MetricName, NumberPoint[]>();

  add(name: MetricName, attributes: PointAttributes, value: number): void {
    const points = this.#points.get(name);
    if (points === undefined) this.#points.set(name, [{ attributes, value }]);
    else points.push({ attributes, value });
  }

  families(): MetricFamily[] {
    return [...this.#points].map(([name, points]) => ({ name, points }));
  }
}
