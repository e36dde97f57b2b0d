/** A constant, because a bundled service has no package.json to read it from; a test holds it against ours. */
export const VERSION = '0.1.0';
