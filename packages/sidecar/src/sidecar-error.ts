/** What is wrong with what the user gave, one problem a line: file, place, fix. */
export class SidecarError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SidecarError';
    this.problems = problems;
  }
}
