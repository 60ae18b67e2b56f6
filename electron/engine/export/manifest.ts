import { verdictByte } from '../../contract/samples.ts';
import { provenance, sourceFiles } from './confirmed-poison.ts';
import { defineExport } from './export.ts';

/** The sanitized dataset: which keys stay and which go. docs/schemas/manifest.schema.json. */
export const manifest = defineExport({
  kind: 'manifest',
  pieces: function* (input) {
    const { caseFile, dataset, scan } = input;
    const verdicts = caseFile.verdicts.bytes(dataset.id);
    const keys = caseFile.datasets.keys(dataset.id);
    const removed: string[] = [];
    const kept: string[] = [];
    const undecided: string[] = [];
    const unsure: string[] = [];
    let clean = 0;
    for (const [row, key] of keys.entries()) {
      const verdict = verdicts[row];
      if (verdict === verdictByte.poison) {
        removed.push(key);
        continue;
      }
      kept.push(key);
      if (verdict === verdictByte.clean) clean += 1;
      else if (verdict === verdictByte.unsure) unsure.push(key);
      else if (scan?.flagged[row]) undecided.push(key);
    }
    const head = {
      format: 'bezoar-manifest',
      formatVersion: 1,
      ...provenance(input),
      sources: sourceFiles(input),
      counts: {
        before: keys.length,
        after: kept.length,
        removed: removed.length,
        keptUndecided: undecided.length,
        keptUnsure: unsure.length,
        keptClean: clean,
      },
    };
    yield JSON.stringify(head, null, 2).slice(0, -2);
    for (const [name, list] of Object.entries({ removed, undecided, unsure, kept })) {
      yield `,\n  "${name}": [`;
      for (const [at, key] of list.entries()) yield `${at === 0 ? '' : ','}\n    ${JSON.stringify(key)}`;
      yield list.length > 0 ? '\n  ]' : ']';
    }
    yield '\n}\n';
  },
});
