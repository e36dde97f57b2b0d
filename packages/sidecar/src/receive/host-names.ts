/**
 * The names of this host. A page in somebody's browser may be sent here under a name of its own (DNS rebinding), so a
 * request has to call the host by an address, or by a name that nobody else could have made up.
 */
import { isIP } from 'node:net';

export class HostNames {
  readonly #names: ReadonlySet<string>;
  /** With their leading dot. */
  readonly #domains: readonly string[];
  readonly #isAny: boolean;

  /** @param names exact, `*.example.org` for all names below, or `*` for any */
  constructor(names: readonly string[]) {
    const lower = names.map((name) => name.toLowerCase());
    this.#isAny = lower.includes('*');
    this.#names = new Set(lower);
    this.#domains = lower.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  }

  /** @param header the Host header; clients of HTTP/1.0 send none, and browsers always do */
  isOwn(header: string | undefined): boolean {
    if (header === undefined || this.#isAny) return true;
    const name = header
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
      .toLowerCase();
    if (isIP(name) !== 0 || name === 'localhost' || this.#names.has(name)) return true;
    return this.#domains.some((domain) => name.endsWith(domain) && name.length > domain.length);
  }
}
