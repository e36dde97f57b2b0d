/** The model behind the service: one ONNX input a feature, a batch of flights is one run. */
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface Flight {
  readonly hour: number | null;
  readonly day_of_week: number | null;
  /** Miles. */
  readonly distance: number | null;
  readonly origin: string | null;
  readonly destination: string | null;
}

export interface Prediction {
  readonly label: string;
  /** Probability that the flight arrives more than 15 minutes late. */
  readonly late: number;
}

const NUMBERS = ['hour', 'day_of_week', 'distance'] as const;
const TEXTS = ['origin', 'destination'] as const;
/** Index of the class `late` in the model's probabilities. */
const LATE = 1;
const CLASS_COUNT = 2;

export async function loadModel(): Promise<(flights: readonly Flight[]) => Promise<Prediction[]>> {
  const session = await InferenceSession.create(await readFile(new URL('./model/late-flights.onnx', import.meta.url)));
  return async (flights) => {
    const { label, probabilities } = await session.run(feedOf(flights));
    const labels = label.data as string[];
    const scores = probabilities.data as Float32Array;
    return flights.map((_, i) => ({ label: labels[i], late: scores[i * CLASS_COUNT + LATE] }));
  };
}

/** A missing number is NaN, which the trees know what to do with; a missing airport is the empty string. */
function feedOf(flights: readonly Flight[]): Record<string, Tensor> {
  const shape = [flights.length, 1];
  const feed: Record<string, Tensor> = {};
  for (const name of NUMBERS) {
    feed[name] = new Tensor(
      'float32',
      Float32Array.from(flights, (flight) => flight[name] ?? Number.NaN),
      shape,
    );
  }
  for (const name of TEXTS) {
    feed[name] = new Tensor(
      'string',
      flights.map((flight) => flight[name] ?? ''),
      shape,
    );
  }
  return feed;
}
