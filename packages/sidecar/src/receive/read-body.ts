/** The bytes of a request, in an ArrayBuffer of their own, so that they can be transferred to a worker. */
import type { IncomingMessage } from 'node:http';

/** A length that is announced is not a length that came: more is allocated as it arrives. */
const BUFFER_BYTES_START = 1 << 20;

/**
 * @param announced content-length, 0 when it was not said
 * @param hold called with the bytes of each chunk; says when they are too many, for one request or for all
 */
export function readBody(
  request: IncomingMessage,
  announced: number,
  hold: (bytes: number) => 'ok' | 'too_large' | 'busy',
): Promise<Uint8Array<ArrayBuffer> | 'aborted' | 'too_large' | 'busy'> {
  return new Promise((resolve) => {
    let body = new Uint8Array(Math.min(announced, BUFFER_BYTES_START));
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      const held = hold(chunk.length);
      if (held !== 'ok') {
        request.removeAllListeners('data');
        resolve(held);
        return;
      }
      if (size + chunk.length > body.length) {
        const grown = new Uint8Array(Math.max(size + chunk.length, 2 * body.length));
        grown.set(body.subarray(0, size));
        body = grown;
      }
      body.set(chunk, size);
      size += chunk.length;
    });
    request.on('end', () => resolve(size === body.length ? body : body.slice(0, size)));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}
