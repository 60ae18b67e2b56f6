import { BezoarError } from '../../contract/errors.ts';
import { csvLine, csvNumber } from './csv-cells.ts';
import { defineExport } from './export.ts';
import { methodNames } from './method-names.ts';

const grades = ['', 'alarm', 'structure'] as const;

/** Every sample in rank order, for machines: keys stand as they are. The command line writes the same file. */
export const suspectsCsv = defineExport({
  kind: 'suspects-csv',
  pieces: function* ({ caseFile, dataset, scan }) {
    if (scan === null)
      throw new BezoarError(
        'export/nothing',
        'Suspects come from a scan, and none was chosen. Nothing was written. Run a scan first.',
      );
    const keys = caseFile.datasets.keys(dataset.id);
    const labels = caseFile.datasets.labels(dataset.id);
    const rank = scan.rank;
    const order = Int32Array.from(keys.keys()).sort((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0) || a - b);
    yield 'key,row_index,label,flagged,rank,score,p_value,methods,grade\r\n';
    for (const row of order)
      yield csvLine([
        keys[row] ?? '',
        String(row),
        dataset.classes[labels[row] ?? -1] ?? '',
        scan.flagged[row] ? '1' : '0',
        String(rank[row] ?? 0),
        csvNumber(scan.score[row]),
        csvNumber(scan.pValue[row]),
        methodNames(scan, row).join(';'),
        grades[scan.grade[row] ?? 0] ?? '',
      ]);
  },
});
