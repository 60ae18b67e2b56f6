import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, npyBytes } from '../fixtures/npy-bytes.ts';
import { plantedSet } from '../fixtures/planted-case.ts';

const SIDE = 12;

function pictures(labels: readonly string[], classes: readonly string[]): Uint8Array {
  const pixels = new Uint8Array(labels.length * SIDE * SIDE);
  labels.forEach((label, row) => {
    for (let at = 0; at < SIDE * SIDE; at++) {
      const bright = (Math.floor(at / SIDE) + classes.indexOf(label)) % 4 === 0 ? 160 : 30;
      pixels[row * SIDE * SIDE + at] = bright + ((row * 31 + at * 17) % 60);
    }
  });
  return pixels;
}

function recordsOf(set: ReturnType<typeof plantedSet>): string {
  const lines = set.keys.map((key, row) => {
    const confidence = (0.9 + (row % 97) / 1000).toFixed(3);
    return `${key},${set.labels[row]},${set.predicted?.[row] ?? ''},${confidence},${(row % 13) / 100}`;
  });
  return `${['key,label,predicted,confidence,loss_final', ...lines].join('\n')}\n`;
}

/** A small incident with 40 planted samples in one class of 1,200, under the names of the sample incident. */
export async function writePlantedIncident(folder: string): Promise<string[]> {
  const investigated = plantedSet({ rows: 1200, planted: 40, seed: 1 });
  const trusted = plantedSet({ rows: 800, planted: 0, role: 'trusted', seed: 2 });
  const classes = [...new Set(investigated.labels)];
  const [activations] = investigated.arrays;
  const [trustedActivations] = trusted.arrays;
  const images = pictures(investigated.labels, classes);
  const files: [string, Uint8Array | string][] = [
    ['activations.npy', npyBytes('<f4', activations.shape, activations.bytes)],
    ['images.npy', npyBytes('|u1', [investigated.labels.length, SIDE, SIDE], bytesOf(images))],
    ['records.csv', recordsOf(investigated)],
    ['trusted-activations.npy', npyBytes('<f4', trustedActivations.shape, trustedActivations.bytes)],
    ['trusted-records.csv', recordsOf(trusted)],
  ];
  await Promise.all(files.map(([name, content]) => writeFile(join(folder, name), content)));
  return files.map(([name]) => join(folder, name));
}
