import { z } from 'zod';
import { FileToken } from './case.ts';
import { OnnxModel } from './models.ts';

/** Files of one drop. */
const MOST_FILES = 20_000;

export const DatasetRole = z.enum(['investigated', 'trusted']);
export type DatasetRole = z.infer<typeof DatasetRole>;

export const ArrayRole = z.enum(['activations', 'logits', 'images']);
export type ArrayRole = z.infer<typeof ArrayRole>;

/** How a matrix stands in the case. */
export const Dtype = z.enum(['float16', 'float32', 'float64', 'uint8']);
export type Dtype = z.infer<typeof Dtype>;

/** How the numbers of an array stand in its file, whatever their byte order there. */
export const StoredDtype = z.enum([
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
]);
export type StoredDtype = z.infer<typeof StoredDtype>;

/** What an array of a file is taken for: a matrix of the set, or columns of its samples. */
export const EntryRole = z.enum([
  ...ArrayRole.options,
  'labels',
  'predicted',
  'confidence',
  'losses',
  'gradient-norms',
]);
export type EntryRole = z.infer<typeof EntryRole>;

/** What a column of the records is taken for. A `feature` is kept as a typed column of the sample. */
export const ColumnRole = z.enum([
  'key',
  'label',
  'predicted',
  'confidence',
  'loss',
  'gradient-norm',
  'text',
  'feature',
  'ignored',
]);
export type ColumnRole = z.infer<typeof ColumnRole>;

/** How the text of a file of records is written. What is left out is told from the file. */
export const TextReading = z.object({
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).optional(),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  /** What a cell is wrapped in that holds delimiters or line ends. */
  quote: z.enum(['"', "'", 'none']).optional(),
  /** How a quotation mark within a wrapped cell is written: twice, or after a backslash. */
  escape: z.enum(['doubled', 'backslash']).optional(),
  /** Of numbers. */
  decimal: z.enum(['.', ',']).optional(),
  /** Whether the first record holds the names of the columns. */
  header: z.boolean().optional(),
});
export type TextReading = z.infer<typeof TextReading>;

export const ColumnProposal = z.object({
  name: z.string(),
  role: ColumnRole,
  type: z.enum(['text', 'number']),
  /** The first few cells, as written. */
  examples: z.array(z.string()),
});
export type ColumnProposal = z.infer<typeof ColumnProposal>;

/** A column of a file and what it is taken for. */
export const ColumnPlan = z.object({
  name: z.string(),
  role: ColumnRole,
  /** Of a feature. Left out, it is a number where all cells of the file that are not missing are. */
  type: z.enum(['text', 'number']).optional(),
});
export type ColumnPlan = z.infer<typeof ColumnPlan>;

/** A record that was not taken. */
export const BadRow = z.object({
  /** Among the records of its file, from 0. */
  row: z.number().int(),
  /** On which it begins, from 1; null in formats without lines. */
  line: z.number().int().nullable(),
  reason: z.string(),
  /** Its beginning, as written. */
  text: z.string(),
});
export type BadRow = z.infer<typeof BadRow>;

