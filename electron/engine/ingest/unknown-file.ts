/** What is said of a file before it was looked into. */
export const unknownFile = {
  compression: null,
  role: null,
  dataset: 'investigated' as const,
  rows: null,
  columns: null,
  key: null,
  reading: null,
  badRows: null,
  says: [],
  model: null,
  imageColumn: null,
  more: null,
  entries: [],
  findings: [],
};
