import { FileToken } from '../../../electron/contract/case.ts';
import { importLog } from '../../../electron/engine/ingest/logs/log-import.ts';
import { proposeLog } from '../../../electron/engine/ingest/logs/propose-log.ts';
import { context, importIntoNewCase } from './new-case.mjs';

const [path = '', target = ''] = process.argv.slice(2);

await importIntoNewCase(
  target,
  async (caseFile) => {
    const token = FileToken.parse('0'.repeat(32));
    const { mapping } = await proposeLog([{ token, path }], null, {
      find: () => null,
      remember: () => undefined,
    });
    if (mapping === null) throw new Error('the log was not recognised');
    const plan = {
      paths: [path],
      role: /** @type {const} */ ('log'),
      name: 'log',
      mapping,
      acceptBadLines: false,
    };
    return importLog(caseFile, plan, context, 2);
  },
  async (caseFile, log) => {
    const { table } = await caseFile.logs.load([log]);
    const { values = new Float64Array(0) } = table.numeric.find(({ role }) => role === 'confidence') ?? {};
    return {
      rows: table.rows,
      columns: caseFile.logs.get(log).columns.length,
      classes: table.classes.length,
      confidence: values.reduce((sum, value) => sum + value, 0),
      labels: table.label?.reduce((count, code) => count + (code < 0 ? 0 : 1), 0) ?? 0,
    };
  },
);
