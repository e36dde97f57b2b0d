/**
 * The codes of the attribute view that intake declares (VALUE and ITEM there): stages do not import one another, so
 * they stand here again, and a test holds the two tables together.
 */

/** Type of an attribute or element. */
export const VALUE = { empty: 0, text: 1, boolean: 2, number: 3, array: 4, other: 5 } as const;

/** Kind of an item. */
export const ITEM = { span: 1, logRecord: 2 } as const;
