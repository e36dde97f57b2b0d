/** Loopback, or protected: no listener is open to the network by mistake. */
import { BlockList, isIP } from 'node:net';

export interface Protection {
  readonly hasTls: boolean;
  readonly hasToken: boolean;
  /** The user says that a network policy protects it. */
  readonly insecureBind: boolean;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return host === 'localhost' || (family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4'));
}

/** Why a listener may not be bound there, with the fix; undefined when it may. */
export function bindProblem(host: string, { hasTls, hasToken, insecureBind }: Protection): string | undefined {
  if (insecureBind || hasTls || hasToken || isLoopback(host)) return undefined;
  return `listen on ${host} would be open to the network: add TLS or a bearer token, or say insecure_bind: true where a network policy protects it`;
}
