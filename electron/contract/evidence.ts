import { z } from 'zod';
import { FileToken } from './case.ts';

export const DatasetRole = z.enum(['investigated', 'trusted']);
export type DatasetRole = z.infer<typeof DatasetRole>;

export const ArrayRole = z.enum(['activations', 'logits', 'images']);
export type ArrayRole = z.infer<typeof ArrayRole>;

export const Dtype = z.enum(['float16', 'float32', 'float64', 'uint8']);
export type Dtype = z.infer<typeof Dtype>;

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

export const FileProposal = z.object({
  token: FileToken,
  name: z.string(),
  size: z.number(),
  format: z.enum(['npy', 'csv', 'unknown']),
  /** `null` when the file cannot be taken; `problem` then says why. */
  role: z.enum(['records', 'activations', 'logits', 'images']).nullable(),
  dataset: DatasetRole,
  shape: z.array(z.number()).nullable(),
  dtype: Dtype.nullable(),
  /** Rows of the array, or records in the file where already counted. */
  rows: z.number().nullable(),
  columns: z.array(ColumnProposal).nullable(),
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
    })
    .nullable(),
  arrays: z.array(z.object({ token: FileToken, role: ArrayRole })),
});
export type DatasetPlan = z.infer<typeof DatasetPlan>;

export const Evidence = z.object({
  id: z.number().int(),
  dataset: DatasetRole,
  role: z.enum(['records', 'activations', 'logits', 'images']),
  name: z.string(),
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
});
export type Evidence = z.infer<typeof Evidence>;

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
    params: z.object({ files: z.array(FileToken).min(1).max(64) }),
    result: z.object({ files: z.array(FileProposal), problems: z.array(z.string()) }),
  },
  /** Starts the import as one job: all files or nothing. */
  'evidence/import': {
    params: z.object({ datasets: z.array(DatasetPlan).min(1).max(2) }),
    result: z.object({ job: z.string() }),
  },
  /** Starts the job that computes built-in features of the sets without activations. */
  'evidence/build-features': { params: z.object({}), result: z.object({ job: z.string() }) },
  'evidence/list': { params: z.object({}), result: z.array(Evidence) },
  'dataset/list': { params: z.object({}), result: z.array(Dataset) },
} as const;
