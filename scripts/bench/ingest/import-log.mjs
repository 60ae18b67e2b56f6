import { rmSync } from 'node:fs';
import { FileToken } from '../../../electron/contract/case.ts';
import { createCaseFile } from '../../../electron/engine/case/open-case-file.ts';
import { importLog } from '../../../electron/engine/ingest/logs/log-import.ts';
import { proposeLog } from '../../../electron/engine/ingest/logs/propose-log.ts';

const [path = '', target = ''] = process.argv.slice(2);
const context = {
  id: '',
  phase: () => undefined,
  progress: () => undefined,
  cancelFlag: new Int32Array(new SharedArrayBuffer(4)),
  cancelled: () => false,
  onCancel: () => undefined,
};

rmSync(target, { force: true });
const caseFile = createCaseFile(target, { proposedActor: 'bench' });
try {
  const begun = performance.now();
  const cpu = process.cpuUsage();
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
  const log = await importLog(caseFile, plan, context, 2);
  const wall = (performance.now() - begun) / 1000;
  const used = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS * 1024;
  const { table } = await caseFile.logs.load([log]);
  const { values = new Float64Array(0) } = table.numeric.find(({ role }) => role === 'confidence') ?? {};
  process.stdout.write(
    JSON.stringify({
      wall,
      cpu: (used.user + used.system) / 1e6,
      peak,
      facts: {
        rows: table.rows,
        columns: caseFile.logs.get(log).columns.length,
        classes: table.classes.length,
        confidence: values.reduce((sum, value) => sum + value, 0),
        labels: table.label?.reduce((count, code) => count + (code < 0 ? 0 : 1), 0) ?? 0,
      },
    }),
  );
} finally {
  caseFile.close();
  rmSync(target, { force: true });
}
