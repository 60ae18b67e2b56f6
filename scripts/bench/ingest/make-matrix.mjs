import { closeSync, openSync, writeSync } from 'node:fs';
import { normalDraws } from '../seeded-draws.mjs';

const COLUMNS = 1024;
/** Drawn once and written over and over: what the values are costs no reader anything. */
const DRAWN_ROWS = 1024;

/**
 * Writes a .npy file of normal float32 values, `rows` x 1024.
 * @param {string} path
 * @param {number} rows
 */
export function makeMatrix(path, rows) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${COLUMNS}), }`;
  const preamble = Buffer.alloc(128, ' ');
  preamble.write('\x93NUMPY\x01\x00', 'latin1');
  preamble.writeUInt16LE(118, 8);
  preamble.write(header, 10, 'latin1');
  preamble.write('\n', 127);
  const draw = normalDraws(1);
  const drawn = Buffer.from(Float32Array.from({ length: DRAWN_ROWS * COLUMNS }, draw).buffer);
  const file = openSync(path, 'w');
  try {
    writeSync(file, preamble);
    for (let row = 0; row < rows; row += DRAWN_ROWS)
      writeSync(file, drawn, 0, 4 * COLUMNS * Math.min(DRAWN_ROWS, rows - row));
  } finally {
    closeSync(file);
  }
}
