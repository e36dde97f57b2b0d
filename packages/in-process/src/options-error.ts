/** What is wrong with the options that were given, one problem a line: place, value, fix. */
export class LeewayOptionsError extends Error {
  readonly code = 'leeway-options-invalid';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'LeewayOptionsError';
    this.problems = problems;
  }
}
