/**
 * Inferences that a server sent elsewhere: one inference, two requests. Where nobody follows, they end as failed by the
 * redirect.
 */
import type { HttpExchange } from './http-exchange.ts';
import { guarded } from './remote-inferences.ts';

const REDIRECTS_MAX = 100;
const FOLLOW_WITHIN_MS = 10_000;

export class Redirects {
  readonly #waiting = new Map<string, { exchange: HttpExchange; timer: NodeJS.Timeout }[]>();
  #count = 0;

  /** @returns false when too many wait */
  expect(target: URL, exchange: HttpExchange): boolean {
    if (this.#count >= REDIRECTS_MAX) return false;
    this.#count++;
    const key = keyOf(target);
    const timer = setTimeout(() => {
      const entry = this.#take(key, (waiting) => waiting.findIndex((other) => other.exchange === exchange));
      if (entry !== undefined) guarded(() => entry.exchange.completed());
    }, FOLLOW_WITHIN_MS);
    timer.unref();
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, [{ exchange, timer }]);
    else waiting.push({ exchange, timer });
    return true;
  }

  /** The inference that goes on with a request to that URL. */
  follow(url: string): HttpExchange | undefined {
    if (this.#count === 0) return undefined;
    const entry = this.#take(keyOf(new URL(url)), () => 0);
    if (entry === undefined) return undefined;
    clearTimeout(entry.timer);
    entry.exchange.redirected();
    return entry.exchange;
  }

  clear(): void {
    for (const waiting of this.#waiting.values()) for (const { timer } of waiting) clearTimeout(timer);
    this.#waiting.clear();
    this.#count = 0;
  }

  #take(key: string, indexOf: (waiting: readonly { exchange: HttpExchange }[]) => number) {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return undefined;
    const index = indexOf(waiting);
    if (index === -1) return undefined;
    const [entry] = waiting.splice(index, 1);
    if (waiting.length === 0) this.#waiting.delete(key);
    this.#count--;
    return entry;
  }
}

function keyOf({ origin, pathname, search }: URL): string {
  return origin + pathname + search;
}
