/** The marks a point can have. */
export const Shape = { dot: 0, cross: 1, hollow: 2 } as const;

/** What a pixel of a sprite is painted with; `half` blends with what lies beneath. */
export const Role = {
  none: 0,
  fill: 1,
  fillHalf: 2,
  flagged: 3,
  flaggedHalf: 4,
  selected: 5,
  selectedHalf: 6,
  ground: 7,
} as const;

/** One mark as pixels: `roles` is `side` x `side`, row-major from the top. */
export interface Sprite {
  readonly side: number;
  readonly roles: Uint8Array;
}

/** Every mark at one size; index = shape * 4 + (selected ? 2 : 0) + (flagged ? 1 : 0). */
export interface SpriteSet {
  readonly diameterDevice: number;
  readonly largestSide: number;
  readonly sprites: readonly Sprite[];
}

/** Number of sprites in a set. */
export const SPRITE_COUNT = 12;

const SUBSAMPLES = 8;

/**
 * Draws the marks once for a size. All sides have the parity of the diameter, so every mark of a point is
 * centred on the same pixel.
 *
 * @param diameterDevice of a plain dot, in device pixels, at least 1
 * @param lineDevice width of a ring, in device pixels, at least 1
 */
export function buildSprites(diameterDevice: number, lineDevice: number): SpriteSet {
  const sprites: Sprite[] = [];
  for (let index = 0; index < SPRITE_COUNT; index++) {
    sprites.push(buildSprite(index >> 2, index & 1, (index >> 1) & 1, diameterDevice, lineDevice));
  }
  return { diameterDevice, largestSide: Math.max(...sprites.map((s) => s.side)), sprites };
}

function buildSprite(
  shape: number,
  flagged: number,
  selected: number,
  diameter: number,
  line: number,
): Sprite {
  const body = shape === Shape.dot ? diameter : diameter + 2;
  let radius = body / 2;
  let side = body;
  let grown = 0;
  const bands: { inner: number; outer: number; role: number }[] = [];
  const ring = (role: number, gap: number, width: number): void => {
    radius += gap;
    bands.push({ inner: radius, outer: radius + width, role });
    radius += width;
    grown += gap + width;
  };
  // Around a dot of four pixels and more a thin ring drowns among its neighbours.
  if (flagged) ring(Role.flagged, line, diameter >= 4 * line ? 2 * line : line);
  if (selected) ring(Role.selected, flagged ? 0 : line, 2 * line);
  side += 2 * grown;
  const roles = new Uint8Array(side * side);
  const centre = side / 2;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      roles[row * side + column] = roleAt(column - centre, row - centre, shape, body, bands);
    }
  }
  return { side, roles };
}

/** Role of the pixel whose top left corner lies at (dx, dy) from the mark's centre. */
function roleAt(
  dx: number,
  dy: number,
  shape: number,
  body: number,
  bands: readonly { inner: number; outer: number; role: number }[],
): number {
  const covered = coverage(dx, dy, (x, y) => inShape(x, y, shape, body));
  if (covered >= 0.7) return Role.fill;
  let strongest = 0;
  let strongestRole: number = Role.none;
  for (const { inner, outer, role } of bands) {
    const share = coverage(dx, dy, (x, y) => x * x + y * y >= inner * inner && x * x + y * y < outer * outer);
    if (share > strongest) {
      strongest = share;
      strongestRole = role;
    }
  }
  if (strongest >= 0.6) return strongestRole;
  if (covered >= 0.3) return Role.fillHalf;
  if (strongest >= 0.3) return strongestRole + 1;
  const outermost = bands.at(-1);
  if (!outermost) return Role.none;
  const centreX = dx + 0.5;
  const centreY = dy + 0.5;
  return centreX * centreX + centreY * centreY < outermost.inner * outermost.inner ? Role.ground : Role.none;
}

function inShape(x: number, y: number, shape: number, body: number): boolean {
  const radius = body / 2;
  if (shape === Shape.cross) {
    const arm = Math.max(0.75, body / 8);
    const near = Math.min(Math.abs(x - y), Math.abs(x + y)) <= arm * Math.SQRT1_2 * 1.2;
    return near && Math.abs(x) <= radius && Math.abs(y) <= radius;
  }
  const squared = x * x + y * y;
  if (squared > radius * radius) return false;
  if (shape === Shape.dot) return true;
  const hole = radius - Math.max(1, body / 6);
  return squared >= hole * hole;
}

/** Share of a pixel that lies inside a figure. */
function coverage(left: number, top: number, inside: (x: number, y: number) => boolean): number {
  let hits = 0;
  for (let j = 0; j < SUBSAMPLES; j++) {
    for (let i = 0; i < SUBSAMPLES; i++) {
      if (inside(left + (i + 0.5) / SUBSAMPLES, top + (j + 0.5) / SUBSAMPLES)) hits++;
    }
  }
  return hits / (SUBSAMPLES * SUBSAMPLES);
}
