/** Who may send: token, host name, origin. Compared in constant time, decided before the body is read. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

export class RequestGuard {
  #hashes: readonly Buffer[];
  readonly #hosts: ReadonlySet<string>;

  constructor(tokens: readonly string[], hosts: readonly string[]) {
    this.#hashes = tokens.map(hashOf);
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
  }

  setTokens(tokens: readonly string[]): void {
    this.#hashes = tokens.map(hashOf);
  }

  /** The status to refuse with, or 0. */
  refusal(headers: IncomingHttpHeaders): number {
    // A browser sends an origin; no exporter does. There is no CORS here.
    if (headers.origin !== undefined) return 403;
    if (!this.#isOwnName(headers.host)) return 403;
    return this.#isAuthorised(headers.authorization) ? 0 : 401;
  }

  /** An address, localhost, or a name that was configured: any other name may be DNS rebinding. */
  #isOwnName(header: string | undefined): boolean {
    if (header === undefined) return true;
    const name = header
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .toLowerCase();
    return isIP(name) !== 0 || name === 'localhost' || this.#hosts.has(name);
  }

  #isAuthorised(header: string | undefined): boolean {
    if (this.#hashes.length === 0) return true;
    const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) return false;
    const given = hashOf(token);
    let isKnown = false;
    for (const hash of this.#hashes) if (timingSafeEqual(hash, given)) isKnown = true;
    return isKnown;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
