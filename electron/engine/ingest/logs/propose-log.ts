import type { FileToken } from '../../../contract/case.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { LogFieldProposal, LogMapping } from '../../../contract/logs.ts';
import type { Result } from '../../../contract/calls.ts';
import { createBlockParser } from './block-parser.ts';
import { logFiles, type LogFile } from './log-files.ts';
import { planColumns } from './log-columns.ts';
import type { ParsedBlock } from './log-messages.ts';
import { headsOfLog } from './log-heads.ts';
import { mappingBy, mappingInFile, type MappingFile, type NamedMapping } from './mapping.ts';
import type { LogHead } from './log-head.ts';
import { logShape, type RememberedMappings } from './mapping-memory.ts';
import { mappingProblems, proposeFields } from './propose-mapping.ts';
import { UnreadableLine } from './schemas/log-schema.ts';
import { schemaNamed } from './schemas/registry.ts';
import { sampleFields } from './sample-fields.ts';
import { checkMapping } from './check-mapping.ts';

type LogProposal = Result<'log/propose'>;

const EXAMPLES = 3;
/** So many files are looked into before the import; it reads them all. */
const LOOKED_AT = 64;
const HELD_BACK = 'and more files that are looked at when they are imported';

/**
 * Looks into the files of a log and proposes what its fields are; with a mapping given, shows what it makes of them.
 * Reads, and imports nothing.
 * @param reading how the text of CSV files is written, as far as it is not to be told from them
 * @throws BezoarError evidence/... where the mapping file `saidBy` does not fit the log
 */
export async function proposeLog(
  dropped: readonly { readonly token: FileToken; readonly path: string }[],
  given: LogMapping | null,
  memory: RememberedMappings,
  saidBy: NamedMapping | null = null,
  reading: TextReading = {},
): Promise<LogProposal> {
  const problems: string[] = [];
  let said = saidBy;
  // What a mapping file says of the text counts for all files, wherever it stands among them.
  for (const { path } of dropped)
    for (const file of logFiles([path]).slice(0, LOOKED_AT)) {
      const mapping = said === null ? mappingOrNull(file) : null;
      if (mapping !== null) said = { file: file.name, mapping };
    }
  const known: TextReading = { ...readingIn(given ?? said?.mapping ?? null), ...reading };
  const { files, heads, empty } = await headsOfLog(dropped, known, LOOKED_AT);
  if (files.length === LOOKED_AT) problems.push(`These are the first ${LOOKED_AT} files, ${HELD_BACK}.`);
  if (heads.length === 0)
    return { files, mapping: null, reading: null, fields: [], examples: [], problems, remembered: false };
  problems.push(...empty.map((name) => `${name} is empty.`));
  const [first] = heads;

  const {
    fields: sampled,
    vectors,
    tooMany,
  } = sampleFields(requestsOf(heads), first.format === 'csv' ? (first.reading?.decimal ?? '.') : null);
  if (tooMany) problems.push('The requests have more than 2000 fields; the first 2000 are shown.');
  for (const vector of vectors)
    problems.push(
      `${JSON.stringify(vector)} is a list of more than 64 elements, which is a vector and no field. It is left out.`,
    );
  let fields = proposeFields(sampled);
  const shape = logShape(first.format, fields);
  const facts = { format: first.format, ...textFacts(first, known), zoneMinutes: 0 };
  const remembered = given === null && said === null ? memory.find(shape) : null;
  let used = given ?? remembered;
  if (given === null && said !== null)
    try {
      used = mappingBy(said.mapping, said.file, facts, fields);
    } catch (error) {
      // A mapping that was only dropped along is told of; one that was named must fit.
      if (!(error instanceof BezoarError) || saidBy !== null) throw error;
      problems.push(error.message);
    }
  if (used !== null) fields = withMapping(fields, used);
  problems.push(...mappingProblems(fields));
  const mapping: LogMapping = {
    ...facts,
    zoneMinutes: used?.zoneMinutes ?? 0,
    fields: fields.map(({ path, role, type, unit, class: of }) => ({ path, role, type, unit, class: of })),
  };
  let examples: LogProposal['examples'] = [];
  try {
    checkMapping(mapping);
    examples = decodedRows(heads, mapping);
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    problems.push(error.message);
  }
  return {
    files,
    mapping,
    reading: first.reading,
    fields,
    examples,
    problems,
    remembered: remembered !== null,
  };
}

