import { SPRITE_SHIFT } from './draw-list.ts';
import type { PointRenderer } from './point-renderer.ts';
import { FLAGGED_COLOUR, GROUND_COLOUR, SELECTED_COLOUR } from './point-renderer.ts';
import { Role, SPRITE_COUNT } from './sprites.ts';

// Sprites are read texel by texel at whole device pixels, so the picture is the raster's, pixel for pixel.
const VERTEX_SHADER = `#version 300 es
layout(location = 0) in float x;
layout(location = 1) in float y;
layout(location = 2) in uint style;
uniform float scale;
uniform vec2 origin;
uniform vec2 paddedSize;
uniform float margin;
uniform float diameter;
uniform float sides[${SPRITE_COUNT}];
flat out uint mark;
flat out float side;
void main() {
  vec2 centre = origin + vec2(x, -y) * scale;
  vec2 snapped = floor(centre - diameter * 0.5 + 0.5) + diameter * 0.5 + margin;
  gl_Position = vec4(snapped.x / paddedSize.x * 2.0 - 1.0, 1.0 - snapped.y / paddedSize.y * 2.0, 0.0, 1.0);
  mark = style;
  side = sides[style >> ${SPRITE_SHIFT}u];
  gl_PointSize = side;
}`;

const FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
flat in uint mark;
flat in float side;
uniform usampler2D sprites;
uniform sampler2D colours;
uniform int largestSide;
out vec4 colour;
vec3 tableColour(uint index) {
  return texelFetch(colours, ivec2(index & 255u, index >> 8u), 0).rgb;
}
void main() {
  ivec2 at = ivec2(floor(gl_PointCoord * side));
  uint role = texelFetch(sprites, ivec2(at.x, int(mark >> ${SPRITE_SHIFT}u) * largestSide + at.y), 0).r;
  if (role == ${Role.none}u) discard;
  uint dimmed = (mark >> 8u) & 1u;
  uint index = role <= ${Role.fillHalf}u ? mark & 511u
    : role <= ${Role.flaggedHalf}u ? ${FLAGGED_COLOUR}u + dimmed
    : role <= ${Role.selectedHalf}u ? ${SELECTED_COLOUR}u : ${GROUND_COLOUR}u;
  bool half_ = role == ${Role.fillHalf}u || role == ${Role.flaggedHalf}u || role == ${Role.selectedHalf}u;
  float alpha = half_ ? 0.5 : 1.0;
  colour = vec4(tableColour(index) * alpha, alpha);
}`;

/**
 * Draws the points with WebGL2.
 *
 * @returns null when the canvas gives no working WebGL2 context or the program does not link
 */
export function createWebgl2Renderer(canvas: HTMLCanvasElement): PointRenderer | null {
  const gl = canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    depth: false,
    premultipliedAlpha: true,
  });
  if (!gl || gl.isContextLost()) return null;
  const program = linkProgram(gl);
  if (!program) return null;

  const vertexArray = gl.createVertexArray();
  const buffers = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  const spriteTexture = gl.createTexture();
  const colourTexture = gl.createTexture();
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const at = {
    scale: uniform('scale'),
    origin: uniform('origin'),
    paddedSize: uniform('paddedSize'),
    margin: uniform('margin'),
    diameter: uniform('diameter'),
    sides: uniform('sides'),
    largestSide: uniform('largestSide'),
  };
  let count = 0;
  let margin = 0;

  gl.useProgram(program);
  gl.uniform1i(uniform('sprites'), 0);
  gl.uniform1i(uniform('colours'), 1);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.clearColor(0, 0, 0, 0);
  gl.bindVertexArray(vertexArray);

  return {
    kind: 'webgl2',
    canvas,
    setList(list) {
      count = list.count;
      [list.x, list.y, list.style].forEach((values, location) => {
        gl.bindBuffer(gl.ARRAY_BUFFER, buffers[location]);
        gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
        gl.enableVertexAttribArray(location);
        if (values instanceof Uint16Array) {
          gl.vertexAttribIPointer(location, 1, gl.UNSIGNED_SHORT, 0, 0);
        } else gl.vertexAttribPointer(location, 1, gl.FLOAT, false, 0, 0);
      });
    },
    setSprites(set) {
      const cell = set.largestSide;
      margin = cell;
      const atlas = new Uint8Array(cell * cell * SPRITE_COUNT);
      set.sprites.forEach(({ side, roles }, index) => {
        for (let row = 0; row < side; row++) {
          atlas.set(roles.subarray(row * side, (row + 1) * side), (index * cell + row) * cell);
        }
      });
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, spriteTexture);
      gl.texImage2D(
        gl.TEXTURE_2D,
        0,
        gl.R8UI,
        cell,
        cell * SPRITE_COUNT,
        0,
        gl.RED_INTEGER,
        gl.UNSIGNED_BYTE,
        atlas,
      );
      readTexels(gl);
      gl.uniform1f(at.diameter, set.diameterDevice);
      gl.uniform1i(at.largestSide, cell);
      gl.uniform1fv(
        at.sides,
        set.sprites.map((sprite) => sprite.side),
      );
    },
    setColours(colours) {
      const bytes = new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength);
      gl.activeTexture(gl.TEXTURE1);
      gl.bindTexture(gl.TEXTURE_2D, colourTexture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 3, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
      readTexels(gl);
    },
    draw({ widthDevice, heightDevice, scaleDevice, originXDevice, originYDevice }) {
      if (canvas.width !== widthDevice) canvas.width = widthDevice;
      if (canvas.height !== heightDevice) canvas.height = heightDevice;
      // Points whose centre lies outside the viewport are dropped whole: the viewport has the margin too.
      const paddedWidth = widthDevice + 2 * margin;
      const paddedHeight = heightDevice + 2 * margin;
      gl.viewport(-margin, -margin, paddedWidth, paddedHeight);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform1f(at.scale, scaleDevice);
      gl.uniform2f(at.origin, originXDevice, originYDevice);
      gl.uniform2f(at.paddedSize, paddedWidth, paddedHeight);
      gl.uniform1f(at.margin, margin);
      gl.drawArrays(gl.POINTS, 0, count);
    },
    dispose() {
      for (const buffer of buffers) gl.deleteBuffer(buffer);
      gl.deleteTexture(spriteTexture);
      gl.deleteTexture(colourTexture);
      gl.deleteVertexArray(vertexArray);
      gl.deleteProgram(program);
      gl.getExtension('WEBGL_lose_context')?.loseContext();
      canvas.width = 0;
      canvas.height = 0;
    },
  };
}

/** Name of the graphics device behind WebGL2, or null when there is no working context. */
export function webgl2DeviceName(): string | null {
  const canvas = document.createElement('canvas');
  const gl = canvas.getContext('webgl2');
  if (!gl || gl.isContextLost()) return null;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' ? name : '';
}

function linkProgram(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

/** Texels are fetched by whole coordinates: no filter, no mipmaps. */
function readTexels(gl: WebGL2RenderingContext): void {
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
}
