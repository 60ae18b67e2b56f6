import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { BezoarError } from '../../../contract/errors.ts';
import { TextReading } from '../../../contract/evidence.ts';
import {
  LogColumnType,
  LogFieldRole,
  LogFormat,
  LogMapping,
  LogUnit,
  type LogField,
  type LogFieldProposal,
} from '../../../contract/logs.ts';
import { zoneName } from './odd-counts.ts';
import { nameOfPath, singleRoles, typeOfField } from './log-columns.ts';

const MOST_BYTES = 1024 * 1024;

/** What a mapping file says of one field; what it leaves out stays as it was proposed. */
interface SaidField {
  /** Its keys with points between them, or the keys themselves. */
  readonly name: string | readonly string[];
  readonly role: LogFieldRole;
  readonly type?: LogColumnType | undefined;
  readonly unit?: LogUnit | null | undefined;
  readonly class?: string | null | undefined;
}

export interface MappingFile {
  readonly format: LogFormat | null;
  readonly zoneMinutes: number | null;
  /** Of how the text of a CSV log is written; what is left out is told from it. */
  readonly delimiter?: LogMapping['delimiter'];
  readonly reading?: LogMapping['reading'];
  readonly fields: readonly SaidField[];
  /** Fields that the file does not name: as they were proposed, or left out. */
  readonly others: 'proposed' | 'ignored';
}

/** docs/schemas/log-mapping.schema.json */
const Own = z.strictObject({
  bezoar: z.literal('log-mapping'),
  version: z.literal(1),
  format: LogFormat.optional(),
  delimiter: LogMapping.shape.delimiter.optional(),
  reading: TextReading.omit({ delimiter: true }).strict().optional(),
  zone: z
    .string()
    .regex(/^(UTC|[+-]\d\d:\d\d)$/)
    .optional(),
  others: z.enum(['proposed', 'ignored']).optional(),
  fields: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        path: z.array(z.string()).min(1).max(32).optional(),
        role: LogFieldRole,
        type: LogColumnType.optional(),
        unit: LogUnit.nullish(),
        class: z.string().nullish(),
      }),
    )
    .max(2000),
});

const names = z.array(z.string()).nullish();
const oneName = z.string().nullish();
/** Evidently's DataDefinition, and the ColumnMapping of its older versions. */
const Evidently = z.looseObject({
  id_column: oneName,
  id: oneName,
  timestamp: oneName,
  datetime: oneName,
  target: oneName,
  prediction: z.union([z.string(), z.array(z.string())]).nullish(),
  numerical_columns: names,
  numerical_features: names,
  categorical_columns: names,
  categorical_features: names,
  text_columns: names,
  text_features: names,
  datetime_columns: names,
  classification: z
    .array(
      z.looseObject({
        target: oneName,
        prediction_labels: oneName,
        prediction_probas: z.union([z.string(), z.array(z.string())]).nullish(),
        pos_label: z.union([z.string(), z.number()]).nullish(),
      }),
    )
    .nullish(),
});

/** Arguments of NannyML's estimators and calculators. */
const NannyMl = z.looseObject({
  timestamp_column_name: oneName,
  y_pred: oneName,
  y_pred_proba: z.union([z.string(), z.record(z.string(), z.string())]).nullish(),
  y_true: oneName,
  column_names: names,
  feature_column_names: names,
});

const EVIDENTLY_KEYS =
  /^(id_column|numerical_columns|categorical_columns|classification|numerical_features|categorical_features|prediction|datetime)$/;

/** Which kind of mapping file it is; null for anything else. */
function kindOf(value: unknown): 'bezoar' | 'evidently' | 'nannyml' | null {
  if (typeof value !== 'object' || value === null) return null;
  if (Object.hasOwn(value, 'bezoar')) return 'bezoar';
  if (Object.hasOwn(value, 'evidently')) return 'evidently';
  if (Object.hasOwn(value, 'nannyml') || Object.hasOwn(value, 'timestamp_column_name')) return 'nannyml';
  const keys = Object.keys(value).filter((key) => EVIDENTLY_KEYS.test(key));
  const lists = Object.values(value).some((one) => Array.isArray(one));
  return lists && keys.length >= 2 ? 'evidently' : null;
}

