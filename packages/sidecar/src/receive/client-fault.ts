/** Answers to what never became a request: too slow, headers too large, or not HTTP at all. */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { statusBody } from './status-reply.ts';

const FAULTS: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request did not come in time'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the headers are too large'],
};
const OTHER = [400, 'Bad Request', 'this is no HTTP request'] as const;

/** A client that does not read its answer is cut off then. */
const LINGER_MS = 1_000;

/** How often Node looks for requests that are too slow; its default of 30 s would make the timeouts 30 s longer. */
export const TIMEOUT_CHECK_MS = 1_000;

/** @param count called with the status of each answer */
export function answerClientFaults(server: Server, count: (status: number) => void): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const [status, reason, message] = FAULTS[error.code ?? ''] ?? OTHER;
    // An answer that has begun would be torn in two; only Node's own field says so.
    const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse | null };
    const isHttp = /^(HPE_|ERR_HTTP_)/.test(error.code ?? '');
    if (!isHttp || !socket.writable || answer?.headersSent === true) {
      socket.destroy();
      return;
    }
    count(status);
    const body = statusBody('json', status, message);
    const head = [
      `HTTP/1.1 ${status} ${reason}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}
