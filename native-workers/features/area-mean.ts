/**
 * An image at another size: each new pixel is the mean of the pixels that lie under it, those at its rim by the share that
 * does. Sums are whole numbers, so the bytes are the same on every machine. Where the size is already right, a copy.
 *
 * @param pixels uint8, shape (height, width, channels), at most 2^26 pixels
 * @param to rows and columns of the result, each at least 1; larger than the image, its pixels are stretched
 * @returns uint8, shape (to.height, to.width, channels)
 */
export function areaMean(
  pixels: Uint8Array,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
  to: { readonly height: number; readonly width: number },
): Uint8Array<ArrayBuffer> {
  if (to.height === height && to.width === width) return new Uint8Array(pixels);
  const rowLength = to.width * channels;
  const out = new Uint8Array(to.height * rowLength);
  const columns = coverOf(width, to.width);
  const rows = coverOf(height, to.height);
  const sums = new Float64Array(rowLength);
  const total = height * width;
  for (let y = 0; y < to.height; y += 1) {
    sums.fill(0);
    for (let at = rows.first[y]; at <= rows.last[y]; at += 1) {
      const share = rows.shares[y + at];
      const base = at * width * channels;
      for (let x = 0; x < to.width; x += 1)
        for (let from = columns.first[x]; from <= columns.last[x]; from += 1) {
          const weight = share * columns.shares[x + from];
          for (let c = 0; c < channels; c += 1)
            sums[x * channels + c] += weight * pixels[base + from * channels + c];
        }
    }
    // The sums are below 2^53; half is rounded up.
    for (let i = 0; i < rowLength; i += 1)
      out[y * rowLength + i] = Math.floor((2 * sums[i] + total) / (2 * total));
  }
  return out;
}

/**
 * Which of `size` old pixels lie under each of `target` new ones. Along the axis an old pixel is `target` units long and a
 * new one `size` units; `shares[i + at]` is how many of them old pixel `at` lends to new pixel i. The sum names the pair:
 * from one pair to the next either index goes up, or both do.
 */
function coverOf(size: number, target: number) {
  const first = new Int32Array(target);
  const last = new Int32Array(target);
  const shares = new Int32Array(size + target);
  for (let i = 0; i < target; i += 1) {
    first[i] = Math.floor((i * size) / target);
    last[i] = Math.ceil(((i + 1) * size) / target) - 1;
    for (let at = first[i]; at <= last[i]; at += 1)
      shares[i + at] = Math.min((i + 1) * size, (at + 1) * target) - Math.max(i * size, at * target);
  }
  return { first, last, shares };
}
