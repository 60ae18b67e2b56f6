import type { ColumnProposal, ColumnRole } from '../../contract/evidence.ts';
import type { ColumnKind } from './column-kinds.ts';
import type { Cell } from './reader.ts';

const names: readonly { readonly role: ColumnRole; readonly pattern: RegExp }[] = [
  {
    role: 'key',
    pattern: /^(key|id|uid|uuid|guid|sample|sample_?id|image_?id|record_?id|file|file_?name|path)$/,
  },
  { role: 'label', pattern: /^(label|labels|class|class_?name|target|y|category|given_?label|y_?true)$/ },
  {
    role: 'predicted',
    pattern: /^(predicted|prediction|pred|predicted_?(label|class)|pred_?(label|class)|y_?pred|y_?hat)$/,
  },
  { role: 'confidence', pattern: /^(confidence|conf|prob|probability|max_?prob|certainty)$/ },
  { role: 'gradient-norm', pattern: /(^|_)grad(ient)?s?_?norms?(_|$)/ },
  { role: 'loss', pattern: /(^|_)loss(es)?(_|\d|$)/ },
  {
    role: 'text',
    pattern: /^(text|content|sentence|comment|body|message|review|title|description|document)$/,
  },
];

/** Longer cells than this on average are taken for running text. */
const TEXT_LENGTH = 40;
const EXAMPLES = 3;
const EXAMPLE_LENGTH = 80;

function roleByName(name: string): ColumnRole | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/[\s.-]+/g, '_');
  return names.find(({ pattern }) => pattern.test(plain))?.role;
}

function proposedRole(name: string, cells: readonly string[], numeric: boolean): ColumnRole {
  const byName = roleByName(name);
  const distinct = new Set(cells).size === cells.length;
  if (byName === 'key') return distinct && !cells.includes('') ? 'key' : 'feature';
  if (byName === 'confidence' || byName === 'loss' || byName === 'gradient-norm')
    return numeric ? byName : 'feature';
  if (byName !== undefined) return byName;
  const length = cells.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, cells.length);
  return !numeric && length > TEXT_LENGTH ? 'text' : 'feature';
}

/**
 * What each column is taken for, by its name and the first records; a role that one column has is given once.
 * @param kinds whether the cells of each place are numbers
 * @param classes columns that the file says are classes: the first is the label where none is named so
 */
export function proposeColumns(
  header: readonly string[],
  records: readonly (readonly Cell[])[],
  kinds: (at: number) => Pick<ColumnKind, 'type'>,
  classes: readonly string[] = [],
): ColumnProposal[] {
  const given = new Set<ColumnRole>();
  const label = header.some((name) => roleByName(name) === 'label') ? undefined : classes[0];
  return header.map((name, at) => {
    const cells = records.map((record) => String(record[at] ?? ''));
    const { type } = kinds(at);
    let role = name === label ? 'label' : proposedRole(name, cells, type === 'number');
    const single = role !== 'loss' && role !== 'text' && role !== 'feature' && role !== 'ignored';
    if (single && given.has(role)) role = 'feature';
    given.add(role);
    return {
      name,
      role,
      type,
      examples: cells.slice(0, EXAMPLES).map((cell) => cell.slice(0, EXAMPLE_LENGTH)),
    };
  });
}
