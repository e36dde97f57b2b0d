/** Text of files and options, fit for a terminal: control characters could rewrite what is on the screen. */

/** Line ends stay; other control characters are written as their code, such as \u001b. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** All texts in a value that came from JSON. */
export function printableTexts<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'string' ? printable(part) : part));
}

// Everything of the general category Cc but the line feed, and what turns the direction of text around.
const CONTROL = /(?!\n)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
