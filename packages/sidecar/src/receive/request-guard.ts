/** Who may send: origin, token, host name. Compared in constant time, decided before the body is read. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HostNames } from './host-names.ts';

export class RequestGuard {
  #hashes: readonly Buffer[] = [];
  #hosts = new HostNames([]);

  constructor(tokens: readonly string[], hosts: readonly string[]) {
    this.setTokens(tokens);
    this.setHosts(hosts);
  }

  setTokens(tokens: readonly string[]): void {
    this.#hashes = tokens.map(hashOf);
  }

  setHosts(hosts: readonly string[]): void {
    this.#hosts = new HostNames(hosts);
  }

  get wantsToken(): boolean {
    return this.#hashes.length > 0;
  }

  /** The status to refuse with, or 0. */
  refusal(request: IncomingMessage): number {
    // A browser sends an origin; no exporter does. There is no CORS here.
    if (request.headers.origin !== undefined) return 403;
    if (this.wantsToken && !this.showsToken(request)) return 401;
    return this.isOwnName(request) ? 0 : 403;
  }

  /** Whoever shows a token or a certificate is no page that was tricked into a name: those are not asked for it. */
  isOwnName(request: IncomingMessage): boolean {
    return this.showsToken(request) || showsCertificate(request.socket) || this.#hosts.isOwn(request.headers.host);
  }

  showsToken({ headers }: IncomingMessage): boolean {
    const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return false;
    const given = hashOf(token.trim());
    let isKnown = false;
    for (const hash of this.#hashes) if (timingSafeEqual(hash, given)) isKnown = true;
    return isKnown;
  }
}

/** Signed by the authority that the configuration names. */
export function showsCertificate(socket: Socket): boolean {
  const { encrypted, authorized } = socket as Partial<TLSSocket>;
  return encrypted === true && authorized === true;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
