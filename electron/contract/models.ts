import { z } from 'zod';

/** A value that goes into or comes out of the graph of a model. */
export const OnnxValue = z.object({
  name: z.string(),
  /** Element type, such as `float32`; `sequence`, `map`, `optional` or `unknown` for what is no tensor. */
  dtype: z.string(),
  /** A number, or the name of an axis that is open; null where the graph does not say. */
  shape: z.array(z.union([z.number(), z.string()])).nullable(),
});
export type OnnxValue = z.infer<typeof OnnxValue>;

/** A tensor that a model holds as a weight. */
export const OnnxWeight = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(z.number()),
  /** The file that its values are said to lie in, '' where it has no name; null when they are in the model. Never opened. */
  external: z.string().nullable(),
});
export type OnnxWeight = z.infer<typeof OnnxWeight>;

/** What an ONNX model says of itself. */
export const OnnxModel = z.object({
  irVersion: z.number().nullable(),
  /** Operator sets; the domain of ONNX itself is `ai.onnx`. */
  opsets: z.array(z.object({ domain: z.string(), version: z.number() })),
  producer: z.string(),
  producerVersion: z.string(),
  graph: z.string(),
  /** Without those that a weight of the file fills. */
  inputs: z.array(OnnxValue),
  outputs: z.array(OnnxValue),
  /** Of the graph and of those within it. */
  nodes: z.number(),
  /** Most frequent first, then by name; with the domain before it where it is not ONNX's own. */
  operators: z.array(z.object({ name: z.string(), count: z.number() })),
  /** In the order of the file; the first 2,000 of `weightCount`. */
  weights: z.array(OnnxWeight),
  weightCount: z.number(),
  /** Numbers in all weights together. */
  parameters: z.number(),
  functions: z.number(),
  /** Other files that the model says to read weights from, each once; '' for one without a name. */
  externalFiles: z.array(z.string()),
  /** What an analyst should know before anybody runs it, each a sentence. */
  remarks: z.array(z.string()),
});
export type OnnxModel = z.infer<typeof OnnxModel>;

/** A model that is kept as evidence by its hash; it belongs to no set of samples. */
export const ModelFile = z.object({
  id: z.number().int(),
  name: z.string(),
  size: z.number(),
  sha256: z.string(),
  format: z.string(),
  model: OnnxModel,
  importedAtMs: z.number(),
  importedBy: z.string(),
});
export type ModelFile = z.infer<typeof ModelFile>;

export const modelCalls = {
  'model/list': { params: z.object({}), result: z.array(ModelFile) },
} as const;
