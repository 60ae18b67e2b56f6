import type { OnnxModel } from '../../../contract/models.ts';

/** Operators and weights that are named; the rest is counted. */
const MOST_NAMED = 12;

const shapeInWords = (shape: readonly (number | string)[] | null): string =>
  shape === null ? 'of a shape that it does not say' : `(${shape.join(', ')})`;

function listed(names: readonly string[], all: number): string {
  const named = names.slice(0, MOST_NAMED);
  return all > named.length ? `${named.join(', ')} and ${all - named.length} more` : named.join(', ');
}

/** What a model says of itself, each a sentence, and then what an analyst should know of it. */
export function modelInWords(model: OnnxModel): string[] {
  const values = [
    ...model.inputs.map((value) => ({ ...value, kind: 'Input' })),
    ...model.outputs.map((value) => ({ ...value, kind: 'Output' })),
  ];
  const operators = model.operators.map(({ name, count }) => `${name} ${count}`);
  const weights = model.weights.map(({ name, dtype, shape }) => `${name} ${dtype} (${shape.join(', ')})`);
  const producer = `${model.producer} ${model.producerVersion}`.trim();
  const opsets = model.opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ');
  return [
    `ONNX, IR version ${model.irVersion ?? 'not said'}, operators of ${opsets === '' ? 'no set' : opsets}, written by ${producer === '' ? 'nobody named' : producer}.`,
    ...values
      .slice(0, 2 * MOST_NAMED)
      .map(({ kind, name, dtype, shape }) => `${kind} ${name}: ${dtype} ${shapeInWords(shape)}.`),
    `${model.nodes} nodes: ${listed(operators, model.operators.length)}.`,
    `${model.weightCount} weights of ${model.parameters} numbers: ${listed(weights, model.weightCount)}.`,
    ...model.remarks,
  ];
}