function fromEvidently(value: unknown): MappingFile {
  const said = Evidently.parse(value);
  const fields: SaidField[] = [];
  const add = (name: string | null | undefined, role: LogFieldRole, more: Partial<SaidField> = {}): void => {
    if (name !== null && name !== undefined) fields.push({ name, role, ...more });
  };
  const scores = (probabilities: string | readonly string[] | null | undefined, positive: unknown): void => {
    if (typeof probabilities === 'string')
      add(probabilities, 'score', {
        class: typeof positive === 'number' || typeof positive === 'string' ? String(positive) : '1',
      });
    else for (const name of probabilities ?? []) add(name, 'score', { class: name });
  };
  add(said.id_column ?? said.id, 'request-id');
  add(said.timestamp ?? said.datetime, 'time');
  const [classification] = said.classification ?? [];
  add(classification?.target ?? said.target, 'label');
  add(
    classification?.prediction_labels ?? (typeof said.prediction === 'string' ? said.prediction : null),
    'predicted',
  );
  scores(
    classification?.prediction_probas ?? (Array.isArray(said.prediction) ? said.prediction : null),
    classification?.pos_label,
  );
  const lists = [
    [said.numerical_columns ?? said.numerical_features, 'number'],
    [said.categorical_columns ?? said.categorical_features, 'category'],
    [said.text_columns ?? said.text_features, 'text'],
  ] as const;
  const named = new Set(fields.map(({ name }) => name));
  for (const [list, type] of lists)
    for (const name of list ?? []) if (!named.has(name)) add(name, 'feature', { type });
  return {
    format: null,
    zoneMinutes: null,
    fields,
    others: lists.some(([list]) => list !== null && list !== undefined) ? 'ignored' : 'proposed',
  };
}

function fromNannyMl(value: unknown): MappingFile {
  const said = NannyMl.parse(value);
  const fields: SaidField[] = [];
  const add = (name: string | null | undefined, role: LogFieldRole, of: string | null = null): void => {
    if (name !== null && name !== undefined && !fields.some((field) => field.name === name))
      fields.push({ name, role, ...(of !== null && { class: of }) });
  };
  add(said.timestamp_column_name, 'time');
  add(said.y_pred, 'predicted');
  add(said.y_true, 'label');
  const scores = said.y_pred_proba;
  if (typeof scores === 'string') add(scores, 'score', '1');
  else for (const [of, name] of Object.entries(scores ?? {})) add(name, 'score', of);
  const features = said.column_names ?? said.feature_column_names ?? null;
  for (const name of features ?? []) add(name, 'feature');
  return { format: null, zoneMinutes: null, fields, others: features === null ? 'proposed' : 'ignored' };
}

function fromOwn(value: unknown): MappingFile {
  const { format, delimiter, reading, zone, others, fields } = Own.parse(value);
  return {
    format: format ?? null,
    zoneMinutes: zone === undefined ? null : zoneMinutesOf(zone),
    ...(delimiter !== undefined && { delimiter }),
    ...(reading !== undefined && { reading }),
    fields: fields.map(({ name, path, ...field }) => ({ name: path ?? name ?? '', ...field })),
    others: others ?? 'proposed',
  };
}

function zoneMinutesOf(zone: string): number {
  if (zone === 'UTC') return 0;
  const minutes = 60 * Number(zone.slice(1, 3)) + Number(zone.slice(4));
  return zone.startsWith('-') ? -minutes : minutes;
}

/**
 * A mapping from the text of its file: Bezoar's own, an Evidently DataDefinition or ColumnMapping, or NannyML arguments,
 * the latter two also under a key of their name.
 * @returns null where it is none of them
 * @throws BezoarError evidence/malformed where it is one and cannot be understood
 */
