import type { BadLine, BlockOddities } from './log-messages.ts';

/** So many bad lines are kept with their reason. */
export const MOST_BAD_LINES = 1000;
const MOST_UNMAPPED = 20;
const SHOWN = 60;
/** So much of a bad line is kept. */
const BAD_TEXT_BYTES = 200;

/** What is odd in the rows of a block; what a row that is given up had of it is forgotten with the row. */
export class RowOddities {
  #rowNonFinite = 0;
  #rowNonFiniteName = '';
  #rowZone = 0;
  #rowUnmapped = 0;
  #rowUnmappedNames: string[] = [];
  #rowCut = 0;

  #nonFinite = 0;
  #firstNonFinite: { row: number; column: string } | null = null;
  #zones = new Map<number, number>();
  #runZone = Number.NaN;
  #runRows = 0;
  #unmapped = 0;
  #unmappedNames = new Set<string>();
  #labelsEarly = 0;
  #cutTexts = 0;
  #bad: BadLine[] = [];
  #badCount = 0;
  #truncated = false;

  begin(): void {
    this.#rowNonFinite = 0;
    this.#rowUnmapped = 0;
    if (this.#rowUnmappedNames.length > 0) this.#rowUnmappedNames = [];
    this.#rowCut = 0;
  }

  notFinite(name: string): void {
    if (this.#rowNonFinite === 0) this.#rowNonFiniteName = name;
    this.#rowNonFinite += 1;
  }

  zone(zone: number): void {
    this.#rowZone = zone;
  }

  unmapped(name: string): void {
    this.#rowUnmapped += 1;
    if (this.#unmappedNames.size < MOST_UNMAPPED) this.#rowUnmappedNames.push(name);
  }

  cutText(): void {
    this.#rowCut += 1;
  }

  /** The row is kept. */
  end(row: number, labelEarly: boolean): void {
    if (this.#rowZone === this.#runZone) this.#runRows += 1;
    else this.#startZone(this.#rowZone);
    if (labelEarly) this.#labelsEarly += 1;
    if (this.#rowNonFinite > 0) {
      this.#nonFinite += this.#rowNonFinite;
      this.#firstNonFinite ??= { row, column: this.#rowNonFiniteName };
    }
    this.#unmapped += this.#rowUnmapped;
    for (const name of this.#rowUnmappedNames)
      if (this.#unmappedNames.size < MOST_UNMAPPED) this.#unmappedNames.add(name.slice(0, SHOWN));
    this.#cutTexts += this.#rowCut;
  }

  /** A line that cannot be kept, which stands in `bytes` from `start` to `end`. */
  bad(line: number, reason: string, bytes: Uint8Array, start: number, end: number): void {
    this.#badCount += 1;
    if (this.#bad.length === MOST_BAD_LINES) return;
    const length = Math.min(end - start, BAD_TEXT_BYTES);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('utf8');
    this.#bad.push({ line, reason, text });
  }

  truncated(): void {
    this.#truncated = true;
  }

  /** What was found since the last call. */
  take(): {
    oddities: Omit<BlockOddities, 'dropped' | 'unpaired' | 'timeless'>;
    bad: BadLine[];
    badCount: number;
    truncated: boolean;
  } {
    this.#startZone(Number.NaN);
    const found = {
      oddities: {
        nonFinite: this.#nonFinite,
        firstNonFinite: this.#firstNonFinite,
        zones: [...this.#zones],
        unmapped: this.#unmapped,
        unmappedNames: [...this.#unmappedNames],
        labelsEarly: this.#labelsEarly,
        cutTexts: this.#cutTexts,
      },
      bad: this.#bad,
      badCount: this.#badCount,
      truncated: this.#truncated,
    };
    this.#nonFinite = 0;
    this.#firstNonFinite = null;
    this.#zones = new Map();
    this.#unmapped = 0;
    this.#unmappedNames = new Set();
    this.#labelsEarly = 0;
    this.#cutTexts = 0;
    this.#bad = [];
    this.#badCount = 0;
    this.#truncated = false;
    return found;
  }

  #startZone(zone: number): void {
    if (this.#runRows > 0)
      this.#zones.set(this.#runZone, (this.#zones.get(this.#runZone) ?? 0) + this.#runRows);
    this.#runZone = zone;
    this.#runRows = Number.isNaN(zone) ? 0 : 1;
  }
}
