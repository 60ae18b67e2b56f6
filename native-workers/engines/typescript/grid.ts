import { LINE_STEP, type ClusteringKernels } from '../clustering-kernels.ts';

export const addPlaces: ClusteringKernels['addPlaces'] = (
  points,
  dims,
  axis,
  low,
  perUnit,
  width,
  from,
  to,
  keys,
) => {
  if (to > keys.length || to * dims > points.length) throw new RangeError('There are fewer keys or points.');
  for (let i = from, at = from * dims + axis; i < to; i++, at += dims)
    keys[i] += width * Math.floor((points[at] - low) * perUnit);
};

export const countDigits: ClusteringKernels['countDigits'] = (keys, shift, from, to, ends) => {
  if (to > keys.length) throw new RangeError('There are fewer keys.');
  const mask = ends.length - 2;
  for (let i = from; i < to; i++) ends[((keys[i] >> shift) & mask) + 1]++;
};

export const scatterRows: ClusteringKernels['scatterRows'] = (keys, shift, rows, from, to, ends, sorted) => {
  if (to > rows.length) throw new RangeError('There are fewer rows.');
  const mask = ends.length - 2;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    sorted[ends[(keys[row] >> shift) & mask]++] = row;
  }
};

export const splitCells: ClusteringKernels['splitCells'] = (
  points,
  dims,
  rows,
  from,
  to,
  low,
  perUnit,
  xs,
  ys,
  zs,
  state,
  starts,
  first,
  lines,
  lineStarts,
) => {
  if (to > rows.length || to >= starts.length) throw new RangeError('There are fewer rows or cells.');
  let [cells, made] = state;
  for (let i = from; i < to; i++) {
    const at = rows[i] * dims;
    xs[i] = points[at];
    let line = 0;
    if (dims > 1) {
      ys[i] = points[at + 1];
      line = Math.floor((points[at + 1] - low[1]) * perUnit);
    }
    if (dims > 2) {
      zs[i] = points[at + 2];
      line += Math.floor((points[at + 2] - low[2]) * perUnit) * LINE_STEP;
    }
    const place = Math.floor((points[at] - low[0]) * perUnit);
    const newLine = made === 0 || line !== lines[made - 1];
    if (newLine) {
      lines[made] = line;
      lineStarts[made++] = cells;
    }
    if (!newLine && place === first[cells - 1]) continue;
    first[cells] = place;
    starts[cells++] = i;
  }
  state[0] = cells;
  state[1] = made;
};