export function parseMapping(file: string, text: string): MappingFile | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const kind = kindOf(value);
  if (kind === null) return null;
  const within = (key: string): unknown => {
    const own = value as Record<string, unknown>;
    return Object.hasOwn(own, key) ? own[key] : own;
  };
  try {
    if (kind === 'bezoar') return fromOwn(value);
    return kind === 'evidently' ? fromEvidently(within('evidently')) : fromNannyMl(within('nannyml'));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    throw new BezoarError(
      'evidence/malformed',
      `${file} is a mapping that cannot be understood: ${issue.path.join('.') || 'the file'}: ${issue.message}. Nothing was imported. ` +
        'Mend it by docs/schemas/log-mapping.schema.json, or leave it out.',
    );
  }
}

/**
 * The mapping that a dropped file is; null for a log.
 * @throws BezoarError evidence/malformed
 */
export function mappingInFile(path: string, name: string): MappingFile | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > MOST_BYTES || !/\.json$/i.test(name)) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  return parseMapping(name, text);
}

/** A mapping with the name of its file. */
export interface NamedMapping {
  readonly file: string;
  readonly mapping: MappingFile;
}

/**
 * The mapping file that somebody named as one.
 * @throws BezoarError evidence/unreadable, evidence/malformed
 */
export function readMapping(path: string): NamedMapping {
  const file = basename(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new BezoarError(
      'evidence/unreadable',
      `${file} cannot be read (${said}). Nothing was imported. See whether it is still there and you may read it.`,
    );
  }
  const mapping = parseMapping(file, text);
  if (mapping === null)
    throw new BezoarError(
      'evidence/malformed',
      `${file} is no mapping: neither Bezoar's (docs/schemas/log-mapping.schema.json) nor one of Evidently or NannyML. Nothing was imported. ` +
        'Choose another file.',
    );
  return { file, mapping };
}

/**
 * The mapping of a log after what a mapping file says: named fields as it says, the others as proposed or left out.
 * @param file the file's name
 * @throws BezoarError evidence/missing-column, evidence/malformed
 */
export function mappingBy(
  said: MappingFile,
  file: string,
  proposed: Omit<LogMapping, 'fields'>,
  fields: readonly LogFieldProposal[],
): LogMapping {
  if (said.format !== null && said.format !== proposed.format)
    throw new BezoarError(
      'evidence/malformed',
      `${file} is a mapping for ${said.format}, and the log is ${proposed.format}. Nothing was imported. Choose another mapping.`,
    );
  const saidOf = new Map<LogFieldProposal, SaidField>();
  for (const one of said.fields) {
    const found = fields.find(({ path, name }) =>
      typeof one.name === 'string' ? name === one.name : nameOfPath(path) === nameOfPath(one.name),
    );
    if (found !== undefined) saidOf.set(found, one);
    else if (one.role === 'time')
      throw new BezoarError(
        'evidence/missing-column',
        `${file} takes ${JSON.stringify(one.name)} for the time, and the log has no such field; it has ` +
          `${fields.map(({ name }) => name).join(', ')}. Nothing was imported. Mend the mapping.`,
      );
  }
  const taken = new Set([...saidOf.values()].map(({ role }) => role).filter((role) => singleRoles.has(role)));
  if (taken.has('weight') || taken.has('sampling-fraction')) taken.add('weight').add('sampling-fraction');
  return {
    ...proposed,
    zoneMinutes: said.zoneMinutes ?? proposed.zoneMinutes,
    fields: fields.map((field): LogField => {
      const own = saidOf.get(field);
      const { path, unit, class: of } = field;
      if (own === undefined) {
        const role = said.others === 'ignored' ? 'ignored' : taken.has(field.role) ? 'feature' : field.role;
        return { path, role, type: field.type, unit, class: of };
      }
      return {
        path,
        role: own.role,
        type: typeOfField({ role: own.role, type: own.type ?? field.type }),
        unit: own.unit === undefined ? unit : own.unit,
        class: own.class ?? (own.role === 'score' ? (of ?? nameOfPath(path)) : null),
      };
    }),
  };
}

/** A mapping as a file that `parseMapping` reads. */
export function mappingText({ format, delimiter, reading, zoneMinutes, fields }: LogMapping): string {
  return `${JSON.stringify({ bezoar: 'log-mapping', version: 1, format, delimiter, reading, zone: zoneName(zoneMinutes), others: 'ignored', fields }, null, 2)}\n`;
}
