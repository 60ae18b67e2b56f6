import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileToken } from '../../../contract/case.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogFieldProposal, LogFileProposal, LogMapping } from '../../../contract/logs.ts';
import type { Result } from '../../../contract/calls.ts';
import { createBlockParser } from './block-parser.ts';
import { logFiles } from './log-files.ts';
import { planColumns } from './log-columns.ts';
import { readHead, type LogHead } from './log-head.ts';
import { logShape, type RememberedMappings } from './mapping-memory.ts';
import { mappingProblems, proposeFields } from './propose-mapping.ts';
import { sampleFields } from './sample-fields.ts';
import { checkMapping } from './check-mapping.ts';

type LogProposal = Result<'log/propose'>;

const EXAMPLES = 3;
/** Of further files the kind is told by this much. */
const OTHER_BYTES = 64 * 1024;
/** So many files are looked into before the import; it reads them all. */
const LOOKED_AT = 64;
const HELD_BACK = 'and more files that are looked at when they are imported';

/**
 * Looks into the files of a log and proposes what its fields are; with a mapping given, shows what it makes of them.
 * Reads, and imports nothing.
 */
export async function proposeLog(
  dropped: readonly { readonly token: FileToken; readonly path: string }[],
  given: LogMapping | null,
  memory: RememberedMappings,
): Promise<LogProposal> {
  const files: LogFileProposal[] = [];
  const problems: string[] = [];
  let first: LogHead | null = null;
  for (const { token, path } of dropped)
    for (const file of logFiles([path])) {
      if (files.length === LOOKED_AT) break;
      let head: LogHead | null = null;
      let problem: string | null = null;
      try {
        head = await readHead(file, first === null ? undefined : OTHER_BYTES);
        if (first !== null && head.format !== first.format)
          problem = `${file.name} is ${nameOf(head)} and ${first.file.name} is ${nameOf(first)}. Import them apart.`;
        else first ??= head;
      } catch (error) {
        if (!(error instanceof BezoarError)) throw error;
        problem = error.message;
      }
      files.push({
        token,
        name: file.name,
        size: head?.size ?? 0,
        compression: head?.compression ?? null,
        problem,
      });
      await nextTurn();
    }
  if (files.length === LOOKED_AT) problems.push(`These are the first ${LOOKED_AT} files, ${HELD_BACK}.`);
  if (first === null) return { files, mapping: null, fields: [], examples: [], problems, remembered: false };

  const { fields: sampled, vectors, tooMany } = sampleFields(first.records, first.format === 'csv');
  if (tooMany) problems.push('The requests have more than 2000 fields; the first 2000 are shown.');
  for (const vector of vectors)
    problems.push(
      `${JSON.stringify(vector)} is a list of more than 64 elements, which is a vector and no field. It is left out.`,
    );
  let fields = proposeFields(sampled);
  const shape = logShape(first.format, fields);
  const remembered = given === null ? memory.find(shape) : null;
  const used = given ?? remembered;
  if (used !== null) fields = withMapping(fields, used);
  problems.push(...mappingProblems(fields));
  const mapping: LogMapping = {
    format: first.format,
    delimiter: first.delimiter,
    zoneMinutes: used?.zoneMinutes ?? 0,
    fields: fields.map(({ path, role, type, unit, class: of }) => ({ path, role, type, unit, class: of })),
  };
  let examples: LogProposal['examples'] = [];
  try {
    checkMapping(mapping);
    examples = decodedRows(first, mapping);
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    problems.push(error.message);
  }
  return { files, mapping, fields, examples, problems, remembered: remembered !== null };
}

const nameOf = ({ format }: LogHead): string => (format === 'csv' ? 'CSV' : 'JSON Lines');

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

/** The first rows as an import would read them. */
function decodedRows(head: LogHead, mapping: LogMapping): LogProposal['examples'] {
  const { bytes, header, file } = head;
  const parser = createBlockParser(mapping, [1, 2]);
  const block = parser.parse({
    index: 0,
    file: 0,
    name: file.name,
    header: header === null ? null : { names: header, lines: 1 },
    bytes,
    last: false,
  });
  const { columns } = planColumns(mapping);
  return Array.from({ length: Math.min(EXAMPLES, block.rows) }, (_, row) =>
    columns.map(({ name, role }, at) => {
      const column = block.columns[at];
      let value: string;
      if (column.type === 'number') {
        const number = column.values[row];
        const time = role === 'time' || role === 'label-time';
        value = Number.isNaN(number) ? '' : time ? new Date(number).toISOString() : String(number);
      } else if (column.type === 'category')
        value = column.codes[row] === 0 ? '' : column.fresh[column.codes[row] - 1];
      else
        value = Buffer.from(
          column.bytes.subarray(row === 0 ? 0 : column.ends[row - 1], column.ends[row]),
        ).toString();
      return { name, role, value };
    }),
  );
}
