import { BezoarError } from '../../../contract/errors.ts';
import type { OnnxModel, OnnxValue, OnnxWeight } from '../../../contract/models.ts';
import { bytesAsSource, type FileSource } from '../byte-source.ts';
import { WireError, WireFile, type WireField } from './protobuf-wire.ts';

/** The weights that are listed; more are counted. */
const MOST_WEIGHTS = 2000;
const MOST_NODES = 2_000_000;
const MOST_VALUES = 10_000;
const MOST_OPERATORS = 1000;
const MOST_EXTERNAL = 100;
const MOST_AXES = 64;
const MOST_DEPTH = 16;
/** Names are read this far. */
const MOST_NAME = 512;

/** TensorProto.DataType of the ONNX format. */
const dtypes = [
  'unknown',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
] as const;
const dtypeOf = (code: number): string => dtypes[code] ?? `dtype ${code}`;

const OWN_DOMAIN = 'ai.onnx';
const domainOf = (domain: string): string => (domain === '' ? OWN_DOMAIN : domain);

const tooLarge = (name: string, what: string): BezoarError =>
  new BezoarError(
    'evidence/too-large',
    `${name}: ${what}, more than any model of use. Nothing was imported. Export the model again.`,
  );

type GraphFacts = Omit<
  OnnxModel,
  'irVersion' | 'producer' | 'producerVersion' | 'functions' | 'opsets' | 'remarks'
>;

interface Counts {
  nodes: number;
  readonly operators: Map<string, number>;
}

/** Reads one model; every count is bounded before anything is kept. */
class ModelParser {
  readonly #name: string;
  readonly #file: WireFile;
  readonly #size: number;

  constructor(source: FileSource) {
    this.#name = source.name;
    this.#size = source.bytes;
    this.#file = new WireFile(source);
  }

  model(): OnnxModel {
    let irVersion: number | null = null;
    let producer = '';
    let producerVersion = '';
    let functions = 0;
    const opsets: { domain: string; version: number }[] = [];
    const graphs: WireField[] = [];
    for (const field of this.#file.fields(0, this.#size)) {
      if (field.number === 1 && field.wire === 0) irVersion = field.value;
      else if (field.number === 2 && field.wire === 2) producer = this.#text(field);
      else if (field.number === 3 && field.wire === 2) producerVersion = this.#text(field);
      else if (field.number === 7 && field.wire === 2) graphs.push(field);
      else if (field.number === 8 && field.wire === 2) {
        if (opsets.length === MOST_OPERATORS) throw tooLarge(this.#name, 'it names too many operator sets');
        opsets.push(this.#opset(field));
      } else if (field.number === 25 && field.wire === 2) functions += 1;
    }
    const [graph] = graphs;
    if (graph === undefined || graphs.length > 1)
      throw new WireError(graph === undefined ? 'it holds no graph' : 'it holds two graphs', graph?.at ?? 0);
    const facts = this.#graph(graph);
    return { irVersion, producer, producerVersion, functions, opsets, ...facts, remarks: remarksOf(facts) };
  }

  #text(field: WireField): string {
    return this.#file.text(field, MOST_NAME);
  }

  #inside(field: WireField): Generator<WireField> {
    return this.#file.fields(field.at, field.at + field.length);
  }

