import { looksLikeOnnx, readOnnxModel } from '../onnx/onnx-model.ts';
import { defineReader } from '../reader.ts';

/** ONNX models: what they say of themselves, and nothing of what they hold. */
export const onnxReader = defineReader({
  access: 'anywhere',
  id: 'onnx',
  sniff: looksLikeOnnx,
  named: /\.onnx$/i,
  open: (source) =>
    Promise.resolve().then(() => ({
      entries: [],
      table: null,
      findings: [],
      model: readOnnxModel(source),
    })),
});
