/** When the last frames began and how long their drawing took, oldest first, in milliseconds. */
export interface FrameTimes {
  /** Time of the animation frame. */
  readonly startMs: Float64Array;
  /** Time spent drawing in it, on this thread. */
  readonly drawMs: Float64Array;
}

/** Draws once per animation frame, and only after something asked for it. */
export interface FrameClock {
  /** Asks for a frame; any number of calls before it make one frame. */
  request(): void;
  /** Draws at once and drops the frame that was asked for. */
  drawNow(): void;
  times(): FrameTimes;
  clearTimes(): void;
  dispose(): void;
}

const KEPT_FRAMES = 240;

/** A clock around `draw`; the last 240 frames are kept. */
export function createFrameClock(draw: () => void): FrameClock {
  const startMs: number[] = [];
  const drawMs: number[] = [];
  let handle = 0;

  const run = (atMs: number): void => {
    handle = 0;
    const before = performance.now();
    draw();
    startMs.push(atMs);
    drawMs.push(performance.now() - before);
    if (startMs.length > KEPT_FRAMES) {
      startMs.shift();
      drawMs.shift();
    }
  };
  const cancel = (): void => {
    if (handle) cancelAnimationFrame(handle);
    handle = 0;
  };

  return {
    request() {
      if (!handle) handle = requestAnimationFrame(run);
    },
    drawNow() {
      cancel();
      run(performance.now());
    },
    times: () => ({ startMs: Float64Array.from(startMs), drawMs: Float64Array.from(drawMs) }),
    clearTimes() {
      startMs.length = 0;
      drawMs.length = 0;
    },
    dispose: cancel,
  };
}