  #opset(message: WireField): { domain: string; version: number } {
    let domain = '';
    let version = 0;
    for (const field of this.#inside(message)) {
      if (field.number === 1 && field.wire === 2) domain = this.#text(field);
      else if (field.number === 2 && field.wire === 0) version = field.value;
    }
    return { domain: domainOf(domain), version };
  }

  #graph(message: WireField): GraphFacts {
    const counts: Counts = { nodes: 0, operators: new Map() };
    const inputs: OnnxValue[] = [];
    const outputs: OnnxValue[] = [];
    const weights: OnnxWeight[] = [];
    const filled = new Set<string>();
    const external = new Set<string>();
    let graph = '';
    let weightCount = 0;
    let parameters = 0;
    for (const field of this.#inside(message)) {
      if (field.wire !== 2) continue;
      if (field.number === 1) this.#node(field, counts, 1);
      else if (field.number === 2) graph = this.#text(field);
      else if (field.number === 5) {
        const weight = this.#weight(field);
        weightCount += 1;
        parameters += weight.shape.reduce((product, axis) => product * axis, 1);
        if (!Number.isSafeInteger(parameters))
          throw new WireError('its weights have no valid shape', field.at);
        if (weights.length < MOST_WEIGHTS) weights.push(weight);
        if (filled.size < MOST_NODES) filled.add(weight.name);
        if (weight.external !== null && external.size < MOST_EXTERNAL) external.add(weight.external);
      } else if (field.number === 11 || field.number === 12) {
        const values = field.number === 11 ? inputs : outputs;
        if (values.length === MOST_VALUES) throw tooLarge(this.#name, `it has over ${MOST_VALUES} inputs`);
        values.push(this.#value(field));
      }
    }
    return {
      graph,
      inputs: inputs.filter(({ name }) => !filled.has(name)),
      outputs,
      nodes: counts.nodes,
      operators: [...counts.operators]
        .map(([name, count]) => ({ name, count }))
        .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
      weights,
      weightCount,
      parameters,
      externalFiles: [...external],
    };
  }

  /** Counts a node and those of the graphs in its attributes. */
  #node(message: WireField, counts: Counts, depth: number): void {
    if (depth > MOST_DEPTH)
      throw new WireError(`graphs lie in one another deeper than ${MOST_DEPTH}`, message.at);
    let type = '';
    let domain = '';
    for (const field of this.#inside(message)) {
      if (field.wire !== 2) continue;
      if (field.number === 4) type = this.#text(field);
      else if (field.number === 7) domain = this.#text(field);
      else if (field.number === 5) this.#attribute(field, counts, depth);
    }
    counts.nodes += 1;
    if (counts.nodes > MOST_NODES) throw tooLarge(this.#name, `it has over ${MOST_NODES} nodes`);
    const name = domainOf(domain) === OWN_DOMAIN ? type : `${domain}.${type}`;
    const before = counts.operators.get(name);
    if (before === undefined && counts.operators.size === MOST_OPERATORS)
      throw tooLarge(this.#name, `it has over ${MOST_OPERATORS} kinds of operators`);
    counts.operators.set(name, (before ?? 0) + 1);
  }

  #attribute(message: WireField, counts: Counts, depth: number): void {
    for (const field of this.#inside(message)) {
      // `g` and `graphs`: the branches of If, the bodies of Loop and Scan.
      if (field.wire !== 2 || (field.number !== 6 && field.number !== 11)) continue;
      for (const inner of this.#inside(field))
        if (inner.number === 1 && inner.wire === 2) this.#node(inner, counts, depth + 1);
    }
  }

  #weight(message: WireField): OnnxWeight {
    let name = '';
    let code = 0;
    let elsewhere = false;
    let location = '';
    const shape: number[] = [];
    const axis = (value: number, at: number): void => {
      if (!Number.isSafeInteger(value) || value < 0 || shape.length === MOST_AXES)
        throw new WireError('a weight has no valid shape', at);
      shape.push(value);
    };
    for (const field of this.#inside(message)) {
      if (field.number === 1 && field.wire === 0) axis(field.value, field.at);
      else if (field.number === 1 && field.wire === 2)
        for (const value of this.#file.packed(field)) axis(value, field.at);
      else if (field.number === 2 && field.wire === 0) code = field.value;
      else if (field.number === 8 && field.wire === 2) name = this.#text(field);
      else if (field.number === 13 && field.wire === 2) {
        const entry = this.#entry(field);
        if (entry.key === 'location') location = entry.value;
        elsewhere = true;
      } else if (field.number === 14 && field.wire === 0) elsewhere ||= field.value === 1;
    }
    return { name, dtype: dtypeOf(code), shape, external: elsewhere ? location : null };
  }

  #entry(message: WireField): { key: string; value: string } {
    let key = '';
    let value = '';
    for (const field of this.#inside(message)) {
      if (field.number === 1 && field.wire === 2) key = this.#text(field);
      else if (field.number === 2 && field.wire === 2) value = this.#text(field);
    }
    return { key, value };
  }

  #value(message: WireField): OnnxValue {
    let name = '';
    let type: Omit<OnnxValue, 'name'> = { dtype: 'unknown', shape: null };
    for (const field of this.#inside(message)) {
      if (field.wire !== 2) continue;
      if (field.number === 1) name = this.#text(field);
      else if (field.number === 2) type = this.#type(field);
    }
    return { name, ...type };
  }

  #type(message: WireField): Omit<OnnxValue, 'name'> {
    for (const field of this.#inside(message)) {
      if (field.wire !== 2) continue;
      if (field.number === 1 || field.number === 8) return this.#tensorType(field);
      if (field.number === 4) return { dtype: 'sequence', shape: null };
      if (field.number === 5) return { dtype: 'map', shape: null };
      if (field.number === 9) return { dtype: 'optional', shape: null };
    }
    return { dtype: 'unknown', shape: null };
  }

  #tensorType(message: WireField): Omit<OnnxValue, 'name'> {
    let code = 0;
    let shape: (number | string)[] | null = null;
    for (const field of this.#inside(message)) {
      if (field.number === 1 && field.wire === 0) code = field.value;
      else if (field.number === 2 && field.wire === 2) {
        shape = [];
        for (const dimension of this.#inside(field)) {
          if (dimension.number !== 1 || dimension.wire !== 2) continue;
          if (shape.length === MOST_AXES) throw new WireError('a value has no valid shape', field.at);
          shape.push(this.#dimension(dimension));
        }
      }
    }
    return { dtype: dtypeOf(code), shape };
  }

  #dimension(message: WireField): number | string {
    let axis: number | string = '?';
    for (const field of this.#inside(message)) {
      if (field.number === 1 && field.wire === 0) axis = field.value;
      else if (field.number === 2 && field.wire === 2) axis = this.#text(field);
    }
    return axis;
  }
}

