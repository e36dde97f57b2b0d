/** What the demo says, in three ways: a picture that is redrawn, a line at a time, or JSON for machines. */

import { type PerformanceLine, statusName } from './monitor-view.ts';
import type { DemoOptions } from './options.ts';
import { type Frame, renderFrame, renderLine } from './screen.ts';
import type { StorySummary } from './story.ts';
import { FAULT_DESCRIPTION } from './upstream-fault.ts';

export class Output {
  readonly #options: DemoOptions;
  readonly #isPicture: boolean;
  #eventsSaid = 0;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#isPicture = !options.json && process.stdout.isTTY === true;
    // `npm run demo | head` closes the pipe: nobody is left to tell.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }

  starting(): void {
    if (!this.#options.json) console.log('starting a scoring service and a sidecar …');
  }

  started(metricsUrl: string, breakAfterSeconds: number): void {
    const { json, daySeconds, durationSeconds } = this.#options;
    if (json) print({ event: 'started', metricsUrl, daySeconds, durationSeconds, breakAfterSeconds });
    else if (this.#isPicture) process.stdout.write('\x1b[2J');
    else {
      console.log(`replaying real days, ${daySeconds} s each, for ${durationSeconds} s; metrics at ${metricsUrl}`);
      console.log(`the upstream breaks after ${breakAfterSeconds} s; until then nothing should be critical`);
    }
  }

  /** @param isNew whether a window was evaluated since the last frame */
  frame(frame: Frame, isNew: boolean): void {
    const { json } = this.#options;
    if (this.#isPicture) {
      const { columns = 80, rows = 24 } = process.stdout;
      // Home, the frame with every line cleared to its end, and the rest of the screen cleared.
      process.stdout.write(`\x1b[H${renderFrame(frame, { columns, rows }).replaceAll('\n', '\x1b[K\n')}\x1b[K\n\x1b[J`);
      return;
    }
    if (isNew && json) print(windowRecord(frame));
    for (; this.#eventsSaid < frame.events.length; this.#eventsSaid++) {
      const { text, ...event } = frame.events[this.#eventsSaid];
      if (json) print(event);
      else console.log(text);
    }
    if (isNew && !json) console.log(renderLine(frame));
  }

  summary(summary: StorySummary, wasStopped: boolean): void {
    if (this.#options.json) print({ event: 'summary', wasStopped, ...summary });
    else console.log(summaryText(summary, wasStopped, this.#options.daySeconds));
  }
}

function performanceText({ metric, measured, estimated, reference }: PerformanceLine): string {
  const text = (value: number | undefined) => value?.toFixed(3) ?? 'unknown';
  return `  ${metric.padEnd(19)}${text(measured)} measured with late labels, ${text(estimated)} expected without, ${text(reference)} in training`;
}

function print(record: object): void {
  console.log(JSON.stringify(record));
}

function windowRecord({ view, day, elapsedSeconds }: Frame): Record<string, unknown> {
  const { model, windowRowCount, received, processed, violations, labelCount, coverage } = view;
  const performance = view.performance.map(({ status, ...line }) => ({ ...line, status: statusName(status) }));
  const signals = Object.fromEntries(
    Object.entries(view.signals).map(([signal, status]) => [signal, statusName(status)]),
  );
  const drift = view.drift.map(({ status, isMonitored, ...line }) => ({
    ...line,
    monitored: isMonitored,
    status: isMonitored ? statusName(status) : null,
  }));
  return {
    event: 'window',
    elapsedSeconds,
    day,
    model,
    windowRowCount,
    signals,
    drift,
    violations,
    performance,
    labelCount,
    coverage,
    received,
    processed,
  };
}

function summaryText(summary: StorySummary, wasStopped: boolean, daySeconds: number): string {
  const { before, brokenAfterSeconds, driftSeenAfterSeconds, missingSeenAfterSeconds } = summary;
  const seen = (after: number | undefined) =>
    after === undefined ? 'not seen' : `seen ${after.toFixed(1)} s after the break`;
  const lines = [
    '',
    `${wasStopped ? 'Stopped. ' : ''}Summary: ${summary.days} real days (one day = ${daySeconds} s), ${summary.evaluations} evaluations, ${summary.received} observations received.`,
    `  before the break   ${before.criticals} critical and ${before.warnings} warning data-drift alarms`,
    ...(brokenAfterSeconds === undefined
      ? ['  upstream           not broken yet']
      : [
          `  upstream broken    at ${brokenAfterSeconds.toFixed(1)} s: ${FAULT_DESCRIPTION}`,
          `  critical drift     ${seen(driftSeenAfterSeconds)}`,
          `  missing values     ${seen(missingSeenAfterSeconds)}`,
        ]),
    ...summary.performance.map(performanceText),
    ...summary.changes.map(({ text }) => `  ${text}`),
    '',
    'Next: README.md says how to make a reference of your own data and how to point your service at the sidecar.',
  ];
  return lines.join('\n');
}
