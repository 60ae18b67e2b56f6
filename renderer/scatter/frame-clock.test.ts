import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFrameClock } from './frame-clock.ts';

const waiting = new Map<number, FrameRequestCallback>();

/** Lets one animation frame pass. */
function nextFrame(): void {
  const callbacks = [...waiting.values()];
  waiting.clear();
  for (const callback of callbacks) callback(0);
}

beforeEach(() => {
  let handles = 0;
  waiting.clear();
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => {
    waiting.set(++handles, callback);
    return handles;
  });
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => waiting.delete(handle));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('createFrameClock', () => {
  it('draws nothing that nobody asked for', () => {
    const draw = vi.fn();
    createFrameClock(draw);
    nextFrame();
    expect(draw).not.toHaveBeenCalled();
  });

  it('makes one frame of any number of requests, and another one for the next', () => {
    const draw = vi.fn();
    const clock = createFrameClock(draw);
    clock.request();
    clock.request();
    expect(draw).not.toHaveBeenCalled();
    nextFrame();
    expect(draw).toHaveBeenCalledTimes(1);
    nextFrame();
    expect(draw).toHaveBeenCalledTimes(1);
    clock.request();
    nextFrame();
    expect(draw).toHaveBeenCalledTimes(2);
  });

  it('keeps a request made while it draws for the next frame', () => {
    const draw = vi.fn(() => {
      if (draw.mock.calls.length === 1) clock.request();
    });
    const clock = createFrameClock(draw);
    clock.request();
    nextFrame();
    expect(draw).toHaveBeenCalledTimes(1);
    nextFrame();
    expect(draw).toHaveBeenCalledTimes(2);
  });

  it('drops the frame that waits when it draws at once', () => {
    const draw = vi.fn();
    const clock = createFrameClock(draw);
    clock.request();
    clock.drawNow();
    expect(draw).toHaveBeenCalledTimes(1);
    nextFrame();
    expect(draw).toHaveBeenCalledTimes(1);
  });

  it('draws no more once it is disposed of', () => {
    const draw = vi.fn();
    const clock = createFrameClock(draw);
    clock.request();
    clock.dispose();
    nextFrame();
    expect(draw).not.toHaveBeenCalled();
  });
});