/** What an analyst should know before anybody runs the model. */
function remarksOf({ externalFiles, operators }: GraphFacts): string[] {
  const remarks: string[] = [];
  if (externalFiles.length > 0) {
    const named = externalFiles.map((file) => (file === '' ? 'one without a name' : JSON.stringify(file)));
    remarks.push(
      `Weights are said to lie in other files, which were not opened: ${named.slice(0, 5).join(', ')}` +
        `${named.length > 5 ? ` and ${named.length - 5} more` : ''}. The hash of this file says nothing of them.`,
    );
  }
  const outward = externalFiles.filter((file) => /(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[a-z]:/i.test(file));
  if (outward.length > 0)
    remarks.push(
      `${JSON.stringify(outward[0])} leads out of the model's folder: a runtime that follows it reads a file of the machine that loads the model.`,
    );
  const foreign = operators.filter(({ name }) => name.includes('.')).map(({ name }) => name);
  if (foreign.length > 0)
    remarks.push(
      `Operators that are not ONNX's own are named: ${foreign.slice(0, 5).join(', ')}${foreign.length > 5 ? ` and ${foreign.length - 5} more` : ''}. They need a library of their own, which would run as code.`,
    );
  return remarks;
}

/**
 * What an ONNX model says of itself, read from its protobuf bytes (`onnx.proto3` of the ONNX format); weights are passed
 * over, other files that it names are never opened.
 *
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export function readOnnxModel(source: FileSource): OnnxModel {
  try {
    return new ModelParser(source).model();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new BezoarError(
      'evidence/malformed',
      `${source.name} is no ONNX model that can be read: ${error.message} (byte ${error.offset}). Nothing was imported. ` +
        'The file was cut off or is damaged; export the model again.',
    );
  }
}

/** Whether the first bytes can be those of an ONNX model: its version, then fields of a model as far as they reach. */
export function looksLikeOnnx(head: Uint8Array): boolean {
  if (head[0] !== 0x08 || (head[1] ?? 0) < 1 || (head[1] ?? 0) > 100) return false;
  const known = new Set([1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25]);
  let fields = 0;
  try {
    // As if the file went on for ever: what ends beyond the head is what a graph does.
    for (const { number, wire } of new WireFile(bytesAsSource('', head)).fields(0, Number.MAX_SAFE_INTEGER)) {
      if (!known.has(number) || (wire !== 0 && wire !== 2)) return false;
      fields += 1;
      if (number === 7 || number === 8) return fields > 1;
      if (fields > known.size * 4) return false;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return false;
}
