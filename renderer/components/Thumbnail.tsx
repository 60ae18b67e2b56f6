import { useEffect, useRef } from 'react';
import type { Picture } from '../state/pictures.ts';
import './thumbnail.css';

function paint(canvas: HTMLCanvasElement, { width, height, channels, pixels }: Picture): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    image.data[4 * i] = pixels[at];
    image.data[4 * i + 1] = pixels[channels === 3 ? at + 1 : at];
    image.data[4 * i + 2] = pixels[channels === 3 ? at + 2 : at];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** One image of the set inside a square of `size` CSS pixels; small ones are magnified with crisp pixels. */
export function Thumbnail(props: {
  readonly picture: Picture | undefined;
  readonly size: number;
  /** What a screen reader says; empty where the text beside it says it. */
  readonly name: string;
}) {
  const { picture, size, name } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current && picture) paint(canvas.current, picture);
  }, [picture]);
  const scale = picture ? size / Math.max(picture.width, picture.height) : 1;
  return (
    <span className="bz-thumbnail" style={{ width: size, height: size }}>
      {picture ? (
        <canvas
          ref={canvas}
          role="img"
          aria-label={name}
          aria-hidden={name === '' ? true : undefined}
          className={scale >= 1 ? 'bz-thumbnail-crisp' : undefined}
          style={{ width: picture.width * scale, height: picture.height * scale }}
        />
      ) : null}
    </span>
  );
}
