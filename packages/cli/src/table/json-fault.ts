/** Where a text stops being JSON: engines say it in some of their messages only. */

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing';

const SPACE = /[\t\n\r ]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 forbids exactly these.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Offset of the first token that cannot stand there (RFC 8259); the text's length when it ends too early. */
export function jsonFaultOffset(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return false;
    at += match[0].length;
    return true;
  };
  const afterValue = (): Expected => (open.length === 0 ? 'nothing' : ', or end');
  for (;;) {
    take(SPACE);
    if (at >= text.length) return text.length;
    const token = text[at];
    if (expected === 'nothing') return at;
    if (expected === ':') {
      if (token !== ':') return at;
      expected = 'value';
      at++;
    } else if (expected === ', or end') {
      const isObject = open.at(-1) === '{';
      if (token === ',') expected = isObject ? 'key' : 'value';
      else if (token === (isObject ? '}' : ']')) {
        open.pop();
        expected = afterValue();
      } else return at;
      at++;
    } else if ((expected === 'key or }' && token === '}') || (expected === 'value or ]' && token === ']')) {
      open.pop();
      expected = afterValue();
      at++;
    } else if (expected === 'key' || expected === 'key or }') {
      if (!take(STRING)) return at;
      expected = ':';
    } else if (token === '{' || token === '[') {
      open.push(token);
      expected = token === '{' ? 'key or }' : 'value or ]';
      at++;
    } else {
      if (!take(STRING) && !take(SCALAR)) return at;
      expected = afterValue();
    }
  }
}
