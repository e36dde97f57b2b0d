/** Counts what held and what did not, and says it line by line. */
export class Report {
  #passed = 0;
  #failed = 0;

  get failed(): number {
    return this.#failed;
  }

  check(name: string, holds: boolean, detail = ''): void {
    if (holds) this.#passed++;
    else this.#failed++;
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}${detail === '' ? '' : ` (${detail})`}`);
  }

  equal(name: string, actual: unknown, expected: unknown): void {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    this.check(
      name,
      is === should,
      is === should ? is.slice(0, 60) : `is ${is.slice(0, 500)}, not ${should.slice(0, 500)}`,
    );
  }

  /** Runs a part; what it throws is a failure of that part, and the next one still runs. */
  async part(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.check(name, false, error instanceof Error ? error.message : String(error));
    }
  }

  summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}
