const Z_95 = 1.959963984540054;

/**
 * The 95 % interval of a share (Wilson 1927); whole numbers are not needed, so counts can be divided by their dispersion.
 *
 * @returns [0, 1] where nothing was counted
 */
export function wilsonInterval(count: number, of: number): [lower: number, upper: number] {
  if (of <= 0) return [0, 1];
  const share = count / of;
  const z2 = Z_95 ** 2 / of;
  const centre = (share + z2 / 2) / (1 + z2);
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of))) / (1 + z2);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
