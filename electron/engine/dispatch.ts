import { z } from 'zod';
import type { CallName, Params, Result } from '../contract/calls.ts';
import { calls } from '../contract/calls.ts';
import type { Failure } from '../contract/errors.ts';
import { BezoarError } from '../contract/errors.ts';
import type { EngineMessage } from '../contract/wire.ts';
import { ClientMessage } from '../contract/wire.ts';
import { bulkArray, bulkPage } from './bulk-arrays.ts';
import type { EngineInstance } from './create-engine.ts';
import type { Handler } from './engine.ts';
import { handlers } from './handlers/registry.ts';

/** Calls that put another case in place of the open one: its jobs are cancelled and waited for first. */
const replacing: ReadonlySet<string> = new Set<CallName>([
  'case/create',
  'case/open',
  'case/open-recent',
  'case/close',
]);

/**
 * Runs one call: parameters and result are held to the contract.
 * @throws BezoarError an expected failure; anything else is a bug
 */
export async function invoke<N extends CallName>(
  engine: EngineInstance,
  name: N,
  params: unknown,
): Promise<Result<N>> {
  const parsed = calls[name].params.safeParse(params);
  if (!parsed.success) throw badRequest(name, parsed.error);
  if (replacing.has(name)) await engine.settleJobs();
  if (name === 'job/retry') {
    const again = engine.journal.take((parsed.data as Params<'job/retry'>).job);
    for (const grant of again?.grants ?? []) engine.grants.grant(grant.token, grant.path, grant.mode);
    if (again !== null) return (await invoke(engine, again.call as CallName, again.params)) as Result<N>;
  }
  const handler = handlers[name] as Handler<N>;
  const answer = handler(parsed.data as Params<N>, engine);
  // A file that was handed out must also stand in the audit of its case.
  if (name === 'export/write') engine.finishFirst(Promise.resolve(answer));
  const result = calls[name].result.parse(await answer) as Result<N>;
  engine.keepInJournal(name, parsed.data, result);
  return result;
}

/**
 * Answers one message of a window. Unknown errors become `engine/bug`: the window hears a sentence, the log the stack.
 * @returns null for what is no message at all
 */
export async function dispatch(engine: EngineInstance, message: unknown): Promise<EngineMessage | null> {
  const parsed = ClientMessage.safeParse(message);
  if (!parsed.success) {
    const id = z.object({ id: z.number().int() }).safeParse(message);
    engine.log(`malformed message: ${z.prettifyError(parsed.error)}`);
    if (!id.success) return null;
    return { kind: 'failure', id: id.data.id, failure: badRequest('message', parsed.error).toFailure() };
  }
  const request = parsed.data;
  try {
    switch (request.kind) {
      case 'call': {
        if (!Object.hasOwn(calls, request.name))
          throw new BezoarError(
            'engine/bad-request',
            `Bezoar does not know the request “${request.name.slice(0, 80)}”. Nothing was changed.`,
          );
        const result = await invoke(engine, request.name as CallName, request.params);
        return { kind: 'reply', id: request.id, ok: true, result };
      }
      case 'bulk': {
        const page = bulkPage(bulkArray(engine, request.request), request.offset);
        // A page is a buffer of its own, never shared memory.
        const data = page.data as Uint8Array<ArrayBuffer>;
        return { kind: 'bulk-page', id: request.id, header: page.header, data };
      }
    }
  } catch (error) {
    return { kind: 'failure', id: request.id, failure: toFailure(engine, error, requestName(request)) };
  }
}

function requestName(request: ClientMessage): string {
  return request.kind === 'call' ? request.name : `bulk ${request.request.array}`;
}

function badRequest(name: string, error: z.ZodError): BezoarError {
  const issue = error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at “${issue.path.join('.')}”`;
  return new BezoarError(
    'engine/bad-request',
    `The request “${name}” was not understood${where}: ${issue?.message ?? 'malformed'}. Nothing was changed.`,
  );
}

function toFailure(engine: EngineInstance, error: unknown, name: string): Failure {
  if (error instanceof BezoarError) return error.toFailure();
  engine.log(`bug in ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return {
    code: 'engine/bug',
    sentence: `Bezoar made a mistake of its own in “${name}”. The case file is at its last saved state. The details are in Bezoar’s log.`,
  };
}
