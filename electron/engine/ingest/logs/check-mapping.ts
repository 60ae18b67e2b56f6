import { BezoarError } from '../../../contract/errors.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import { nameOfPath, planColumns, singleRoles } from './log-columns.ts';

/** Refuses a mapping that no log can be imported by. @throws BezoarError evidence/malformed */
export function checkMapping(mapping: LogMapping): void {
  const refuse = (what: string, todo: string): BezoarError =>
    new BezoarError('evidence/malformed', `${what}. Nothing was imported. ${todo}`);
  const kept = mapping.fields.filter(({ role }) => role !== 'ignored');
  if (!kept.some(({ role }) => role === 'time'))
    throw refuse('The mapping takes no field for the time of the request', 'Say which field holds it.');
  for (const role of singleRoles) {
    const fields = kept.filter((field) => field.role === role);
    if (fields.length > 1)
      throw refuse(
        `The mapping takes ${fields.map(({ path }) => JSON.stringify(nameOfPath(path))).join(' and ')} both for the ${role}`,
        'Choose one of them.',
      );
  }
  if (kept.some(({ role }) => role === 'weight') && kept.some(({ role }) => role === 'sampling-fraction'))
    throw refuse('The mapping has a weight and a sampling fraction', 'Choose one of them.');
  const paths = new Set<string>();
  for (const { path } of mapping.fields) {
    const key = JSON.stringify(path);
    if (paths.has(key))
      throw refuse(`The mapping names ${JSON.stringify(nameOfPath(path))} twice`, 'Keep one of the two.');
    paths.add(key);
  }
  const names = new Set<string>();
  for (const { name } of planColumns(mapping).columns) {
    if (names.has(name))
      throw refuse(`Two fields of the mapping are named ${JSON.stringify(name)}`, 'Ignore one of them.');
    names.add(name);
  }
}
