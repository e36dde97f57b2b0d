/**
 * HTTP agents that honour HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which the OTLP exporters do not. An agent of one's own
 * takes the place of the exporter's, so the certificates of the environment are read here too.
 */
import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

type AgentFactory = (protocol: string) => Promise<import('node:http').Agent>;

/** Undefined when the environment names no proxy: then the exporter's own agent is right. */
export function proxyAgentOptions(env: Environment, signal: 'METRICS' | 'TRACES' | 'LOGS'): AgentFactory | undefined {
  const proxies = [env.HTTP_PROXY, env.http_proxy, env.HTTPS_PROXY, env.https_proxy];
  if (proxies.every((proxy) => proxy === undefined || proxy === '')) return undefined;
  return async (protocol) => {
    const proxyEnv = env as NodeJS.ProcessEnv;
    if (protocol === 'http:') {
      const { Agent } = await import('node:http');
      return new Agent({ keepAlive: true, proxyEnv } as ConstructorParameters<typeof Agent>[0]);
    }
    const { Agent } = await import('node:https');
    const file = (name: string) =>
      readIfNamed(env[`OTEL_EXPORTER_OTLP_${signal}_${name}`] ?? env[`OTEL_EXPORTER_OTLP_${name}`]);
    const tls = { ca: file('CERTIFICATE'), cert: file('CLIENT_CERTIFICATE'), key: file('CLIENT_KEY') };
    return new Agent({ keepAlive: true, proxyEnv, ...tls } as ConstructorParameters<typeof Agent>[0]);
  };
}

function readIfNamed(path: string | undefined): Buffer | undefined {
  return path === undefined || path === '' ? undefined : readFileSync(path);
}
