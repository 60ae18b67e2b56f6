import { defineLogSchema, hasKeys, own, present, textOf, UnreadableLine } from './log-schema.ts';
import { pairing } from './pairing.ts';
import { parsedPayload, payloadRows } from './payload.ts';

const TYPE = /inference\.(request|response)$/;

const typeOf = (line: object): 'request' | 'response' | null => {
  const type = textOf(own(line, 'type')) ?? textOf(own(line, 'reqType')) ?? '';
  return (TYPE.exec(type)?.[1] as 'request' | 'response' | undefined) ?? null;
};

/**
 * KServe payload logger: CloudEvents, or the records of its file store, whose body is base64 and which have no time.
 * Request and response are paired by their id.
 */
export const kserve = defineLogSchema({
  format: 'kserve',
  title: 'KServe payload logger',
  pairs: true,
  recognises: (line) =>
    (hasKeys(line, 'specversion', 'type', 'id') || hasKeys(line, 'reqType', 'bytes', 'id')) &&
    typeOf(line) !== null,
  reader: () =>
    pairing((line, place) => {
      const side = typeOf(line);
      if (side === null) return 'they are neither requests nor responses of a model';
      const id = textOf(own(line, 'id'));
      if (id === null) throw new UnreadableLine('it has no id');
      const bytes = textOf(own(line, 'bytes')) ?? textOf(own(line, 'data_base64'));
      const type = textOf(own(line, 'datacontenttype')) ?? textOf(own(line, 'contentType')) ?? '';
      const text = bytes === null ? own(line, 'data') : Buffer.from(bytes, 'base64').toString('utf8');
      const body = typeof text === 'string' ? parsedPayload(text, type) : text;
      const time = own(line, 'time') ?? own(line, 'recordedtime');
      return {
        id,
        side,
        rows: payloadRows(body),
        time: time ?? place.fileTimeMs,
        timeless: time === undefined || time === null,
        facts: present({
          model:
            own(line, 'inferenceservicename') ?? own(line, 'inferenceService') ?? own(body, 'model_name'),
          version: own(body, 'model_version'),
          namespace: own(line, 'namespace'),
          component: own(line, 'component'),
          endpoint: own(line, 'endpoint'),
        }),
      };
    }),
});
