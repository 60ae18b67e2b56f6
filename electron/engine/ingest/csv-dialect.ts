import { BezoarError } from '../../contract/errors.ts';
import { anyNumberOf, type Decimal } from './cell-values.ts';
import { csvSplitter, MOST_COLUMNS, type CsvRecord, type CsvSyntax } from './csv-splitter.ts';

/** How the text of a file of delimited records is to be read. */
export interface CsvDialect extends CsvSyntax {
  readonly decimal: Decimal;
  /** Whether the first record holds the names of the columns. */
  readonly header: boolean;
}

/** The least share of records as wide as the first with which a delimiter is believed. */
const BELIEVED = 0.5;
const MARGIN = 0.1;
/** Characters and records that are looked at. */
const SAMPLE = 256 * 1024;
const FEW = 200;

const delimiters = [',', ';', '\t', '|'] as const;

interface Reading {
  readonly syntax: CsvSyntax;
  readonly records: readonly CsvRecord[];
  readonly width: number;
  /** Share of the records that have no fault and as many cells as the first. */
  readonly share: number;
}

function readSample(syntax: CsvSyntax, sample: string, whole: boolean): Reading | null {
  try {
    const splitter = csvSplitter('', syntax, null);
    const records = splitter.push(sample);
    if (whole || records.length === 0) records.push(...splitter.end());
    const width = records[0]?.width ?? 0;
    const good = records.filter((record) => record.fault === null && record.width === width);
    return { syntax, records, width, share: records.length === 0 ? 0 : good.length / records.length };
  } catch (error) {
    if (error instanceof BezoarError) return null;
    throw error;
  }
}

/** Whether cells are wrapped in apostrophes: each that begins with one ends with one. */
function wrapsInApostrophes({ records }: Reading): boolean {
  const cells = records.flatMap((record) => record.cells.filter((cell) => cell.startsWith("'")));
  return cells.length > 0 && cells.every((cell) => cell.length > 1 && cell.endsWith("'"));
}

type Quoting = Pick<CsvSyntax, 'quote' | 'escape'>;

/** In the order in which they are preferred. */
function quotingsOf(sample: string, given: Partial<Quoting>): Quoting[] {
  const withEscapes = (quote: '"' | "'"): Quoting[] => [
    { quote, escape: 'doubled' },
    ...(sample.includes(`\\${quote}`) ? [{ quote, escape: 'backslash' as const }] : []),
  ];
  const all: Quoting[] = [...withEscapes('"'), { quote: 'none', escape: 'doubled' }, ...withEscapes("'")];
  const allowed = all.filter(({ quote }) => quote === (given.quote ?? quote));
  return given.escape === undefined ? allowed : [{ quote: allowed[0]?.quote ?? '"', escape: given.escape }];
}

function readingsOf(
  delimiter: CsvSyntax['delimiter'],
  sample: string,
  whole: boolean,
  given: Partial<Quoting>,
): Reading[] {
  const readings = quotingsOf(sample, given).flatMap(
    (quoting) => readSample({ delimiter, ...quoting }, sample, whole) ?? [],
  );
  if (given.quote !== undefined) return readings;
  const bare = readings.find(({ syntax }) => syntax.quote === 'none');
  const wrapped = readings.find(({ syntax }) => syntax.quote === "'");
  // Apostrophes are mostly just that.
  const apostrophes =
    !sample.includes('"') &&
    bare !== undefined &&
    wrapped !== undefined &&
    (wrapsInApostrophes(bare) ? wrapped.share >= bare.share : wrapped.share > bare.share);
  return readings.filter(({ syntax }) => (syntax.quote === "'") === apostrophes);
}

/** Share of the cells of the first records that are numbers. */
function numbersIn(reading: Reading): number {
  const decimal = decimalOf(reading);
  const cells = reading.records.slice(0, FEW).flatMap((record) => record.cells);
  return (
    cells.filter((cell) => typeof anyNumberOf(cell, decimal) === 'number').length / Math.max(1, cells.length)
  );
}

/** A comma in numbers where the semicolon delimits them and none has a point. */
function decimalOf({ syntax, records }: Reading): Decimal {
  if (syntax.delimiter !== ';') return '.';
  let commas = 0;
  for (const record of records)
    for (const cell of record.cells) {
      if (/^\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*$/.test(cell)) return '.';
      if (/^\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*$/.test(cell)) commas += 1;
    }
  return commas > 0 ? ',' : '.';
}

/** Names such as 0, 1, 2, ... that a table without names was written with. */
function numbered(cells: readonly string[]): boolean {
  const names = cells[0] === '' ? cells.slice(1) : cells;
  const first = names[0] === '1' ? 1 : 0;
  return names.length >= 3 && names.every((name, at) => name === String(first + at));
}

