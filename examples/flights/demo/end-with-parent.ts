/**
 * Loaded into each child by `--import`: the parent holds the other end of standard input, so its end, even by SIGKILL,
 * is the end of this process too.
 */
process.stdin
  .on('end', () => process.kill(process.pid, 'SIGTERM'))
  .on('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
(process.stdin as unknown as { unref?: () => void }).unref?.();
