/** Draws once per animation frame, and only after something asked for it. */
export interface FrameClock {
  /** Asks for a frame; any number of calls before it make one frame. */
  request(): void;
  /** Draws at once and drops the frame that was asked for. */
  drawNow(): void;
  dispose(): void;
}

/** A clock around `draw`. */
export function createFrameClock(draw: () => void): FrameClock {
  let handle = 0;
  const run = (): void => {
    handle = 0;
    draw();
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
      draw();
    },
    dispose: cancel,
  };
}
