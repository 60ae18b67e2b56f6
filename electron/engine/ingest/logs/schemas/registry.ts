import type { LogFormat } from '../../../../contract/logs.ts';
import { azureMl } from './azure-ml.ts';
import { databricks } from './databricks.ts';
import { kserve } from './kserve.ts';
import type { LogSchema } from './log-schema.ts';
import { openinference } from './openinference.ts';
import { opentelemetry } from './opentelemetry.ts';
import { sagemaker } from './sagemaker.ts';

/** In the order in which they are asked. */
const logSchemas: readonly LogSchema[] = [
  sagemaker,
  azureMl,
  kserve,
  databricks,
  opentelemetry,
  openinference,
];

/** The first lines of a log tell its schema when it knows more than half of them. */
const TOLD_BY = 200;

/** The schema that a log is in, by the keys of its first lines; null for the user's own shape. */
export function schemaOf(lines: readonly object[]): LogSchema | null {
  const first = lines.slice(0, TOLD_BY);
  return (
    logSchemas.find((schema) => 2 * first.filter((line) => schema.recognises(line)).length > first.length) ??
    null
  );
}

export function schemaNamed(format: LogFormat): LogSchema | null {
  return logSchemas.find((schema) => schema.format === format) ?? null;
}
