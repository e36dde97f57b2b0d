/** A unix socket's file: made way for, and for the owner and the group only. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

const MODE = 0o660;
const PROBE_MS = 1_000;

/**
 * Removes the file that a process which died has left. A socket that somebody listens to, and a file that is no socket,
 * stay.
 *
 * @throws RangeError when the path is taken
 */
export async function clearStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new RangeError(`${path} is there and is no socket: remove it, or name another path`);
  if (await isAnswered(path))
    throw new RangeError(`another process listens on ${path}: stop it, or set listen.otlp_http to another path`);
  unlinkSync(path);
}

/** Before this, nobody but the owner can connect: that needs the right to write, which no usual umask gives. */
export function restrictSocket(path: string): void {
  chmodSync(path, MODE);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(PROBE_MS, () => answer(true));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
