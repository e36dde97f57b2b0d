/** What the receiver has seen. Paths and statuses are few: an unknown path counts as `other`. */

export class ReceiverCounters {
  bodyBytes = 0;
  inFlightBytes = 0;
  inFlightRequestCount = 0;
  readonly #requests = new Map<string, { readonly path: string; readonly status: number; count: number }>();

  answered(path: string, status: number): void {
    const key = `${path} ${status}`;
    const entry = this.#requests.get(key);
    if (entry === undefined) this.#requests.set(key, { path, status, count: 1 });
    else entry.count++;
  }

  requests(): readonly { readonly path: string; readonly status: number; readonly count: number }[] {
    return [...this.#requests.values()].map((entry) => ({ ...entry }));
  }
}
