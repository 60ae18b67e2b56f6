import { defineLogSchema, hasKeys, lineByLine, own, present, textOf } from './log-schema.ts';
import { parsedJson, payloadRows } from './payload.ts';

/** A column that holds JSON: as text, or already read. */
const parsed = (value: unknown): unknown =>
  typeof value === 'string' ? (value === '' ? null : parsedJson(value)) : value;

/** A number, in CSV as text. */
const numbered = (value: unknown): unknown =>
  typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;

/**
 * Databricks and MLflow inference tables of both ages. Answers that failed are left out; a row of a sampled table stands
 * for 1 / sampling_fraction requests.
 */
export const databricks = defineLogSchema({
  format: 'databricks',
  title: 'Databricks inference table',
  pairs: false,
  recognises: (line) => hasKeys(line, 'databricks_request_id', 'request', 'response'),
  reader: () =>
    lineByLine((line, _place, drop) => {
      const status = own(line, 'status_code');
      if (Number(status) !== 200) {
        drop(
          `the status is not 200 but ${typeof status === 'number' || typeof status === 'string' ? status : 'missing'}`,
        );
        return [];
      }
      const inputs = payloadRows(parsed(own(line, 'request')));
      const outputs = payloadRows(parsed(own(line, 'response')));
      const metadata = parsed(own(line, 'request_metadata'));
      const facts = present({
        time: own(line, 'request_time') ?? own(line, 'timestamp_ms'),
        request_id: own(line, 'databricks_request_id'),
        client_request_id: textOf(own(line, 'client_request_id')),
        latency_ms: numbered(own(line, 'execution_duration_ms') ?? own(line, 'execution_time_ms')),
        sampling_fraction: numbered(own(line, 'sampling_fraction')),
        model: own(metadata, 'model_name') ?? own(metadata, 'endpoint_name'),
        version: own(metadata, 'model_version') ?? own(line, 'served_entity_id'),
        requester: textOf(own(line, 'requester')),
      });
      return outputs.map((output, row) => ({
        ...facts,
        ...(outputs.length > 1 && { row }),
        ...(inputs.length === outputs.length && { input: inputs[row] }),
        output,
      }));
    }),
});