/** Whether the first record names the columns: where a column holds numbers, its name is none. */
function hasHeader(records: readonly CsvRecord[], decimal: Decimal): boolean {
  const [first, ...rest] = records;
  if (first === undefined || rest.length === 0) return true;
  const isNumber = (cell: string): boolean => typeof anyNumberOf(cell, decimal) === 'number';
  if (numbered(first.cells)) return !numbered(rest[0]?.cells ?? []);
  let votes = 0;
  for (const [at, name] of first.cells.entries()) {
    const below = rest
      .map((record) => record.cells[at] ?? '')
      .filter((cell) => anyNumberOf(cell, decimal) !== null);
    const numbers = below.length > 0 && below.every(isNumber);
    if (isNumber(name)) votes -= 1;
    else if (numbers && anyNumberOf(name, decimal) === undefined) votes += 1;
  }
  return votes >= 0;
}

/**
 * How delimited text is written, told from its beginning. What is given is taken as given.
 * @param all whether the beginning is all there is
 */
export function dialectOf(beginning: string, all: boolean, given: Partial<CsvDialect> = {}): CsvDialect {
  const sample = beginning.slice(0, SAMPLE);
  const whole = all && sample.length === beginning.length;
  const readings = delimiters
    .filter((delimiter) => (given.delimiter ?? delimiter) === delimiter)
    .flatMap((delimiter) => readingsOf(delimiter, sample, whole, given));
  const rank = (reading: Reading): number[] => [
    reading.width > 1 && reading.share >= BELIEVED ? 1 : 0,
    reading.width > 1 ? 1 : 0,
    // Broken quoting shows fewer good records too; that there is none must make a difference.
    reading.share - (reading.syntax.quote === 'none' ? MARGIN : 0),
    numbersIn(reading),
    reading.width,
  ];
  let best: { reading: Reading; rank: number[] } | null = null;
  for (const reading of readings) {
    const ranked = rank(reading);
    const differs = best === null ? 0 : ranked.findIndex((value, at) => value !== best?.rank[at]);
    if (best === null || (differs >= 0 && (ranked[differs] ?? 0) > (best.rank[differs] ?? 0)))
      best = { reading, rank: ranked };
  }
  const { syntax, records } = best?.reading ?? {
    syntax: {
      delimiter: given.delimiter ?? ',',
      quote: given.quote ?? '"',
      escape: given.escape ?? 'doubled',
    },
    records: [],
  };
  const decimal = given.decimal ?? (best === null ? '.' : decimalOf(best.reading));
  return { ...syntax, decimal, header: given.header ?? hasHeader(records, decimal) };
}

/**
 * The names of the columns: from the header, else numbered.
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export function columnNames(name: string, sample: string, whole: boolean, dialect: CsvDialect): string[] {
  const splitter = csvSplitter(name, dialect, null);
  const [first] = [...splitter.push(sample), ...(whole ? splitter.end() : [])];
  if (first === undefined) {
    if (!whole)
      throw new BezoarError(
        'evidence/too-large',
        `${name}: its first line is longer than ${sample.length} characters. Nothing was imported. ` +
          'The first line must hold the names of the columns.',
      );
    throw malformed(name, 'it has no header', 'The first line must hold the names of the columns.');
  }
  if (first.width > MOST_COLUMNS)
    throw new BezoarError(
      'evidence/too-large',
      `${name}: its first line has ${first.width} columns, and Bezoar reads at most ${MOST_COLUMNS}. Nothing was imported. ` +
        'Save the records without the columns that are not needed; activations belong in a .npy file.',
    );
  if (!dialect.header) return first.cells.map((_, at) => `column ${at + 1}`);
  if (first.fault !== null) throw malformed(name, `line ${first.line}: ${first.fault}`, 'Mend that line.');
  const names = first.cells.map((cell, at) => (cell.trim() === '' ? `column ${at + 1}` : cell.trim()));
  const seen = new Set<string>();
  const twice = names.find((one) => seen.size === seen.add(one).size);
  if (twice !== undefined)
    throw malformed(
      name,
      `two columns are named ${JSON.stringify(twice)}`,
      'Give each column a name of its own, or say that the first line holds no names.',
    );
  return names;
}

const malformed = (name: string, what: string, todo: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${todo}`);

const delimiterWords: Readonly<Record<CsvSyntax['delimiter'], string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
};

/** The dialect in plain words. */
export function dialectInWords({ delimiter, quote, escape, decimal, header }: CsvDialect): string {
  const parts = [`cells apart by ${delimiterWords[delimiter]}`];
  if (quote === 'none') parts.push('no quotation marks');
  else if (quote === "'") parts.push('wrapped in apostrophes where need be');
  if (quote !== 'none' && escape === 'backslash') parts.push('quotation marks in cells after a backslash');
  if (decimal === ',') parts.push('decimal commas');
  parts.push(header ? 'column names in the first line' : 'no column names');
  return parts.join(', ');
}
