/** Tokens and certificates of the listeners, as they are on disk, and what is wrong with them. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ConfigProblem, Locate } from './config/load.ts';
import { type Address, type Config, parseAddress, parseListen } from './config/schema.ts';
import { bindProblem } from './receive/bind-rule.ts';
import type { TlsMaterial } from './receive/index.ts';
import { SidecarError } from './sidecar-error.ts';

export interface Secrets {
  /** Any of them lets a sender in; none lets everybody in. */
  readonly bearerTokens: readonly string[];
  readonly tls?: TlsMaterial;
  /** Everything that was named, read or not: to be watched. */
  readonly files: readonly string[];
}

const TOKEN_BYTES_MIN = 8;

/** @param configFile what the files' paths are relative to */
export function readSecrets(
  { listen, alarms }: Config,
  configFile: string,
  locate: Locate,
): { readonly secrets: Secrets; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const files: string[] = [];
  const read = (path: readonly string[], name: string | undefined): string | undefined => {
    if (name === undefined) return undefined;
    const file = resolve(dirname(configFile), name);
    files.push(file);
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
      problems.push(locate(path, `${file} ${why}: name a file that the sidecar may read`));
      return undefined;
    }
  };
  const tokenPath = ['listen', 'bearer_token_file'];
  const tokenText = read(tokenPath, listen.bearer_token_file);
  const bearerTokens = (tokenText ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (
    tokenText !== undefined &&
    (bearerTokens.length === 0 || bearerTokens.some((one) => one.length < TOKEN_BYTES_MIN))
  )
    problems.push(locate(tokenPath, `must hold tokens of at least ${TOKEN_BYTES_MIN} characters, one a line`));
  for (const [i, { secret_file, bearer_token_file }] of alarms.webhooks.entries()) {
    read(['alarms', 'webhooks', String(i), 'secret_file'], secret_file);
    read(['alarms', 'webhooks', String(i), 'bearer_token_file'], bearer_token_file);
  }
  const cert = read(['listen', 'tls', 'cert_file'], listen.tls?.cert_file);
  const key = read(['listen', 'tls', 'key_file'], listen.tls?.key_file);
  const clientCa = read(['listen', 'tls', 'client_ca_file'], listen.tls?.client_ca_file);
  const tls =
    cert === undefined || key === undefined
      ? undefined
      : { cert, key, ...(clientCa === undefined ? {} : { clientCa }) };
  if (tls !== undefined) problems.push(...tlsProblems(tls, locate));
  return { secrets: { bearerTokens, files, ...(tls === undefined ? {} : { tls }) }, problems };
}

/** Listeners that would be open to the network. What a listener is protected by is what the configuration names. */
export function bindProblems({ listen }: Config, locate: Locate): ConfigProblem[] {
  const protection = {
    hasTls: listen.tls !== undefined,
    hasToken: listen.bearer_token_file !== undefined,
    insecureBind: listen.insecure_bind,
  };
  return (['otlp_http', 'http'] as const).flatMap((name) => {
    const target = parseListen(listen[name]);
    if (target === undefined || 'socketPath' in target) return [];
    const problem = bindProblem(target.host, protection);
    return problem === undefined ? [] : [locate(['listen', name], problem)];
  });
}

/** A pair that does not match would only be noticed by the first sender. */
function tlsProblems({ cert, key, clientCa }: TlsMaterial, locate: Locate): ConfigProblem[] {
  const at = (name: string, error: unknown) =>
    locate(['listen', 'tls', name], `is not usable (${(error as Error).message}): give a PEM file`);
  try {
    createSecureContext({ cert });
  } catch (error) {
    return [at('cert_file', error)];
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    return [at('key_file', error)];
  }
  try {
    if (clientCa !== undefined) createSecureContext({ ca: clientCa });
    if (clientCa !== undefined && !/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(String(clientCa)))
      throw new Error('it holds no certificate');
  } catch (error) {
    return [at('client_ca_file', error)];
  }
  return [];
}

export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`${JSON.stringify(text)} is no host:port`);
  return address;
}

/** A token that goes while the listener is still where it needs one would open it. */
export function requireProtection(running: Config): void {
  const problems = bindProblems(running, (path, message) => ({
    file: path.join('.'),
    message: `until a restart: ${message}`,
  }));
  if (problems.length > 0) throw new SidecarError(problems.map(({ file, message }) => `${file}: ${message}`));
}

/** The machine's own name is one that nobody else can have made up. */
export function allowedHosts({ listen }: Config): readonly string[] {
  return [hostname(), ...listen.allowed_hosts];
}
