import type { ModelFile } from '../../contract/models.ts';
import type { ClassFinding, Fact } from '../../contract/scan.ts';
import { neutralised } from './csv-cells.ts';
import { defineExport, type ExportInput } from './export.ts';
import { html, type Html } from './report/html.ts';
import { mapFigures, thumbnailFigures } from './report/pictures.ts';
import { style } from './report/style.ts';

const MOST_VERDICTS = 500;

const count = (value: number): string => value.toLocaleString('en-US');
const time = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const short = (value: number | null): string =>
  value === null ? '' : Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)));

/** The hand-over report: one HTML file without script and without anything from elsewhere. */
export const report = defineExport({
  kind: 'report',
  pieces: function* (input) {
    const { caseFile, atMs, who, auditHead, auditCount, version } = input;
    yield html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
          />
          <meta name="viewport" content="width=device-width" />
          <title>${caseFile.name}: findings</title>
          <style>
            ${style}
          </style>
        </head>
        <body>
          <h1>${caseFile.name}</h1>
          <p class="quiet">Written by ${who} on ${time(atMs)} with Bezoar ${version}. Case ${caseFile.id}.</p>
          ${question(input)} ${evidence(input)} ${findings(input)}
        </body>
      </html>`.text;
    for (const picture of pictures(input)) yield picture.text;
    yield html`${verdicts(input)} ${parameters(input)}
          <h2>Audit</h2>
          <p>
            ${count(auditCount)} audit lines stood in the case when this report was written. Each line carries the hash of
            the one before it; the last one, the audit head, was
          </p>
          <p class="hash">${auditHead}</p>
        </body>
      </html> `.text;
  },
});

function question({ caseFile, dataset }: ExportInput): Html {
  const state = caseFile.state();
  const { poison, clean, unsure } = state.counts;
  return html`<h2>Question</h2>
    <p>${state.question === '' ? 'No question was written down for this case.' : state.question}</p>
    <p>
      ${count(dataset.rows)} samples were investigated: ${count(poison)} are confirmed as poison,
      ${count(clean)} judged clean, ${count(unsure)} marked unsure.
    </p>`;
}

function evidence({ caseFile }: ExportInput): Html {
  return html`<h2>Evidence</h2>
    <table>
      <thead>
        <tr>
          <th>File</th>
          <th>Is</th>
          <th class="number">Rows</th>
          <th class="number">Bytes</th>
          <th>SHA-256</th>
          <th>Imported</th>
        </tr>
      </thead>
      <tbody>
        ${caseFile.evidence.list().map(
          (one) =>
            html`<tr>
              <td>${neutralised(one.name)}</td>
              <td>
                ${one.dataset ?? 'production'}
                ${one.role}${one.superseded ? ', superseded' : ''}${one.builtIn === null ? '' : `: ${one.builtIn}`}
              </td>
              <td class="number">${count(one.rows)}</td>
              <td class="number">${count(one.size)}</td>
              <td class="hash">${one.sha256}</td>
              <td>${time(one.importedAtMs)}, ${neutralised(one.importedBy)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${models(caseFile.evidence.models())}`;
}

function models(files: readonly ModelFile[]): Html {
  if (files.length === 0) return html``;
  return html`<table>
    <thead>
      <tr>
        <th>Model</th>
        <th>What it says of itself</th>
        <th class="number">Bytes</th>
        <th>SHA-256</th>
        <th>Imported</th>
      </tr>
    </thead>
    <tbody>
      ${files.map(
        ({ name, size, sha256, model, importedAtMs, importedBy }) =>
          html`<tr>
            <td>${neutralised(name)}</td>
            <td>
              ${count(model.nodes)} nodes, ${count(model.parameters)} numbers in weights, by
              ${neutralised(model.producer === '' ? 'nobody named' : model.producer)}.
              ${neutralised(model.remarks.join(' '))}
            </td>
            <td class="number">${count(size)}</td>
            <td class="hash">${sha256}</td>
            <td>${time(importedAtMs)}, ${neutralised(importedBy)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const facts = (list: readonly Fact[]): string =>
  list
    .filter(({ value }) => value !== null)
    .map((fact) => `${fact.name}: ${measured(fact)}`)
    .join('; ');

function measured({ value, unit }: Fact): string {
  if (unit === 'share') return `${short((value ?? 0) * 100)} %`;
  return `${short(value)}${unit === '' ? '' : ` ${unit}`}`;
}

function knownInWords({ by, atMs, reason, overlap }: NonNullable<ClassFinding['known']>): string {
  const why = reason === '' ? '' : `: ${reason}`;
  return `Known: ${by} judged this structure natural on ${time(atMs)}${why} (${short(overlap * 100)} % of its samples in common).`;
}

const classes = (n: number): string => `${count(n)} ${n === 1 ? 'class' : 'classes'}`;

function findings({ scan }: ExportInput): Html {
  if (scan === null)
    return html`<h2>Findings</h2>
      <p>No scan is part of this report.</p>`;
  const { detail } = scan;
  const found = detail.classes.filter(({ decision }) => decision === 'alarm' || decision === 'structure');
  const quiet = detail.classes.filter((one) => !found.includes(one));
  const name = (one: ClassFinding): string => detail.classNames[one.classIndex] ?? '';
  return html`<h2>Findings</h2>
    <p>
      Scan ${detail.id} of ${time(detail.startedAtMs)} put forward ${count(detail.flagged)} of
      ${count(detail.rows)} samples; ${classes(detail.alarms.length)} with an alarm,
      ${count(detail.structures.length)} with a structure.
      ${detail.stale ? `It is stale: ${detail.staleReason ?? ''}` : ''}
    </p>
    ${detail.builtIn === null ? [] : html`<p><strong>It read ${detail.builtIn}.</strong></p>`}
    ${found.map(
      (one) =>
        html`<h3>
            <span class="${one.decision}">${one.decision === 'alarm' ? 'Alarm' : 'Structure'}</span>:
            ${name(one)}
          </h3>
          <p>${one.sentence}</p>
          ${one.known === null ? [] : html`<p>${knownInWords(one.known)}</p>`}
          ${one.shares === null ? [] : html`<p>What they share: ${neutralised(one.shares.sentence)}</p>`}
          <p class="lines">${one.certificate ?? 'No certificate: this is a ranking, not a test.'}</p>
          <p class="quiet">${facts(one.facts)}</p>`,
    )}
    <h3>Every class</h3>
    <table>
      <thead>
        <tr>
          <th>Class</th>
          <th class="number">Samples</th>
          <th>Decision</th>
          <th class="number">Put forward</th>
          <th class="number">p</th>
          <th>Smallest share beyond every trusted sample that would have been seen</th>
        </tr>
      </thead>
      <tbody>
        ${[...found, ...quiet].map(
          (one) =>
            html`<tr>
              <td>${neutralised(name(one))}</td>
              <td class="number">${count(one.n)}</td>
              <td>${one.decision}${one.ways.length > 0 ? ` (${one.ways.join(', ')})` : ''}</td>
              <td class="number">${count(one.flagged)}</td>
              <td class="number">${short(one.pValue)}</td>
              <td>
                ${one.epsilonMin === null ? 'unknown without trusted samples of this class' : `${short(one.epsilonMin * 100)} %`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    <h3>Limits</h3>
    <p>
      A class without an alarm is not proven clean: a smaller share of poison than the table names, or poison
      that does not lie beyond the trusted samples, may not be seen by these methods; poison that leaves the
      activations unchanged never is. A structure is a group that stands apart; whether it is poison was for
      the analyst to judge.
    </p>
    ${detail.notes.map((note) => html`<p>${note}</p>`)}`;
}

function* pictures(input: ExportInput): Generator<Html> {
  yield html`<h2>Pictures</h2>`;
  yield* mapFigures(input);
  const pairs = thumbnailFigures(input);
  if (pairs.length > 0)
    yield html`<p>Left: a confirmed or suspect sample. Right: an ordinary sample of the same label.</p>
      <div class="pairs">${pairs}</div>`;
  else yield html`<p>The case holds no images of confirmed or suspect samples.</p>`;
}

function verdicts({ caseFile, dataset }: ExportInput): Html {
  const decided = (['poison', 'unsure', 'clean'] as const).flatMap((verdict) =>
    caseFile.verdicts.decided(dataset.id, verdict).map(({ row, entry }) => ({ row, entry, verdict })),
  );
  const shown = decided.slice(0, MOST_VERDICTS);
  const samples = caseFile.datasets.samples(
    dataset.id,
    shown.map(({ row }) => row),
  );
  return html`<h2>Verdicts</h2>
    <p>
      ${count(decided.length)} samples have a
      verdict${decided.length > shown.length ? `; the first ${count(shown.length)} are listed, poison first` : ''}.
    </p>
    <table>
      <thead>
        <tr>
          <th>Key</th>
          <th class="number">Row</th>
          <th>Label</th>
          <th>Verdict</th>
          <th>Who</th>
          <th>When</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ row, entry, verdict }, at) =>
            html`<tr>
              <td>${neutralised(samples[at]?.key ?? '')}</td>
              <td class="number">${row}</td>
              <td>${neutralised(samples[at]?.label ?? '')}</td>
              <td>${verdict}</td>
              <td>${neutralised(entry.who)}</td>
              <td>${time(entry.atMs)}</td>
              <td>${neutralised(entry.reason)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function parameters({ scan, version }: ExportInput): Html {
  if (scan === null) return html``;
  const { detail } = scan;
  return html`<h2>Parameters</h2>
    <p>
      Seed ${detail.seed}, level ${String(detail.alpha)}, ${detail.withTrusted ? 'with' : 'without'} a trusted
      set. Engine ${detail.engine} ${detail.version}; this report by Bezoar ${version}.
    </p>
    <table>
      <thead>
        <tr>
          <th>Detector</th>
          <th class="number">Version</th>
          <th>Certificate</th>
          <th>Reference</th>
        </tr>
      </thead>
      <tbody>
        ${detail.detectorRuns.map(
          (one) =>
            html`<tr>
              <td>${one.title}</td>
              <td class="number">${one.version}</td>
              <td>${one.certificate}</td>
              <td>${one.reference}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <table>
      <thead>
        <tr>
          <th>Input of the scan</th>
          <th>SHA-256 of its values</th>
        </tr>
      </thead>
      <tbody>
        ${detail.inputs.map(
          (one) =>
            html`<tr>
              <td>${one.name}</td>
              <td class="hash">${one.sha256}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}
