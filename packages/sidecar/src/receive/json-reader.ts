/**
 * A pull reader over the bytes of a JSON text: structure, strings and numbers, strict as RFC 8259 asks, with the bytes
 * of a string where they stand. Escapes are resolved in place: the result is never longer.
 *
 * Invariants
 * 1. `at` is the next byte that was not read. Every method leaves it behind what it read.
 * 2. Nothing is looked up beyond the text: reading past its end gives undefined, which no comparison takes.
 * 3. Levels of nesting are counted, also in what is skipped.
 */
import { decimal, HEAD_DIGITS, POWERS_OF_TEN, SCALE_MAX, TAIL_DIGITS } from './decimal.ts';
import { undecodable } from './scan-fault.ts';

/** 32 levels of AnyValue, as in protobuf, of up to four brackets each, and those around them; one walk of them fits. */
const DEPTH_MAX = 160;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const NULL = 0x6e;

export class JsonReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Range of the string that was read last. */
  textOffset = 0;
  textLength = 0;
  #depth = 0;
  /** Over the same bytes: it makes strings quickly. */
  #buffer: Buffer = Buffer.alloc(0);

  start(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.#depth = 0;
  }

  /** First byte of the next token. */
  peek(): number {
    const { bytes } = this;
    let at = this.at;
    let byte = bytes[at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
    this.at = at;
    return byte;
  }

  /** Whether a null comes next, which is then read. */
  readNull(): boolean {
    if (this.peek() !== NULL) return false;
    this.word();
    return true;
  }

  open(bracket: number): void {
    if (this.peek() !== bracket) this.#fail('another kind of value is expected');
    if (++this.#depth > DEPTH_MAX) this.#fail(`nested deeper than ${DEPTH_MAX}`);
    this.at++;
  }

  /**
   * Whether another member or element follows; reads the comma before it, or the bracket that ends.
   * @param isFirst whether none was read yet
   */
  more(close: number, isFirst: boolean): boolean {
    const byte = this.peek();
    if (byte === close) {
      this.#depth--;
      this.at++;
      return false;
    }
    if (isFirst) return true;
    if (byte !== COMMA) this.#fail('a comma or the end is expected');
    this.at++;
    return true;
  }

  /** Reads a member's name and its colon. The name is the text range. */
  name(): void {
    this.string();
    if (this.peek() !== COLON) this.#fail('a colon is expected');
    this.at++;
  }

  /** Whether the text range is this ASCII text. */
  textIs(text: string): boolean {
    if (this.textLength !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.bytes[this.textOffset + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  string(): void {
    if (this.peek() !== QUOTE) this.#fail('a string is expected');
    const { bytes } = this;
    let at = this.at + 1;
    this.textOffset = at;
    for (;;) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        this.#escapedString(at);
        return;
      }
      if (!(byte >= 0x20)) this.#fail('a string is not ended, or has a control character');
      at++;
    }
    this.textLength = at - this.textOffset;
    this.at = at + 1;
  }

  /** A string; null, which JSON's mapping allows everywhere, counts as the empty one. */
  stringOrNull(): void {
    if (this.peek() !== NULL) {
      this.string();
      return;
    }
    this.word();
    this.textLength = 0;
  }

  /**
   * A number, as strict as JSON.parse and with the same result: where mantissa and power of ten are exact doubles, one
   * division or product rounds correctly (W. Clinger, "How to read floating point numbers accurately", PLDI 1990);
   * others go through the engine's own conversion.
   */
  number(): number {
    this.peek();
    const { bytes } = this;
    const start = this.at;
    let at = start;
    const isNegative = bytes[at] === 0x2d;
    if (isNegative) at++;
    const digits = at;
    let point = -1;
    let head = 0;
    let tail = 0;
    let count = 0;
    for (let byte = bytes[at]; ; byte = bytes[++at]) {
      if (byte >= 0x30 && byte <= 0x39) {
        // Leading zeros are no digits of the number.
        if (count < HEAD_DIGITS) head = head * 10 + byte - 0x30;
        else tail = tail * 10 + byte - 0x30;
        if (head !== 0) count++;
      } else if (byte === 0x2e && point < 0 && at > digits) point = at;
      else break;
    }
    const whole = (point < 0 ? at : point) - digits;
    if (whole === 0 || (bytes[digits] === 0x30 && whole > 1)) this.#fail('a number is expected');
    if (point === at - 1) this.#fail('digits are expected');
    const scale = point < 0 ? 0 : at - point - 1;
    if ((bytes[at] | 0x20) === 0x65) at = this.#exponent(at + 1);
    else if (scale <= SCALE_MAX && count <= HEAD_DIGITS + TAIL_DIGITS) {
      const value =
        count <= HEAD_DIGITS ? head / POWERS_OF_TEN[scale] : decimal(head, tail, count - HEAD_DIGITS, scale);
      if (!Number.isNaN(value)) {
        this.at = at;
        return isNegative ? -value : value;
      }
    }
    this.at = at;
    return this.#parsed(start, at);
  }

  /** Checks an exponent's digits; returns where they end. */
  #exponent(from: number): number {
    const { bytes } = this;
    let at = from;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
    const digits = at;
    while (bytes[at] >= 0x30 && bytes[at] <= 0x39) at++;
    if (at === digits) this.#fail('digits are expected');
    return at;
  }

  /** A number, or a string that spells one, as OTLP allows for 64-bit integers; NaN when it spells none, and for null. */
  numberOrText(): number {
    if (this.readNull()) return Number.NaN;
    if (this.peek() !== QUOTE) return this.number();
    this.string();
    return this.textLength > 0 && this.textLength <= 32
      ? this.#parsed(this.textOffset, this.textOffset + this.textLength)
      : Number.NaN;
  }

  /** `true`, `false` or `null`, whose first byte was peeked. */
  word(): boolean | null {
    const byte = this.peek();
    if (byte === 0x74) return this.#literal('true', true);
    return byte === 0x66 ? this.#literal('false', false) : this.#literal('null', null);
  }

  /** Jumps over any value, checking it, and changes no byte: it may be read later. */
  skip(): void {
    const byte = this.peek();
    if (byte === QUOTE) this.#skipString();
    else if (byte === OPEN_OBJECT) {
      this.open(OPEN_OBJECT);
      for (let isFirst = true; this.more(CLOSE_OBJECT, isFirst); isFirst = false) {
        if (this.peek() !== QUOTE) this.#fail('a string is expected');
        this.#skipString();
        if (this.peek() !== COLON) this.#fail('a colon is expected');
        this.at++;
        this.skip();
      }
    } else if (byte === OPEN_ARRAY) {
      this.open(OPEN_ARRAY);
      for (let isFirst = true; this.more(CLOSE_ARRAY, isFirst); isFirst = false) this.skip();
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) this.number();
    else this.word();
  }

  /** After the last value only white space may stand. */
  end(): void {
    if (this.peek() !== undefined) this.#fail('more than one value');
  }

  #skipString(): void {
    const { bytes } = this;
    let at = this.at + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (!(byte >= 0x20)) this.#fail('a string is not ended, or has a control character');
      if (byte !== BACKSLASH) {
        at++;
        continue;
      }
      if (bytes[at + 1] === 0x75) this.#hex(at + 2);
      else this.#shortEscape(bytes[at + 1]);
      at += bytes[at + 1] === 0x75 ? 6 : 2;
    }
    this.at = at + 1;
  }

  #literal<T>(text: string, value: T): T {
    for (let i = 0; i < text.length; i++)
      if (this.bytes[this.at + i] !== text.charCodeAt(i)) this.#fail('a value is expected');
    this.at += text.length;
    return value;
  }

  #parsed(start: number, end: number): number {
    return Number(this.#buffer.toString('latin1', start, end));
  }

  /** The rest of a string from its first backslash on, resolved in place. */
  #escapedString(at: number): void {
    const { bytes } = this;
    let to = at;
    while (bytes[at] !== QUOTE) {
      const byte = bytes[at];
      if (!(byte >= 0x20)) this.#fail('a string is not ended, or has a control character');
      if (byte !== BACKSLASH) {
        bytes[to++] = bytes[at++];
        continue;
      }
      const escaped = bytes[at + 1];
      if (escaped === 0x75) {
        let code = this.#hex(at + 2);
        at += 6;
        if (code >= 0xd800 && code < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75) {
          const low = this.#hex(at + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 6;
          }
        }
        to = putUtf8(bytes, to, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
      } else {
        bytes[to++] = this.#shortEscape(escaped);
        at += 2;
      }
    }
    this.textLength = to - this.textOffset;
    this.at = at + 1;
  }

  #hex(at: number): number {
    let code = 0;
    for (let i = at; i < at + 4; i++) {
      const byte = this.bytes[i];
      const digit =
        byte >= 0x30 && byte <= 0x39
          ? byte - 0x30
          : (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66
            ? (byte | 0x20) - 0x57
            : -1;
      if (digit < 0) this.#fail('four hex digits are expected');
      code = code * 16 + digit;
    }
    return code;
  }

  #shortEscape(escaped: number): number {
    switch (escaped) {
      case 0x6e:
        return 0x0a;
      case 0x74:
        return 0x09;
      case 0x72:
        return 0x0d;
      case 0x62:
        return 0x08;
      case 0x66:
        return 0x0c;
      case QUOTE:
      case BACKSLASH:
      case 0x2f:
        return escaped;
      default:
        return this.#fail('an unknown escape');
    }
  }

  #fail(reason: string): never {
    return undecodable(reason, this.at);
  }
}

function putUtf8(bytes: Uint8Array, to: number, code: number): number {
  if (code < 0x80) {
    bytes[to++] = code;
  } else if (code < 0x800) {
    bytes[to++] = 0xc0 | (code >> 6);
    bytes[to++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    bytes[to++] = 0xe0 | (code >> 12);
    bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[to++] = 0x80 | (code & 0x3f);
  } else {
    bytes[to++] = 0xf0 | (code >> 18);
    bytes[to++] = 0x80 | ((code >> 12) & 0x3f);
    bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[to++] = 0x80 | (code & 0x3f);
  }
  return to;
}
