/** What became of the items that a queue took: kept here for whoever asks, and observed as metrics. */
import { ATTR_LEEWAY_OUTCOME, ATTR_LEEWAY_REASON } from '@leeway/semconv';
import { type Instruments, instruments } from '../instruments.ts';
import type { TallyCell } from '../tally.ts';

export interface QueueCount {
  readonly outcome: 'sent' | 'dropped';
  readonly reason: string;
  readonly items: number;
  readonly observations: number;
}

interface Line {
  readonly outcome: 'sent' | 'dropped';
  readonly reason: string;
  items: number;
  observations: number;
  metrics: Instruments | undefined;
  itemCell: TallyCell | undefined;
  observationCell: TallyCell | undefined;
}

export class QueueCounts {
  readonly #lines: Line[] = [];
  droppedItems = 0;

  /** @param reason one of a few fixed words */
  add(outcome: 'sent' | 'dropped', reason: string, items: number, observations: number): void {
    const line = this.#lineOf(outcome, reason);
    line.items += items;
    line.observations += observations;
    if (outcome === 'dropped') this.droppedItems += items;
    const metrics = instruments();
    if (line.metrics !== metrics) {
      // Another MeterProvider, or the first one: it gets what was counted from now on.
      const attributes = { [ATTR_LEEWAY_OUTCOME]: outcome, [ATTR_LEEWAY_REASON]: reason };
      line.metrics = metrics;
      line.itemCell = metrics.queueItems.cell(attributes);
      line.observationCell = metrics.queueObservations.cell(attributes);
    }
    if (line.itemCell !== undefined) line.itemCell.value += items;
    if (line.observationCell !== undefined) line.observationCell.value += observations;
  }

  view(): QueueCount[] {
    return this.#lines.map(({ outcome, reason, items, observations }) => ({ outcome, reason, items, observations }));
  }

  #lineOf(outcome: 'sent' | 'dropped', reason: string): Line {
    for (const line of this.#lines) if (line.reason === reason && line.outcome === outcome) return line;
    const made: Line = {
      outcome,
      reason,
      items: 0,
      observations: 0,
      metrics: undefined,
      itemCell: undefined,
      observationCell: undefined,
    };
    this.#lines.push(made);
    return made;
  }
}