/** Something in a file that an analyst must know of, such as code that it asks for. */
export const Finding = z.object({
  /** `asks-for-code`: opened by the usual loader, the file would run something. */
  kind: z.enum(['asks-for-code', 'broken-pickle', 'tampered-archive', 'hidden-bytes', 'misleading-name']),
  /** What the file names, such as `os.system`. */
  subject: z.string(),
  /** Byte of the file, or of the member named in the sentence; null where it has no place. */
  offset: z.number().nullable(),
  sentence: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** An array that a file holds. */
export const EntryProposal = z.object({
  /** Null in a format that holds one array without a name. */
  name: z.string().nullable(),
  /** As stored in the file: one of `StoredDtype`, or the format's own word for what is not read. */
  stored: z.string(),
  /** As it would stand in the case; null for what is not a matrix. */
  dtype: Dtype.nullable(),
  /** Rows first. */
  shape: z.array(z.number()),
  /** What it can be, by its dtype and shape; empty when it cannot be taken, and `problem` says why. */
  roles: z.array(EntryRole),
  role: EntryRole.nullable(),
  /** The columns of the file's records that it is made of. */
  columns: z.array(z.string()),
  /** Its first values; empty where they were not read. */
  examples: z.array(z.string()),
  problem: z.string().nullable(),
});
export type EntryProposal = z.infer<typeof EntryProposal>;

export const FileProposal = z.object({
  token: FileToken,
  name: z.string(),
  size: z.number(),
  /** The reader's id, or `unknown`. */
  format: z.string(),
  /** What the whole file is packed with. */
  compression: z.enum(['gzip', 'zstd']).nullable(),
  /**
   * What the file as a whole gives: records; a further part of the records of the set; a table that is joined to them;
   * arrays alone; a model. Null when it cannot be taken, and `problem` says why.
   */
  role: z.enum(['records', 'part', 'table', 'arrays', 'model']).nullable(),
  dataset: DatasetRole,
  /** Rows of the arrays that were chosen, or records in the file where already counted. */
  rows: z.number().nullable(),
  /** Of records, parts and tables. */
  columns: z.array(ColumnProposal).nullable(),
  /** Of a table: its column of keys by which it is joined to the records; null joins it row by row. */
  key: z.string().nullable(),
  /** How its text is written. */
  reading: TextReading.nullable(),
  /** Records that cannot be taken, where all were looked at. */
  badRows: z.number().nullable(),
  /** The first few of them. */
  firstBadRows: z.array(BadRow),
  /** What the file is known by again: its format, and the names of its columns and arrays. */
  source: z.string(),
  /** Whether its columns and arrays are taken as the analyst took them in an earlier file of that source. */
  remembered: z.boolean(),
  /** What the file was taken for, in plain words, and what of it is not kept. */
  says: z.array(z.string()),
  /** Of a model. */
  model: OnnxModel.nullable(),
  /** The column of the records of the set that names the images of a folder, or of files; null where there is none. */
  imageColumn: z.string().nullable(),
  /** Where the file is the first of images that were dropped one by one: the others. */
  more: z.array(FileToken).nullable(),
  entries: z.array(EntryProposal),
  findings: z.array(Finding),
  problem: z.string().nullable(),
});
export type FileProposal = z.infer<typeof FileProposal>;

/** What the columns and arrays of the files of a source are taken for. */
export const SourceMapping = z.object({
  source: z.string(),
  columns: z.array(z.object({ name: z.string(), role: ColumnRole })),
  entries: z.array(z.object({ name: z.string().nullable(), role: EntryRole.nullable() })),
});
export type SourceMapping = z.infer<typeof SourceMapping>;

export const DatasetPlan = z.object({
  role: DatasetRole,
  /** The records file; null adds arrays to the set of that role already in the case, or rows without records. */
  records: z
    .object({
      token: FileToken,
      /** Further files of the same columns, in the order in which their records follow. */
      parts: z.array(FileToken).max(MOST_FILES).optional(),
      reading: TextReading.optional(),
      columns: z.array(ColumnPlan),
      /** Further image files, where they are the records. */
      more: z.array(FileToken).max(MOST_FILES).optional(),
    })
    .nullable(),
  /** Tables beside the records: joined by a column that holds their keys, or row by row where `key` is null. */
  tables: z
    .array(
      z.object({
        token: FileToken,
        reading: TextReading.optional(),
        key: z.string().nullable(),
        columns: z.array(ColumnPlan),
      }),
    )
    .max(MOST_FILES)
    .optional(),
  arrays: z.array(
    z.object({
      token: FileToken,
      entry: z.string().nullable(),
      role: EntryRole,
      /** Further files that hold the same array for the rows that follow. */
      parts: z.array(FileToken).max(MOST_FILES).optional(),
      reading: TextReading.optional(),
      /** The column of the file's records that holds keys of the samples; left out, row i is sample i. */
      key: z.string().nullable().optional(),
      /** The column of the records that names the image of each row, of a folder of images or of image files. */
      column: z.string().optional(),
      /** Further image files. */
      more: z.array(FileToken).max(MOST_FILES).optional(),
    }),
  ),
  /** Whether what cannot be taken, such as a broken record or image, is left out; else it refuses the import. */
  acceptBadRows: z.boolean().optional(),
  /** A matrix of more bytes stays in its file where it can be read there; null or left out takes all into the case. */
  linkOver: z.number().min(0).nullable().optional(),
});
export type DatasetPlan = z.infer<typeof DatasetPlan>;

/** What became of a table that was joined to the records. */
export const JoinReport = z.object({
  /** Its column of keys; null when row i was joined to record i. */
  by: z.string().nullable(),
  /** Its records that found their sample. */
  joined: z.number().int(),
  /** Samples that found no record of it, and the keys of the first. */
  samplesWithout: z.number().int(),
  firstSamplesWithout: z.array(z.string()),
  /** Records that found no sample, and the keys (or rows) of the first. */
  recordsWithout: z.number().int(),
  firstRecordsWithout: z.array(z.string()),
});
export type JoinReport = z.infer<typeof JoinReport>;

/** What the import of a file of records tells of it. */
export const EvidenceReport = z.object({
  /** What it was taken for, in plain words. */
  says: z.string(),
  /** Its records, those that were left out among them. */
  records: z.number().int(),
  join: JoinReport.nullable(),
  /** What an analyst might be surprised by. */
  notes: z.array(z.string()),
});
export type EvidenceReport = z.infer<typeof EvidenceReport>;

/** Whether a linked file is where it was, with the size and the time of change that it had. */
export const LinkState = z.enum(['linked', 'missing', 'changed']);
export type LinkState = z.infer<typeof LinkState>;

/** The bound that windows and commands propose, beyond which a matrix stays in its file: 2 GiB. */
export const LINK_OVER = 2 ** 31;

export const Evidence = z.object({
  id: z.number().int(),
  /** The set that the file belongs to; null for a file of a log. */
  dataset: DatasetRole.nullable(),
  log: z.number().int().nullable(),
  role: z.enum(['records', ...EntryRole.options, 'log']),
  name: z.string(),
  /** The array of the file, in a format that names them. */
  entry: z.string().nullable(),
  size: z.number(),
  sha256: z.string(),
  format: z.string(),
  rows: z.number(),
  /** Records that were left out because they cannot be taken. */
  badRows: z.number().int(),
  /** Of files of records. */
  report: EvidenceReport.nullable(),
  shape: z.array(z.number()).nullable(),
  dtype: z.string().nullable(),
  importedAtMs: z.number(),
  importedBy: z.string(),
  superseded: z.boolean(),
  /** What it was computed of, in words, where it is no file but features that Bezoar computed itself. */
  builtIn: z.string().nullable(),
  /** Where it lies, when its values stay in their file; null where they are in the case. */
  link: z.object({ path: z.string(), state: LinkState }).nullable(),
  /** What is to be known of how it was read, each a sentence. */
  notes: z.array(z.string()),
  findings: z.array(Finding),
});
export type Evidence = z.infer<typeof Evidence>;

/** A finding as the case keeps it. */
export const KeptFinding = Finding.extend({
  id: z.number().int(),
  /** Null where the file was refused. */
  evidence: z.number().int().nullable(),
  file: z.string(),
  sha256: z.string(),
  by: z.string(),
  atMs: z.number(),
});
export type KeptFinding = z.infer<typeof KeptFinding>;

export const MatrixInfo = z.object({
  id: z.number().int(),
  role: ArrayRole,
  dtype: Dtype,
  shape: z.array(z.number().int()),
  sha256: z.string(),
  /** What Bezoar computed it of, in words, where it came in no file: features that are not the model's. */
  builtIn: z.string().nullable(),
});
export type MatrixInfo = z.infer<typeof MatrixInfo>;

export const Dataset = z.object({
  id: z.number().int(),
  role: DatasetRole,
  name: z.string(),
  rows: z.number().int(),
  /** Labels and predictions that occur in either active set of the case, sorted; class indices everywhere point here. */
  classes: z.array(z.string()),
  /** Rows per class (by label), same order. */
  classCounts: z.array(z.number().int()),
  /** Record columns beyond key, label, predicted, confidence: name, role, type. */
  columns: z.array(z.object({ name: z.string(), role: ColumnRole, type: z.enum(['text', 'number']) })),
  hasPredictions: z.boolean(),
  hasConfidence: z.boolean(),
  matrices: z.array(MatrixInfo),
});
export type Dataset = z.infer<typeof Dataset>;

export const evidenceCalls = {
  /** Looks into the files and proposes what each is; imports nothing. */
  'evidence/propose': {
    params: z.object({
      files: z.array(FileToken).min(1).max(MOST_FILES),
      /** What is known of some of them, in place of what is told from them. */
      given: z
        .array(
          z.object({
            token: FileToken,
            dataset: DatasetRole.optional(),
            /** Whether it holds the records, a table beside them, or arrays alone. */
            use: z.enum(['records', 'table', 'arrays']).optional(),
            reading: TextReading.optional(),
          }),
        )
        .optional(),
    }),
    result: z.object({
      files: z.array(FileProposal),
      problems: z.array(z.string()),
      /** No activations are among the files nor in the case, and built-in features can be made of what is there. */
      offerBuiltInFeatures: z.boolean(),
    }),
  },
  /** Starts the import as one job: all files or nothing. */
  'evidence/import': {
    params: z
      .object({
        datasets: z.array(DatasetPlan).max(2),
        /** Model files, which belong to no set. */
        models: z.array(FileToken).max(MOST_FILES).optional(),
        /** Built-in features are computed once the files are imported. */
        builtInFeatures: z.boolean().optional(),
        /** What the analyst corrected, to be proposed for the next files of the same source. */
        remember: z.array(SourceMapping).max(MOST_FILES).optional(),
      })
      .refine(({ datasets, models = [] }) => datasets.length + models.length > 0, 'nothing to import'),
    result: z.object({ job: z.string() }),
  },
  /** Starts the job that computes built-in features of the sets without activations. */
  'evidence/build-features': { params: z.object({}), result: z.object({ job: z.string() }) },
  /** What was found in files, of the evidence and of files that were refused. */
  'evidence/findings': { params: z.object({}), result: z.array(KeptFinding) },
  /** Keeps what is found in files that cannot be imported; returns how many findings were kept. */
  'evidence/keep-findings': {
    params: z.object({
      files: z.array(FileToken).min(1).max(MOST_FILES),
      /** What is known of some of them, in place of what is told from them. */
      given: z
        .array(
          z.object({ token: FileToken, dataset: DatasetRole.optional(), reading: TextReading.optional() }),
        )
        .optional(),
    }),
    result: z.object({ kept: z.number().int() }),
  },
  /**
   * Finds the file of a linked matrix again, among these files and in these folders, by its size and SHA-256. What else lies
   * in that file is linked to it as well.
   */
  'evidence/relink': {
    params: z.object({ evidence: z.number().int(), files: z.array(FileToken).min(1).max(MOST_FILES) }),
    result: z.object({ path: z.string() }),
  },
  /** The first thousand records of a file that were left out. */
  'evidence/bad-rows': { params: z.object({ evidence: z.number().int() }), result: z.array(BadRow) },
  'evidence/list': { params: z.object({}), result: z.array(Evidence) },
  'dataset/list': { params: z.object({}), result: z.array(Dataset) },
} as const;
