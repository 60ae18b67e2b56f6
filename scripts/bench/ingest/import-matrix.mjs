import { rmSync } from 'node:fs';
import { createCaseFile } from '../../../electron/engine/case/open-case-file.ts';
import { runImport } from '../../../electron/engine/ingest/import-job.ts';

const [path = '', target = '', linkOver = ''] = process.argv.slice(2);
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
  const arrays = [{ path, entry: null, role: /** @type {const} */ ('activations') }];
  await runImport(
    caseFile,
    [{ role: 'investigated', records: null, arrays, linkOver: linkOver === '' ? null : Number(linkOver) }],
    context,
  );
  const wall = (performance.now() - begun) / 1000;
  const used = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS * 1024;
  const [evidence] = caseFile.evidence.list();
  process.stdout.write(
    JSON.stringify({
      wall,
      cpu: (used.user + used.system) / 1e6,
      peak,
      facts: { sha256: evidence?.sha256, bytes: evidence?.size },
    }),
  );
} finally {
  caseFile.close();
  rmSync(target, { force: true });
}
