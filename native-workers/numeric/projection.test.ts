import fc from 'fast-check';
import { expect, it } from 'vitest';
import { project, projectOnto, squaredLengths } from './projection.ts';

const check = (): void => undefined;

it('equals plain dot products for any shape, centre and choice of rows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (n, d, k, centred) => {
        const matrix = {
          data: Float32Array.from({ length: (n + 3) * d }, (_, i) => Math.sin(i * 3.7)),
          rows: n + 3,
          cols: d,
        };
        const rows = Int32Array.from({ length: n }, (_, i) => n + 2 - i);
        const axes = {
          count: k,
          cols: d,
          data: Float64Array.from({ length: k * d }, (_, i) => Math.cos(i * 1.3)),
        };
        const centre = centred ? Float64Array.from({ length: d }, (_, j) => j / 3) : null;
        const out = project(matrix, rows, centre, axes, check);
        const lengths = squaredLengths(matrix, rows, centre ?? new Float64Array(d), axes, check);
        for (let r = 0; r < n; r++) {
          let squares = 0;
          for (let a = 0; a < k; a++) {
            let sum = 0;
            for (let j = 0; j < d; j++)
              sum += (matrix.data[rows[r] * d + j] - (centre?.[j] ?? 0)) * axes.data[a * d + j];
            expect(out[r * k + a]).toBeCloseTo(sum, 12);
            squares += sum * sum;
          }
          expect(lengths[r]).toBeCloseTo(squares, 10);
        }
        const first = projectOnto(matrix, rows, centre ?? new Float64Array(d), axes.data.slice(0, d), check);
        first.forEach((value, r) => {
          expect(value).toBeCloseTo(out[r * k], 12);
        });
      },
    ),
    { numRuns: 60 },
  );
});
