import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { ErrorCode } from '../contract/errors.ts';
import { BezoarError } from '../contract/errors.ts';

const MAX_JSON_BYTES = 1024 * 1024;

/** Says nothing beyond the status. */
export function respondEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0, 'Cache-Control': 'no-store' });
  response.end();
}

export function respondJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'file/outside-folder': 403,
  'file/not-granted': 404,
  'evidence/too-large': 413,
  'case/disk-full': 507,
  'engine/lost': 503,
};

export function respondFailure(response: ServerResponse, error: BezoarError): void {
  respondJson(response, STATUS[error.code] ?? 400, error.toFailure());
}

/**
 * The JSON body of a request, held to its schema.
 * @throws BezoarError engine/bad-request
 */
export async function readJson<T extends z.ZodType>(
  request: IncomingMessage,
  schema: T,
): Promise<z.output<T>> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_JSON_BYTES) throw badRequest();
    parts.push(part);
  }
  try {
    return schema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
  } catch {
    throw badRequest();
  }
}

function badRequest(): BezoarError {
  return new BezoarError(
    'engine/bad-request',
    'Bezoar did not understand this request. Nothing was changed.',
  );
}
