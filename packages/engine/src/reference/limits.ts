/** The bounds of a profile: builders keep them, the reader of hostile files insists on them. */
export const PROFILE_LIMITS = {
  /** Features, and outputs. */
  columnCountMax: 10_000,
  edgeCountMax: 1024,
  /** Cells that are compared and exported. */
  cellCountMax: 20,
  namedCategoryCountMax: 100,
  restHashCountMax: 100_000,
  /** UTF-16 units of a column's or a category's name. */
  nameLengthMax: 256,
  /** Of descriptions, reasons, file names. */
  textLengthMax: 4096,
  fileCountMax: 10_000,
  /** Hours of a week. */
  bandSlotCountMax: 168,
  longerBandCountMax: 8,
  noiseTableCountMax: 16,
  noiseSizeCountMax: 64,
  /** Of one score's calibration map. */
  calibrationPointCountMax: 2_000,
} as const;
