/** A cell after RFC 4180: quoted where it holds a comma, a quotation mark or a line end. */
const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One record with its line end. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** A number in its shortest form that reads back as the same float64; empty where there is none. */
export const csvNumber = (value: number | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value) ? '' : String(value);

/** Text for people's spreadsheets: what they would take for a formula begins with an apostrophe. */
export const neutralised = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
