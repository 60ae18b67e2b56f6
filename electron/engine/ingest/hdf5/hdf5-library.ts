import type { Module as TheModule } from 'h5wasm';
import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';

const NAME = 'evidence.h5';

/** An HDF5 file in an instance of the library that knows no other file: what it links to is not there. */
export interface Hdf5File {
  /** Names in a group, in the order of the file. */
  names(group: string): string[];
  kind(path: string): 'group' | 'dataset' | 'other';
  /** What a link says that it leads to; null of what is no link. It is not followed. */
  link(path: string): string | null;
  /** Byte of the object's header, relative to the file's base address: two paths to one object give one number. */
  address(path: string): number;
  dataset(path: string): {
    readonly shape: readonly number[] | null;
    readonly chunks: readonly number[] | null;
    readonly filters: readonly { readonly id: number; readonly name: string }[];
    /** Whether its values are those of other files. */
    readonly virtual: boolean;
    /** Names of an enumeration's values. */
    readonly names: Readonly<Record<string, number>> | null;
  };
  /** Values of some rows as they stand in the file, in its byte order. */
  read(
    path: string,
    firstRow: number,
    rows: number,
    shape: readonly number[],
    width: number,
  ): Uint8Array<ArrayBuffer>;
  close(): void;
}

interface FileNode {
  usedBytes: number;
  stream_ops: Record<string, unknown>;
}

interface Library extends Omit<typeof TheModule, 'FS' | 'HEAPU8'> {
  FS: {
    createFile(parent: string, name: string, properties: object, read: boolean, write: boolean): FileNode;
  };
  HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

type Factory = (options: object) => Promise<Library>;

/** A library of its own for each file: what a hostile file did to one, no other file is read with. */
async function freshLibrary(): Promise<Library> {
  // The package exports one instance; the module beside it makes as many as are wanted.
  const url = new URL('./hdf5_util.js', import.meta.resolve('h5wasm'));
  const { default: factory } = (await import(url.href)) as { default: Factory };
  const silent = (): void => undefined;
  const library = await factory({ noInitialRun: true, print: silent, printErr: silent });
  library.activate_throwing_error_handler();
  return library;
}

/** What the library complains of, in its innermost words. */
function complaint(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const reasons = [...text.matchAll(/in \w+\(\): (.*)$/gm)].map(([, reason]) => reason);
  return reasons.at(-1) ?? text.split('\n')[0] ?? 'no reason given';
}

/** Opens a file for reading. @throws BezoarError evidence/malformed */
export async function openHdf5(source: FileSource): Promise<Hdf5File> {
  const library = await freshLibrary();
  const node = library.FS.createFile('/', NAME, {}, true, false);
  node.usedBytes = source.bytes;
  node.stream_ops = {
    ...node.stream_ops,
    read: (
      _stream: unknown,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ): number => {
      const bytes = source.readNow(position, length);
      buffer.set(bytes, offset);
      return bytes.length;
    },
    write: (): number => {
      throw new Error('the file is only read');
    },
  };
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof BezoarError) throw error;
      throw new BezoarError(
        'evidence/malformed',
        `${source.name} cannot be read as HDF5: ${complaint(error)}. Nothing was imported. The file was cut off or is damaged; write it again.`,
      );
    }
  };
  const file = guarded(() => library.open(`/${NAME}`, library.H5F_ACC_RDONLY, false, -1, -1));
  return {
    names: (group) => guarded(() => library.get_names(file, group, false)),
    kind: (path) =>
      guarded(() => {
        const type = library.get_type(file, path);
        if (type === library.H5G_GROUP) return 'group';
        return type === library.H5G_DATASET ? 'dataset' : 'other';
      }),
    link: (path) =>
      guarded(() => {
        const soft = library.get_symbolic_link(file, path) as string | null;
        if (soft !== null) return soft;
        const { filename } = library.get_external_link(file, path) as { filename?: string };
        return filename ?? null;
      }),
    address: (path) =>
      guarded(() => {
        const reference = library.create_object_reference(file, path);
        return Number(new DataView(Uint8Array.from(reference).buffer).getBigUint64(0, true));
      }),
    dataset: (path) =>
      guarded(() => {
        const { shape, chunks, virtual_sources, enum_type } = library.get_dataset_metadata(file, path);
        const filters = library.get_dataset_filters(file, path);
        return {
          shape,
          chunks,
          filters: filters.map(({ id, name }) => ({ id, name })),
          virtual: virtual_sources !== undefined,
          names: enum_type?.members ?? null,
        };
      }),
    read: (path, firstRow, rows, shape, width) =>
      guarded(() => {
        const bytes = shape.slice(1).reduce((product, length) => product * length, rows * width);
        const pointer = library._malloc(bytes);
        if (pointer === 0) throw new Error(`there is no room for ${bytes} bytes`);
        try {
          const count = [rows, ...shape.slice(1)].map(BigInt);
          const offset = shape.map((_, axis) => (axis === 0 ? BigInt(firstRow) : 0n));
          const steps = shape.map(() => 1n);
          const status = library.get_dataset_data(file, path, count, offset, steps, BigInt(pointer));
          if (status < 0) throw new Error(`the library gave ${status}`);
          return library.HEAPU8.slice(pointer, pointer + bytes);
        } finally {
          library._free(pointer);
        }
      }),
    close: () => {
      try {
        library.close_file(file);
      } catch {
        // The instance is dropped as a whole.
      }
    },
  };
}
