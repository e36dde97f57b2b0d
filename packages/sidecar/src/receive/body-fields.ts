/**
 * Log records whose values are in the body: of the scopes that are named here, the fields of a body that is a key–value
 * list are read as attributes, `a.b` for field b of field a, behind a prefix. Other scopes' bodies are not read at all.
 */

export interface BodyRules {
  /** Names of instrumentation scopes. */
  readonly scopes: readonly string[];
  /** Before every field's name. */
  readonly prefix: string;
  /** Event name of such a record, when it has none. */
  readonly eventName: string;
}

const PATH_BYTES_MAX = 1024;
/** Lists within lists: `a.b.c.d.e` is the deepest field. */
const FIELD_DEPTH_MAX = 4;
const DOT = 0x2e;

const encoder = new TextEncoder();

/** Key of the field that is being read. */
export class FieldPath {
  readonly bytes = new Uint8Array(PATH_BYTES_MAX);
  readonly view = new DataView(this.bytes.buffer);
  length: number;
  #depth = 0;
  readonly #prefixLength: number;

  constructor(prefix: string) {
    const { written } = encoder.encodeInto(prefix, this.bytes);
    this.length = written;
    this.#prefixLength = written;
  }

  reset(): void {
    this.length = this.#prefixLength;
    this.#depth = 0;
  }

  /** Goes to the field of this name; false, and nowhere, when the path gets too long. */
  push(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.length + length + 1 > PATH_BYTES_MAX) return false;
    for (let i = 0; i < length; i++) this.bytes[this.length++] = bytes[offset + i];
    return true;
  }

  /** To the fields of the field; false where they are too deep to be read. There is room: `push` left it. */
  enter(): boolean {
    if (this.#depth === FIELD_DEPTH_MAX) return false;
    this.#depth++;
    this.bytes[this.length++] = DOT;
    return true;
  }

  leave(): void {
    this.#depth--;
  }
}

export class BodyScopes {
  readonly #path: FieldPath;
  readonly eventName: Uint8Array;
  readonly eventView: DataView;
  readonly #names: readonly Uint8Array[];

  constructor({ scopes, prefix, eventName }: BodyRules) {
    this.#path = new FieldPath(prefix);
    this.#names = scopes.map((name) => encoder.encode(name));
    this.eventName = encoder.encode(eventName);
    this.eventView = new DataView(this.eventName.buffer);
  }

  /** For a body: at the prefix, whatever the one before left behind. */
  start(): FieldPath {
    this.#path.reset();
    return this.#path;
  }

  /** Whether `bytes[offset, offset + length)` is the name of one of them. */
  has(bytes: Uint8Array, offset: number, length: number): boolean {
    return this.#names.some((name) => name.length === length && name.every((byte, i) => bytes[offset + i] === byte));
  }
}
