/**
 * HTTP agents for the OTLP exporters, which know neither HTTP_PROXY, HTTPS_PROXY and NO_PROXY nor how to let go of a
 * backend that never ends its answer. An agent of one's own takes the place of the exporter's, so the certificates of
 * the environment are read here too. (Node's own `proxyEnv` is there from 22.21 and 24.5 on only.)
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Environment, ExportSignal } from './otlp-environment.ts';

export interface ExportAgent {
  /** For the exporter's `httpAgentOptions`. */
  readonly factory: (protocol: string) => HttpAgent;
  /** Cuts every connection, those under way too; the next request opens a new one. */
  cut(): void;
}

/** @param url where the exporter sends to: decides which proxy applies */
export function createExportAgent(env: Environment, signal: ExportSignal, url: string): ExportAgent {
  let agent: HttpAgent | undefined;
  return {
    factory: (protocol) => {
      agent = protocol === 'https:' ? httpsAgent(env, signal, url) : httpAgent(env, url);
      return agent;
    },
    cut: () => agent?.destroy(),
  };
}

/** The proxy for a URL; undefined for none. Lower-case variables win, as everywhere. */
export function proxyFor(url: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const proxy =
    env[`${scheme}_proxy`] || env[`${scheme.toUpperCase()}_PROXY`] || env.all_proxy || env.ALL_PROXY || undefined;
  if (proxy === undefined) return undefined;
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const exceptions = (env.no_proxy || env.NO_PROXY || '').toLowerCase().split(/[\s,]+/);
  if (exceptions.some((exception) => isExcepted(exception, host, port || (scheme === 'https' ? '443' : '80'))))
    return undefined;
  return /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

/** `*`, a host, a domain with or without leading dot or `*.`; each may name a port. */
function isExcepted(exception: string, host: string, port: string): boolean {
  if (exception === '') return false;
  if (exception === '*') return true;
  const [, name, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? [];
  const isAddress = exception.includes('::') || /^\[/.test(exception);
  if (isAddress) return exception.replace(/^\[|\].*$/g, '') === host;
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

function httpAgent(env: Environment, url: string): HttpAgent {
  const proxy = proxyFor(url, env);
  return proxy === undefined ? new HttpAgent({ keepAlive: true }) : new HttpProxyAgent(proxy, { keepAlive: true });
}

function httpsAgent(env: Environment, signal: ExportSignal, url: string): HttpAgent {
  const file = (name: string) =>
    readIfNamed(env[`OTEL_EXPORTER_OTLP_${signal}_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`]);
  const tls = { ca: file('CERTIFICATE'), cert: file('CLIENT_CERTIFICATE'), key: file('CLIENT_KEY') };
  const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const proxy = proxyFor(url, env);
  return proxy === undefined ? new HttpsAgent({ keepAlive: true, ...given }) : new TunnelAgent(proxy, given);
}

type TunnelOptions = Parameters<HttpsProxyAgent<string>['connect']>[1];

/** The proxy's agent takes certificates for the way to the proxy only; these are for the backend behind it. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #tls: object;

  constructor(proxy: string, tls: object) {
    super(proxy, { keepAlive: true });
    this.#tls = tls;
  }

  override connect(request: Parameters<HttpsProxyAgent<string>['connect']>[0], options: TunnelOptions) {
    return super.connect(request, { ...options, ...this.#tls } as TunnelOptions);
  }
}

function readIfNamed(path: string | undefined): Buffer | undefined {
  return path === undefined || path === '' ? undefined : readFileSync(path);
}
