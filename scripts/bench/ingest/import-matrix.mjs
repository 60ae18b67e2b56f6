import { runImport } from '../../../electron/engine/ingest/import-job.ts';
import { context, importIntoNewCase } from './new-case.mjs';

const [path = '', target = '', linkOver = ''] = process.argv.slice(2);

await importIntoNewCase(
  target,
  (caseFile) => {
    const arrays = [{ path, entry: null, role: /** @type {const} */ ('activations') }];
    const bound = linkOver === '' ? null : Number(linkOver);
    return runImport(caseFile, [{ role: 'investigated', records: null, arrays, linkOver: bound }], context);
  },
  (caseFile) => {
    const [evidence] = caseFile.evidence.list();
    return { sha256: evidence?.sha256, bytes: evidence?.size };
  },
);
