import { z } from 'zod';
import { FileToken } from './case.ts';
import { TextReading } from './evidence.ts';

/** `baseline`: of a time when nothing was wrong; `log`: under suspicion. */
export const LogRole = z.enum(['baseline', 'log']);
export type LogRole = z.infer<typeof LogRole>;

/** The user's own shape as JSON Lines (or one JSON list), CSV, Parquet or Arrow, or a schema that is recognised. */
export const LogFormat = z.enum([
  'jsonl',
  'csv',
  'parquet',
  'arrow',
  'sagemaker',
  'azure-ml',
  'kserve',
  'databricks',
  'openinference',
  'opentelemetry',
]);
export type LogFormat = z.infer<typeof LogFormat>;

/** What a field of a request is taken for. */
export const LogFieldRole = z.enum([
  'time',
  'request-id',
  'row-in-request',
  'model',
  'version',
  'predicted',
  'label',
  'label-time',
  'score',
  'confidence',
  'latency',
  'resource',
  'feature',
  'sampling-fraction',
  'weight',
  'ignored',
]);
export type LogFieldRole = z.infer<typeof LogFieldRole>;

/** How a column is kept. Times are numbers: milliseconds since 1970-01-01 UTC. */
export const LogColumnType = z.enum(['number', 'category', 'text']);
export type LogColumnType = z.infer<typeof LogColumnType>;

export const LogUnit = z.enum(['s', 'ms', 'us', 'ns']);
export type LogUnit = z.infer<typeof LogUnit>;

const LogField = z.object({
  /** Keys from the outside in; one name for a column of a CSV file. */
  path: z.array(z.string().max(500)).min(1).max(32),
  role: LogFieldRole,
  /** Decides for a `feature` alone; every other role has a type of its own. */
  type: LogColumnType,
  /** Of times that are numbers, null: told by their size. Of a latency, null: milliseconds. */
  unit: LogUnit.nullable(),
  /** The class that a `score` is of. */
  class: z.string().max(500).nullable(),
});
export type LogField = z.infer<typeof LogField>;

/** What the fields of a log mean: proposed, corrected once, kept with the log. Schema: docs/schemas/log-mapping.schema.json. */
export const LogMapping = z.object({
  format: LogFormat,
  /** Between the cells of a CSV file; null elsewhere. */
  delimiter: TextReading.shape.delimiter.unwrap().nullable(),
  /**
   * How the text of a CSV file is written beside that. What is left out: each file's encoding as it shows, cells in quotation
   * marks, those within them doubled, decimal points, names in the first line.
   */
  reading: TextReading.omit({ delimiter: true }).optional(),
  /** What times without a zone are: minutes east of UTC. */
  zoneMinutes: z.number().int().min(-1440).max(1440),
  fields: z.array(LogField).min(1).max(2000),
});
export type LogMapping = z.infer<typeof LogMapping>;

export const LogFieldProposal = LogField.extend({
  name: z.string(),
  /** The first few values, as text. */
  examples: z.array(z.string()),
});
export type LogFieldProposal = z.infer<typeof LogFieldProposal>;

/** A request as the mapping reads it: column name and value as text. */
const DecodedRow = z.array(z.object({ name: z.string(), role: LogFieldRole, value: z.string() }));

export const LogFileProposal = z.object({
  token: FileToken,
  /** Inside a dropped folder the path from it, with '/'. */
  name: z.string(),
  size: z.number(),
  compression: z.enum(['gzip', 'zstd']).nullable(),
  /** `mapping`: it says what the fields of the others mean, and was applied. */
  is: z.enum(['log', 'mapping']),
  /** Why this file cannot be taken; null when it can. */
  problem: z.string().nullable(),
});
export type LogFileProposal = z.infer<typeof LogFileProposal>;

/** Something odd of a log, counted: stated, never silent. */
export const LogOddity = z.object({
  kind: z.enum([
    'bad-lines',
    'truncated-last-line',
    'no-number',
    'out-of-order',
    'duplicate-ids',
    'left-out-files',
    'same-files',
    'file-reading',
    'no-zone',
    'mixed-zones',
    'unmapped-fields',
    'dropped',
    'unpaired',
    'no-time',
    'cut-texts',
    'label-before-request',
  ]),
  count: z.number(),
  sentence: z.string(),
});
export type LogOddity = z.infer<typeof LogOddity>;

export const LogColumn = z.object({
  name: z.string(),
  role: LogFieldRole,
  type: LogColumnType,
  unit: LogUnit.nullable(),
  class: z.string().nullable(),
  /** Distinct values of a category. */
  levels: z.number().int(),
});
export type LogColumn = z.infer<typeof LogColumn>;

