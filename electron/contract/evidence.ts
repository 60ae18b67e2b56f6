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

export const ColumnProposal = z.object({
  name: z.string(),
  role: ColumnRole,
  type: z.enum(['text', 'number']),
  /** The first few cells, as written. */
  examples: z.array(z.string()),
});
export type ColumnProposal = z.infer<typeof ColumnProposal>;

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
  /** What the file as a whole gives; null when it cannot be taken, and `problem` says why. */
  role: z.enum(['records', 'arrays', 'model']).nullable(),
  dataset: DatasetRole,
  /** Rows of the arrays that were chosen, or records in the file where already counted. */
  rows: z.number().nullable(),
  /** Of records. */
  columns: z.array(ColumnProposal).nullable(),
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

export const DatasetPlan = z.object({
  role: DatasetRole,
  /** The records file; null adds arrays to the set of that role already in the case, or rows without records. */
  records: z
    .object({
      token: FileToken,
      columns: z.array(z.object({ name: z.string(), role: ColumnRole })),
      /** Further image files, where they are the records. */
      more: z.array(FileToken).max(MOST_FILES).optional(),
    })
    .nullable(),
  arrays: z.array(
    z.object({
      token: FileToken,
      entry: z.string().nullable(),
      role: EntryRole,
      /** The column of the records that names the image of each row, of a folder of images or of image files. */
      column: z.string().optional(),
      /** Further image files. */
      more: z.array(FileToken).max(MOST_FILES).optional(),
    }),
  ),
  /** Whether what cannot be taken, such as a broken image, is left out; else it refuses the import. */
  acceptBadRows: z.boolean().optional(),
});
export type DatasetPlan = z.infer<typeof DatasetPlan>;

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
  shape: z.array(z.number()).nullable(),
  dtype: z.string().nullable(),
  importedAtMs: z.number(),
  importedBy: z.string(),
  superseded: z.boolean(),
  /** What it was computed of, in words, where it is no file but features that Bezoar computed itself. */
  builtIn: z.string().nullable(),
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
    params: z.object({ files: z.array(FileToken).min(1).max(MOST_FILES) }),
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
    params: z.object({ files: z.array(FileToken).min(1).max(64) }),
    result: z.object({ kept: z.number().int() }),
  },
  'evidence/list': { params: z.object({}), result: z.array(Evidence) },
  'dataset/list': { params: z.object({}), result: z.array(Dataset) },
} as const;
