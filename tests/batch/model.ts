/** What is scored: the sidecar's reference knows the same two features and the same score. */
export const MODEL = { name: 'risk' } as const;
export const BATCH_ROWS = 1_000;

export interface ScoredRow {
  readonly amount: number;
  readonly country: string;
}

const COUNTRIES = ['NL', 'DE', 'FR', 'BE'];

const WIDTH = 18;

/** Twenty features in all, most of which the reference does not know: what waits to be sent outgrows the queue. */
export function wideRowAt(index: number): Record<string, number | string> {
  const row: Record<string, number | string> = { ...rowAt(index) };
  for (let i = 0; i < WIDTH; i++) row[`extra_${i}`] = (index * (i + 3)) % 1_000;
  return row;
}

export function rowAt(index: number): ScoredRow {
  return { amount: (index * 7_919) % 500, country: COUNTRIES[index % COUNTRIES.length] };
}

export function scoreOf({ amount }: ScoredRow): number {
  return amount / 500;
}
