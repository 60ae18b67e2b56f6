import type { MatrixInfo } from '../../../contract/evidence.ts';
import { verdictByte } from '../../../contract/samples.ts';
import { mapInfo } from '../../maps/map-run.ts';
import { runArray } from '../../run-arrays.ts';
import type { ExportInput } from '../export.ts';
import { html, type Html } from './html.ts';
import { mapPicture } from './map-picture.ts';
import { encodePng, pngUrl } from './png.ts';

const MOST_THUMBNAILS = 24;
/** Longer sides are thinned to about this many pixels. */
const THUMBNAIL_SIDE = 96;

/** The PCA map of the whole set and of each class with an alarm, as far as they were drawn. */
export function* mapFigures({ caseFile, dataset, scan }: ExportInput): Generator<Html> {
  const verdicts = caseFile.verdicts.bytes(dataset.id);
  const maps = caseFile.runs
    .list('map')
    .map((run) => mapInfo(caseFile, run))
    .filter((map) => map.kind === 'pca' && !map.stale);
  const alarms = scan?.detail.alarms ?? [];
  const wanted = [
    maps.findLast((map) => map.scopeKind === 'all'),
    ...alarms.map((alarm) => maps.findLast((map) => map.scopeKind === 'class' && map.classIndex === alarm)),
  ];
  for (const map of wanted) {
    if (map === undefined) continue;
    const rows = runArray(caseFile, map.id, 'rows', 'int32');
    const coordinates = runArray(caseFile, map.id, 'coordinates', 'float32');
    if (rows === null || coordinates === null) continue;
    const picture = pngUrl(mapPicture(rows, coordinates, scan?.flagged ?? null, verdicts));
    yield html`<figure>
      <img class="map" src="${picture}" alt="Map of ${map.scopeName}" />
      <figcaption>
        ${map.scopeName}: ${map.shown.toLocaleString('en-US')} of ${map.total.toLocaleString('en-US')} samples
        by ${map.axes[0]} and ${map.axes[1]}. Grey dots: ordinary. Hollow amber squares: suspects without a
        verdict. Filled red squares: confirmed poison.
      </figcaption>
    </figure>`;
  }
}

/** Up to 24 confirmed or suspect samples, each beside an ordinary one of its label. */
export function thumbnailFigures({ caseFile, dataset, scan }: ExportInput): Html[] {
  const images = caseFile.matrices.find(dataset.id, 'images');
  if (images === null) return [];
  const verdicts = caseFile.verdicts.bytes(dataset.id);
  const rank = (row: number): number => scan?.rank[row] ?? row;
  const confirmed: number[] = [];
  const suspects: number[] = [];
  const ordinary = new Map<number, number[]>();
  const labels = caseFile.datasets.labels(dataset.id);
  for (const [row, verdict] of verdicts.entries()) {
    if (verdict === verdictByte.poison) confirmed.push(row);
    else if (scan?.flagged[row] && verdict === 0) suspects.push(row);
    else {
      const label = labels[row] ?? -1;
      const list = ordinary.get(label);
      if (list === undefined) ordinary.set(label, [row]);
      else list.push(row);
    }
  }
  const byRank = (a: number, b: number): number => rank(a) - rank(b);
  const shown = [...confirmed.sort(byRank), ...suspects.sort(byRank)].slice(0, MOST_THUMBNAILS);
  const taken = new Map<number, number>();
  return shown.map((row) => {
    const label = labels[row] ?? -1;
    const others = ordinary.get(label) ?? [];
    const turn = taken.get(label) ?? 0;
    taken.set(label, turn + 1);
    // Spread over the class, so that the ordinary samples are not all from one end of the file.
    const other = others[Math.floor((turn / MOST_THUMBNAILS) * others.length)];
    const [sample] = caseFile.datasets.samples(dataset.id, [row]);
    const state = verdicts[row] === verdictByte.poison ? 'confirmed poison' : 'suspect';
    return html`<figure class="pair">
      ${thumbnail(caseFile.matrices, images, row)}
      ${other === undefined ? null : thumbnail(caseFile.matrices, images, other)}
      <figcaption>${sample?.key ?? ''}<br />${sample?.label ?? ''}, ${state}</figcaption>
    </figure>`;
  });
}

function thumbnail(matrices: ExportInput['caseFile']['matrices'], images: MatrixInfo, row: number): Html {
  const { shape, data } = matrices.imageRows(images, [row]);
  const [, height = 1, width = 1, channels = 1] = shape;
  const step = Math.max(1, Math.ceil(Math.max(height, width) / THUMBNAIL_SIDE));
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const pixels = new Uint8Array(across * down * channels);
  for (let y = 0; y < down; y += 1)
    for (let x = 0; x < across; x += 1) {
      const from = (y * step * width + x * step) * channels;
      pixels.set(data.subarray(from, from + channels), (y * across + x) * channels);
    }
  const picture = encodePng(across, down, channels === 3 ? 3 : 1, pixels);
  return html`<img class="thumbnail" src="${pngUrl(picture)}" alt="Image of row ${row}" />`;
}