/** The mapping that a file is; one that cannot be understood is told of when its turn comes. */
function mappingOrNull({ path, name }: LogFile): MappingFile | null {
  try {
    return mappingInFile(path, name);
  } catch (error) {
    if (error instanceof BezoarError) return null;
    throw error;
  }
}

/** What a mapping says of how its text is written. */
function readingIn(mapping: LogMapping | MappingFile | null): TextReading {
  if (mapping === null) return {};
  const { delimiter = null, reading = {} } = mapping;
  return delimiter === null ? reading : { delimiter, ...reading };
}

/** What a mapping keeps of it: each file shows its encoding, unless it was given. */
function textFacts(
  { reading }: LogHead,
  { encoding }: TextReading,
): Pick<LogMapping, 'delimiter' | 'reading'> {
  if (reading === null) return { delimiter: null };
  const { delimiter, quote, escape, decimal, header } = reading;
  return { delimiter, reading: { ...(encoding && { encoding }), quote, escape, decimal, header } };
}

/** The fields that were seen as the mapping takes them, and those of the mapping that were not. */
function withMapping(fields: readonly LogFieldProposal[], mapping: LogMapping): LogFieldProposal[] {
  const keyOf = (path: readonly string[]): string => JSON.stringify(path);
  const given = new Map(mapping.fields.map((field) => [keyOf(field.path), field]));
  const seen = new Set(fields.map(({ path }) => keyOf(path)));
  return [
    ...fields.map((field): LogFieldProposal => {
      const own = given.get(keyOf(field.path));
      return own === undefined ? { ...field, role: 'ignored' } : { ...field, ...own };
    }),
    ...mapping.fields
      .filter(({ path }) => !seen.has(keyOf(path)))
      .map((field) => ({ ...field, name: field.path.join('.'), examples: [] })),
  ];
}

/** The requests among the first records, as their schema gives them. */
function requestsOf(heads: readonly LogHead[]): readonly object[] {
  const reader = schemaNamed(heads[0].format)?.reader();
  if (reader === undefined) return heads.flatMap(({ records }) => records);
  const requests = heads.flatMap(({ records, modifiedMs }, file) =>
    records.flatMap((record, at) => {
      try {
        return reader.take(record, { file, line: at + 1, fileTimeMs: modifiedMs });
      } catch (error) {
        // Told of by the import, with its line.
        if (error instanceof UnreadableLine) return [];
        throw error;
      }
    }),
  );
  return [...requests, ...reader.rest()].map(({ record }) => record);
}

/** The first rows as an import would read them. */
function decodedRows(heads: readonly LogHead[], mapping: LogMapping): LogProposal['examples'] {
  const parser = createBlockParser(mapping, [1, 2]);
  const examples: LogProposal['examples'] = [];
  const levels: string[][] = [];
  const parse = (head: LogHead, index: number, bytes: Uint8Array<ArrayBuffer>, rest: boolean): void => {
    const { file, size, compression, header, modifiedMs } = head;
    const opened = {
      index,
      name: file.name,
      size,
      compression,
      modifiedMs,
      header: header === null ? null : { names: header, lines: 1 },
    };
    const block = parser.parse({ index, file: opened, bytes, last: false, rest });
    for (const [at, column] of block.columns.entries())
      if (column.type === 'category') (levels[at] ??= []).push(...column.fresh);
    for (let row = 0; row < block.rows && examples.length < EXAMPLES; row += 1)
      examples.push(rowAsText(block, row, mapping, levels));
  };
  for (const [index, head] of heads.entries())
    if (examples.length < EXAMPLES) parse(head, index, head.bytes, false);
  if (examples.length < EXAMPLES && schemaNamed(mapping.format)?.pairs === true)
    parse(heads[heads.length - 1], heads.length - 1, new Uint8Array(0), true);
  return examples;
}

function rowAsText(
  block: ParsedBlock,
  row: number,
  mapping: LogMapping,
  levels: readonly string[][],
): LogProposal['examples'][number] {
  return planColumns(mapping).columns.map(({ name, role }, at) => {
    const column = block.columns[at];
    let value: string;
    if (column.type === 'number') {
      const number = column.values[row];
      const time = role === 'time' || role === 'label-time';
      value = Number.isNaN(number) ? '' : time ? new Date(number).toISOString() : String(number);
    } else if (column.type === 'category')
      value = column.codes[row] === 0 ? '' : levels[at][column.codes[row] - 1];
    else
      value = Buffer.from(
        column.bytes.subarray(row === 0 ? 0 : column.ends[row - 1], column.ends[row]),
      ).toString();
    return { name, role, value };
  });
}
