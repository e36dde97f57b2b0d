/** Whether somebody listens at an endpoint: asked before a flush that would wait half a minute for nobody. */
import { connect } from 'node:net';

const ANSWER_MS = 500;
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** True where the endpoint is no URL: then nobody knows. Never rejects. */
export function isReachable(endpoint: string): Promise<boolean> {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const port = url === undefined ? undefined : Number(url.port) || PORTS[url.protocol];
  if (url === undefined || port === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, timeout: ANSWER_MS });
    const answer = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
