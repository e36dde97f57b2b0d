/** Labels from the columns of tables, each as the event that says what was true of one prediction. */
import { createHash } from 'node:crypto';
import {
  type BulkGroundTruth,
  type GroundTruthFault,
  recordGroundTruths,
  setLoggerProvider,
} from '@leeway/instrumentation';
import { LoggerProvider, type LogRecordProcessor, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { CliError } from '../cli-error.ts';
import { type Environment, type LogExport, openLogExport, ownResource, requireOn } from '../log-export.ts';
import { requireColumnNames, tableReader } from '../profile/read-tables.ts';
import type { Progress } from '../progress.ts';
import { type Cell, classOf, isEmpty, isMissingWord, numberOf, textOf } from '../table/cell.ts';
import type { Format, TableSink } from '../table/reader.ts';

/** The column of each part of a label; one of label and value is there. */
export interface LabelColumns {
  readonly id: string;
  readonly row?: string | undefined;
  readonly label?: string | undefined;
  readonly value?: string | undefined;
}

export interface LabelsRequest {
  readonly files: readonly string[];
  readonly format?: Format | undefined;
  readonly columns: LabelColumns;
  readonly model: { readonly name: string; readonly version?: string };
  readonly source?: string;
  /** Reads and checks everything and sends nothing. */
  readonly isDryRun: boolean;
}

export interface FaultCount {
  readonly rows: number;
  /** Where the first stands, such as `may.csv, row 17`. */
  readonly first: string;
}

export interface LabelCounts {
  readonly rows: number;
  /** Accepted by the endpoint; of a dry run those that would be sent. */
  readonly labels: number;
  readonly faults: Readonly<Partial<Record<GroundTruthFault, FaultCount>>>;
  /** Fit to be printed; none of a dry run. */
  readonly url?: string;
}

/** Rows that are sent together: as many as the bulk form sends at once. */
const ROWS_SENT = 1_000;

/** @throws CliError; its message says how many labels were accepted before */
export async function sendLabels(request: LabelsRequest, progress: Progress, env: Environment): Promise<LabelCounts> {
  requireOn(env);
  const out = request.isDryRun ? undefined : openLogExport(env);
  const sender = new Sender(out?.send);
  setLoggerProvider(new LoggerProvider({ resource: ownResource(), processors: [sender] }));
  const faults: Partial<Record<GroundTruthFault, FaultCount>> = {};
  let rows = 0;
  try {
    for (const path of request.files) {
      let rowsOfFile = 0;
      const before = rows;
      const send = async (truths: readonly BulkGroundTruth[]) => {
        const onFault = (fault: GroundTruthFault, index: number) => {
          const { rows: count, first } = faults[fault] ?? {
            rows: 0,
            first: `${path === '-' ? 'stdin' : path}, row ${rowsOfFile + index + 1}`,
          };
          faults[fault] = { rows: count + 1, first };
        };
        await recordGroundTruths(truths, { model: request.model, source: request.source, onFault });
        rowsOfFile += truths.length;
        sender.requireSent();
      };
      const table = new LabelTable(request.columns, send, (rowCount, bytes, total) =>
        progress.sending(before + rowCount, bytes, total),
      );
      const { read, format } = tableReader(path, request.format);
      await read({ path, format, hash: createHash('sha256') }, table);
      await table.end();
      rows += rowsOfFile;
    }
  } finally {
    setLoggerProvider(undefined);
    await out?.end();
  }
  return { rows, labels: sender.accepted, faults, url: out?.shownUrl };
}

type SendTruths = (truths: readonly BulkGroundTruth[]) => Promise<void>;
type SendRecords = LogExport['send'];

/** Holds the cells of the wanted columns until enough rows are whole, and hands these on. */
class LabelTable implements TableSink {
  readonly #wanted: LabelColumns;
  readonly #send: SendTruths;
  readonly progress: TableSink['progress'];
  #held: Readonly<Record<keyof LabelColumns, Cell[]>> = { id: [], row: [], label: [], value: [] };
  #columnOf: readonly (keyof LabelColumns)[][] = [];

  constructor(wanted: LabelColumns, send: SendTruths, progress: TableSink['progress']) {
    this.#wanted = wanted;
    this.#send = send;
    this.progress = progress;
  }

  columns(names: readonly string[]): void {
    const given = Object.entries(this.#wanted).filter(([, name]) => name !== undefined);
    requireColumnNames(
      given.map(([part, name]) => [`--${part}`, name]),
      names,
    );
    this.#columnOf = names.map((name) =>
      given.filter(([, wanted]) => wanted === name).map(([part]) => part as keyof LabelColumns),
    );
  }

  cells(column: number, cells: ArrayLike<Cell>): void {
    for (const part of this.#columnOf[column]) {
      const held = this.#held[part];
      for (let i = 0; i < cells.length; i++) held.push(cells[i]);
    }
  }

  note(): void {}

  async room(): Promise<void> {
    if (this.#held.id.length >= ROWS_SENT) await this.end();
  }

  /** Sends the rows that are held. */
  async end(): Promise<void> {
    const { id, row, label, value } = this.#held;
    this.#held = { id: [], row: [], label: [], value: [] };
    for (let start = 0; start < id.length; start += ROWS_SENT) {
      const truths: BulkGroundTruth[] = [];
      for (let i = start; i < Math.min(start + ROWS_SENT, id.length); i++)
        truths.push({
          inferenceId: isEmpty(id[i]) ? '' : textOf(id[i]).trim(),
          row: isEmpty(row[i]) ? undefined : numberOf(row[i]),
          label: isMissing(label[i]) ? undefined : classOf(label[i]),
          value: isMissing(value[i]) ? undefined : numberOf(value[i]),
        });
      await this.#send(truths);
    }
  }
}

const isMissing = (cell: Cell): boolean => isEmpty(cell) || isMissingWord(cell);

/** Sends what was emitted when it is flushed, and keeps why it could not. */
class Sender implements LogRecordProcessor {
  readonly #send: SendRecords | undefined;
  #held: ReadableLogRecord[] = [];
  #failure: unknown;
  accepted = 0;

  constructor(send: SendRecords | undefined) {
    this.#send = send;
  }

  onEmit(record: ReadableLogRecord): void {
    this.#held.push(record);
  }

  async forceFlush(): Promise<void> {
    const records = this.#held;
    this.#held = [];
    if (records.length === 0 || this.#failure !== undefined) return;
    try {
      await this.#send?.(records);
      this.accepted += records.length;
    } catch (error) {
      this.#failure = error;
    }
  }

  async shutdown(): Promise<void> {}

  /** @throws CliError for what was not accepted */
  requireSent(): void {
    if (this.#failure === undefined) return;
    if (!(this.#failure instanceof CliError)) throw this.#failure;
    const { code, message } = this.#failure;
    const before = `${this.accepted.toLocaleString('en-US')} labels were accepted before`;
    throw new CliError(code, `${message}\n${before}: send the rest when it takes them again`);
  }
}
