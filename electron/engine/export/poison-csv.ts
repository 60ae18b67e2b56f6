import { confirmedPoison, sourceFiles } from './confirmed-poison.ts';
import { csvLine, csvNumber, neutralised } from './csv-cells.ts';
import { defineExport } from './export.ts';

/** The confirmed poison for people and their spreadsheets. */
export const poisonCsv = defineExport({
  kind: 'poison-csv',
  pieces: function* (input) {
    const poison = confirmedPoison(input);
    const detectors = poison[0]?.scores.map(({ detector }) => detector) ?? [];
    const hashes = sourceFiles(input)
      .map(({ role, sha256 }) => `${role}=${sha256}`)
      .join(';');
    yield csvLine([
      'key',
      'row_index',
      'label',
      'verdict',
      'who',
      'when',
      'why',
      'rank',
      'score',
      'p_value',
      'methods',
      ...detectors.map((detector) => `score_${detector}`),
      'evidence_sha256',
    ]);
    for (const { key, row, label, entry, rank, score, pValue, methods, scores } of poison)
      yield csvLine([
        neutralised(key),
        String(row),
        neutralised(label),
        'poison',
        neutralised(entry.who),
        new Date(entry.atMs).toISOString(),
        neutralised(entry.reason),
        csvNumber(rank),
        csvNumber(score),
        csvNumber(pValue),
        methods.join(';'),
        ...scores.map((one) => csvNumber(one.score)),
        hashes,
      ]);
  },
});
