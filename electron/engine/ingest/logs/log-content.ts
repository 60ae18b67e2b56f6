import { BezoarError } from '../../../contract/errors.ts';
import type { OpenFile } from '../byte-source.ts';
import { unpacked, type Compression } from '../unpacked-source.ts';

const BLOCK = 1024 * 1024;
/** A file that swells by more than this, past the first megabytes, is no log. */
const MOST_RATIO = 200;
const UNQUESTIONED = 64 * 1024 * 1024;

/**
 * The bytes of a log in order, unpacked where it is packed; `file.position()` tells how far the file itself was read.
 * @throws BezoarError evidence/malformed where what it is packed with is damaged or breaks off, evidence/too-large
 */
export async function* logContent(
  file: OpenFile,
  compression: Compression | null,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (compression === null) {
    for (let offset = 0; offset < file.bytes; offset += BLOCK) yield file.readNow(offset, BLOCK);
    return;
  }
  let given = 0;
  for await (const block of unpacked(file, compression, Number.MAX_SAFE_INTEGER)) {
    given += block.length;
    if (given > UNQUESTIONED && given > MOST_RATIO * file.position())
      throw new BezoarError(
        'evidence/too-large',
        `${file.name} swells to more than ${MOST_RATIO} times its size when it is unpacked, as no log does. Nothing was imported. ` +
          'Unpack it yourself if it is meant to be so large, and give the unpacked file.',
      );
    yield block;
  }
}
