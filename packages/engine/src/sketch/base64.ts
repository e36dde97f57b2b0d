/** Base64 (RFC 4648, section 4) of bytes, padded: the form in which a profile carries its hashes. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUE_OF_CODE = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUE_OF_CODE[ALPHABET.charCodeAt(i)] = i;

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    text += i + 1 < bytes.length ? ALPHABET[(group >> 6) & 63] : '=';
    text += i + 2 < bytes.length ? ALPHABET[group & 63] : '=';
  }
  return text;
}

/** Undefined when the text is not canonical base64: wrong length, foreign characters, or stray bits. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    let group = 0;
    const present = i + 4 === text.length ? 4 - padding : 4;
    for (let j = 0; j < 4; j++) {
      const value = j < present ? (VALUE_OF_CODE[text.charCodeAt(i + j)] ?? -1) : 0;
      if (value < 0) return undefined;
      group = (group << 6) | value;
    }
    const spare = (4 - present) * 8;
    if ((group & ((1 << spare) - 1)) !== 0) return undefined;
    for (let j = 16; j >= spare && at < bytes.length; j -= 8) bytes[at++] = (group >> j) & 255;
  }
  return bytes;
}
