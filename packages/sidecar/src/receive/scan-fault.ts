/**
 * How a scanner leaves its nested walk when the bytes are not what they should be. Thrown and caught inside this stage:
 * `decode` turns it into an outcome, so that no caller sees an exception for something that arrived.
 */
export class ScanFault extends Error {
  readonly kind: 'undecodable' | 'too_large';

  /** `reason` names what is wrong and never quotes the bytes; `offset` is where in the inflated body. */
  constructor(kind: 'undecodable' | 'too_large', reason: string, offset?: number) {
    super(offset === undefined ? reason : `${reason} at byte ${offset}`);
    this.kind = kind;
  }
}

export function undecodable(reason: string, offset: number): never {
  throw new ScanFault('undecodable', reason, offset);
}

export function tooLarge(reason: string): never {
  throw new ScanFault('too_large', reason);
}
