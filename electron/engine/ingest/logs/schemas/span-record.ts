import { present, textOf, type RequestRecord } from './log-schema.ts';

export type Attributes = ReadonlyMap<string, unknown>;

export interface Span {
  readonly id: unknown;
  readonly trace: unknown;
  readonly name: unknown;
  readonly start: unknown;
  /** Milliseconds. */
  readonly latency: number | null;
  readonly attributes: Attributes;
  readonly status: unknown;
}

const OF_MODELS = /^(gen_ai\.|llm\.|openinference\.|embedding\.|reranker\.|retrieval\.)/;

/** Whether the span tells of a model at all; a program's other spans do not. */
export const isModelCall = (attributes: Attributes): boolean =>
  [...attributes.keys()].some((key) => OF_MODELS.test(key));

/** The text of a message list: as OpenTelemetry has it, JSON or already read, or the flattened list of OpenInference. */
function messages(attributes: Attributes, names: readonly string[], flattened: string): string | null {
  for (const name of names) {
    const value = attributes.get(name);
    if (value !== undefined && value !== null)
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
  const parts: string[] = [];
  for (let at = 0; ; at += 1) {
    const content = attributes.get(`${flattened}.${at}.message.content`);
    if (content === undefined) break;
    parts.push(typeof content === 'string' ? content : JSON.stringify(content));
  }
  return parts.length === 0 ? null : parts.join('\n');
}

/** The span of a model call as a request: OpenTelemetry's conventions for generative models, and those of OpenInference. */
export function spanRecord({ id, trace, name, start, latency, attributes, status }: Span): RequestRecord {
  const first = (...names: readonly string[]): unknown =>
    names.map((one) => attributes.get(one)).find((value) => value !== undefined && value !== null);
  const asked = first(
    'gen_ai.request.model',
    'llm.model_name',
    'embedding.model_name',
    'reranker.model_name',
  );
  const answered = first('gen_ai.response.model');
  return present({
    time: start,
    request_id: textOf(id),
    trace_id: textOf(trace),
    span: textOf(name),
    kind: first('openinference.span.kind', 'gen_ai.operation.name'),
    provider: first('gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system'),
    model: asked ?? answered,
    version: asked === undefined ? undefined : answered,
    latency_ms: latency,
    input_tokens: first('gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt'),
    output_tokens: first(
      'gen_ai.usage.output_tokens',
      'gen_ai.usage.completion_tokens',
      'llm.token_count.completion',
    ),
    total_tokens: first('llm.token_count.total'),
    conversation: first('gen_ai.conversation.id', 'session.id'),
    user: first('user.id', 'enduser.id'),
    error: first('error.type'),
    status,
    input:
      messages(attributes, ['gen_ai.input.messages', 'gen_ai.prompt', 'input.value'], 'llm.input_messages') ??
      first('embedding.embeddings.0.embedding.text'),
    output: messages(
      attributes,
      ['gen_ai.output.messages', 'gen_ai.completion', 'output.value'],
      'llm.output_messages',
    ),
    vector: first('embedding.embeddings.0.embedding.vector'),
    documents: countOf(attributes, /^retrieval\.documents\.(\d+)\./),
  });
}

function countOf(attributes: Attributes, pattern: RegExp): number | null {
  const found = new Set<string>();
  for (const key of attributes.keys()) {
    const match = pattern.exec(key);
    if (match !== null) found.add(match[1]);
  }
  return found.size === 0 ? null : found.size;
}
