/** What is wrong with what the user gave, one problem a line: file, place, fix. */
export class SidecarError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SidecarError';
    this.problems = problems;
  }
}

/** What a user can do something about, whatever was thrown. */
export function asSidecarError(error: unknown): SidecarError {
  if (error instanceof SidecarError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new SidecarError([`${message}: another process listens there: set listen.otlp_http or listen.http`]);
  return new SidecarError([message]);
}
