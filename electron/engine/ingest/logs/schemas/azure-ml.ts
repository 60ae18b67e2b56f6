import { defineLogSchema, hasKeys, own, present, textOf, UnreadableLine } from './log-schema.ts';
import { pairing } from './pairing.ts';
import { payloadRows } from './payload.ts';

const INPUTS = /(^|[._])(inputs|request)$/;
const OUTPUTS = /(^|[._])(outputs|response)$/;

/** The deployment that the source names: the model's name where the event has none. */
const deploymentOf = (source: string | null): string | null => source?.split('/').at(-1) ?? null;

/** Azure Machine Learning model data collector: CloudEvents, inputs and outputs joined by their correlation id and row. */
export const azureMl = defineLogSchema({
  format: 'azure-ml',
  title: 'Azure Machine Learning data collector',
  pairs: true,
  recognises: (line) => hasKeys(line, 'specversion', 'type', 'correlationid'),
  reader: () =>
    pairing((line) => {
      const type = textOf(own(line, 'type')) ?? '';
      const side = OUTPUTS.test(type) ? 'response' : INPUTS.test(type) ? 'request' : null;
      if (side === null) return 'they are neither inputs nor outputs of a model';
      const id = textOf(own(line, 'correlationid')) ?? textOf(own(line, 'xrequestid'));
      if (id === null) throw new UnreadableLine('it has no correlationid');
      const data = own(line, 'data');
      if (data === undefined || data === null) return 'their data lie elsewhere and are only referred to';
      return {
        id,
        side,
        rows: payloadRows(data),
        time: own(line, 'time'),
        timeless: false,
        facts: present({
          model: deploymentOf(textOf(own(line, 'source'))),
          version: own(line, 'modelversion'),
        }),
      };
    }),
});
