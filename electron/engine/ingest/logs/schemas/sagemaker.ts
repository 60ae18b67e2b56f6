import { defineLogSchema, hasKeys, lineByLine, own, present, textOf, UnreadableLine } from './log-schema.ts';
import { parsedPayload, payloadRows } from './payload.ts';

/** What one side of the endpoint captured; undefined where it captured nothing. */
function captured(side: unknown): unknown {
  const data = own(side, 'data');
  if (data === undefined || data === null) return undefined;
  if (typeof data !== 'string') return data;
  const encoding = textOf(own(side, 'encoding')) ?? 'BASE64';
  const type = textOf(own(side, 'observedContentType')) ?? '';
  switch (encoding.toUpperCase()) {
    case 'CSV':
      return parsedPayload(data, 'text/csv');
    case 'JSON':
      return parsedPayload(data, type.includes('lines') ? type : 'application/json');
    case 'BASE64': {
      const bytes = Buffer.from(data, 'base64');
      // What is neither text nor JSON (an image, a tensor) is nothing to watch.
      if (bytes.includes(0)) return undefined;
      return parsedPayload(bytes.toString('utf8'), type);
    }
    default:
      throw new UnreadableLine(
        `its data is encoded as ${JSON.stringify(encoding)}, which is not CSV, JSON or BASE64`,
      );
  }
}

/** Amazon SageMaker Data Capture: one line an invocation, which may hold several rows. */
export const sagemaker = defineLogSchema({
  format: 'sagemaker',
  title: 'SageMaker Data Capture',
  pairs: false,
  recognises: (line) => hasKeys(line, 'captureData', 'eventMetadata'),
  reader: () =>
    lineByLine((line) => {
      const capture = own(line, 'captureData');
      const metadata = own(line, 'eventMetadata');
      const inputs = payloadRows(captured(own(capture, 'endpointInput')));
      const outputs = payloadRows(captured(own(capture, 'endpointOutput')));
      const rows = Math.max(inputs.length, outputs.length, 1);
      // Rows are matched by their place, so only where both sides have as many.
      const matched = inputs.length === outputs.length || outputs.length === 0;
      return Array.from({ length: outputs.length === 0 ? rows : outputs.length }, (_, row) =>
        present({
          time: own(metadata, 'inferenceTime'),
          request_id: own(metadata, 'eventId'),
          inference_id: own(metadata, 'inferenceId'),
          custom_attributes: textOf(own(metadata, 'customAttributes')),
          row: rows > 1 ? row : undefined,
          input: matched ? inputs[row] : undefined,
          output: outputs[row],
        }),
      );
    }),
});
