import { confirmedPoison, provenance, sourceFiles } from './confirmed-poison.ts';
import { defineExport } from './export.ts';

/** JSON has no infinities; a score beyond all measure stands as text. */
const jsonScore = (value: number | null): number | string | null =>
  value === null || Number.isFinite(value) ? value : String(value);

/** The confirmed poison for machines: docs/schemas/poison-list.schema.json. */
export const poisonJson = defineExport({
  kind: 'poison-json',
  pieces: function* (input) {
    const poison = confirmedPoison(input);
    const head = {
      format: 'bezoar-poison-list',
      formatVersion: 1,
      ...provenance(input),
      evidence: sourceFiles(input),
    };
    yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "count": ${poison.length},\n  "samples": [\n`;
    for (const [at, { key, row, label, entry, rank, score, pValue, methods, scores }] of poison.entries())
      yield `    ${JSON.stringify({
        key,
        row,
        label,
        verdict: 'poison',
        who: entry.who,
        when: new Date(entry.atMs).toISOString(),
        why: entry.reason,
        rank,
        score: jsonScore(score),
        pValue,
        methods,
        scores: Object.fromEntries(scores.map((one) => [one.detector, jsonScore(one.score)])),
      })}${at + 1 < poison.length ? ',' : ''}\n`;
    yield '  ]\n}\n';
  },
});
