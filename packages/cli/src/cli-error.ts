/**
 * Everything that can be wrong with what a user gave, by code. docs/reference/errors.md lists the same codes; a test
 * compares the two.
 */
export const ERROR_CODES = {
  'node-version': 'This Node is older than the oldest that Leeway supports.',
  'file-missing': 'The file does not exist or cannot be read.',
  'file-empty': 'The file has no rows.',
  'format-unknown': 'The format cannot be told from the name: say it with --format.',
  'csv-invalid': 'A CSV row that cannot be read: its line, and what is wrong with it.',
  'json-invalid': 'A line of a JSONL file that is no JSON object.',
  'parquet-invalid': 'A Parquet file that cannot be read, mostly because it is truncated.',
  'encoding-invalid': 'The file is not UTF-8.',
  'column-missing': 'An option names a column that the table does not have.',
  'column-duplicate': 'Two columns have the same name.',
  'columns-differ': 'Several files were given and their columns differ.',
  'columns-none': 'Nothing is left to monitor: every column was left out.',
  'table-invalid': 'The table cannot become a profile: too many columns, or names that are too long.',
  'option-invalid': 'An option has a value that it cannot have.',
  'metadata-invalid': 'The metadata file says something that is not understood.',
  'output-unwritable': 'The file that --output names cannot be written.',
  'reference-invalid': 'The file is not a reference profile that can be used.',
  'config-invalid': 'The configuration or a reference that it names is wrong.',
  'time-invalid': 'The time column has values that are no times.',
  'labels-invalid': 'Rows that should be labels are none. The others were sent.',
  'command-failed': 'The command could not be started.',
  'export-refused': 'The OTLP endpoint cannot be reached, or does not take what was sent.',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Printed as `error[code]: message`; the message names place and fix. */
export class CliError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'CliError';
    this.code = code;
  }
}