export const Log = z.object({
  id: z.number().int(),
  role: LogRole,
  name: z.string(),
  rows: z.number().int(),
  /** Milliseconds since 1970-01-01 UTC. */
  firstTimeMs: z.number(),
  lastTimeMs: z.number(),
  /** Predicted and true classes that occur, sorted by code unit. */
  classes: z.array(z.string()),
  columns: z.array(LogColumn),
  mapping: LogMapping,
  oddities: z.array(LogOddity),
  files: z.array(z.object({ name: z.string(), sha256: z.string(), rows: z.number().int() })),
  importedAtMs: z.number(),
  importedBy: z.string(),
});
export type Log = z.infer<typeof Log>;

export const LogRow = z.object({
  /** Place in the order of time, from 0. */
  row: z.number().int(),
  timeMs: z.number(),
  requestId: z.string().nullable(),
  file: z.string(),
  /** From 1. */
  line: z.number().int(),
  /** In the order of the log's columns: text, number, or null where the log says nothing. */
  values: z.array(z.union([z.string(), z.number(), z.null()])),
});
export type LogRow = z.infer<typeof LogRow>;

export const LogBadLine = z.object({
  file: z.string(),
  /** From 1. */
  line: z.number().int(),
  reason: z.string(),
  /** How the line begins. */
  text: z.string(),
});
export type LogBadLine = z.infer<typeof LogBadLine>;

/** All parts must hold. Columns are named by their place in the log's columns. */
export const LogFilter = z.object({
  /** From, inclusive, to, exclusive. */
  time: z.object({ fromMs: z.number(), toMs: z.number() }).nullable(),
  categories: z.array(
    z.object({ column: z.number().int().min(0), values: z.array(z.string().nullable()).min(1).max(1000) }),
  ),
  /** Both ends inclusive. */
  ranges: z.array(z.object({ column: z.number().int().min(0), least: z.number(), most: z.number() })),
});
export type LogFilter = z.infer<typeof LogFilter>;

export const logCalls = {
  /** Looks into files and folders and proposes what each field is; with a mapping, shows what it makes of them. Imports nothing. */
  'log/propose': {
    params: z.object({
      files: z.array(FileToken).min(1).max(1000),
      mapping: LogMapping.nullable(),
      /** How the text of CSV files is written, where it is not as it is told from them. */
      reading: TextReading.optional(),
      /** A mapping file, whatever its name; one that is called .json may also be among the files. */
      map: FileToken.optional(),
    }),
    result: z.object({
      files: z.array(LogFileProposal),
      /** Null when no file can be taken. */
      mapping: LogMapping.nullable(),
      /** How the text of the first file is written; null but for CSV. */
      reading: TextReading.nullable(),
      fields: z.array(LogFieldProposal),
      /** The first three rows that the mapping decodes. */
      examples: z.array(DecodedRow),
      problems: z.array(z.string()),
      /** The mapping is the one that was last used for a source of this shape. */
      remembered: z.boolean(),
    }),
  },
  /** Starts the import as one job: all files or nothing. Its result is the log. */
  'log/import': {
    params: z.object({
      files: z.array(FileToken).min(1).max(1000),
      /** Files inside dropped folders that are no part of the log, by their names as they were proposed. */
      leaveOut: z.array(z.string()).max(20_000).optional(),
      role: LogRole,
      name: z.string().min(1).max(200),
      mapping: LogMapping,
      /** Lines that cannot be read are left out and counted; without it they refuse the whole import. */
      acceptBadLines: z.boolean(),
    }),
    result: z.object({ job: z.string() }),
  },
  /** Writes a mapping as a file for `--map`, or to be dropped with a log: docs/schemas/log-mapping.schema.json. */
  'log/write-mapping': {
    params: z.object({ mapping: LogMapping, target: FileToken }),
    result: z.object({ bytes: z.number() }),
  },
  'log/list': { params: z.object({}), result: z.array(Log) },
  /** Rows that pass the filter, a page of them; in order of time unless sorted by a column. */
  'log/rows': {
    params: z.object({
      log: z.number().int(),
      filter: LogFilter,
      sort: z.object({ column: z.number().int().min(0), descending: z.boolean() }).nullable(),
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    result: z.object({ matched: z.number().int(), rows: z.array(LogRow) }),
  },
  /** Rows by their places in the order of time, in the order asked for. */
  'log/rows-at': {
    params: z.object({ log: z.number().int(), rows: z.array(z.number().int().min(0)).max(500) }),
    result: z.array(LogRow),
  },
  /** The first thousand lines that were left out. */
  'log/bad-lines': { params: z.object({ log: z.number().int() }), result: z.array(LogBadLine) },
} as const;
