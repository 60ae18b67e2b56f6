/**
 * A binary frame of the serve host as the message it carries: uint32 little-endian length of the JSON, the JSON
 * without `data`, the bytes. Null when it is not one.
 */
export function messageOfFrame(frame: ArrayBuffer): unknown {
  if (frame.byteLength < 4) return null;
  const jsonLength = new DataView(frame).getUint32(0, true);
  if (jsonLength > frame.byteLength - 4) return null;
  try {
    const head: unknown = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, jsonLength)));
    if (typeof head !== 'object' || head === null) return null;
    return { ...head, data: new Uint8Array(frame, 4 + jsonLength) };
  } catch {
    return null;
  }
}
