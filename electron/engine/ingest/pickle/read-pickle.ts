import type { FileSource } from '../byte-source.ts';
import { createCursor, PickleFault, type Cursor } from './pickle-cursor.ts';
import { isNode, type Call, type Global, type PickleValue, type Sequence } from './pickle-value.ts';

export interface Pickle {
  /** What STOP gave; undefined where the pickle is broken. */
  readonly value: PickleValue | undefined;
  /** Byte after STOP, or where reading ended. */
  readonly end: number;
  readonly globals: readonly Global[];
  readonly calls: readonly Call[];
  readonly extensions: readonly { readonly code: number; readonly offset: number }[];
  /** What it says of things that lie beside it. */
  readonly persistent: readonly { readonly id: PickleValue }[];
  /** The first rule that it breaks; bytes that are no opcode end the reading. */
  readonly fault: { readonly offset: number; readonly reason: string } | null;
}

const MOST_OPCODES = 10_000_000;
const MOST_MEMO = 1_000_000;
const MOST_STACK = 1_000_000;
const MOST_DEPTH = 500;

/** On the stack, between the values. */
const MARK = Symbol('mark');
type Slot = PickleValue | typeof MARK;

/** Longer whole numbers than this are not numbers of an array or of a version. */
const MOST_NUMBER_BYTES = 1024;

function wholeNumber(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0);
  return asNumber(BigInt.asIntN(8 * bytes.length, value));
}

const asNumber = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;

function writtenNumber(text: string): number | bigint {
  const plain = text.replace(/L$/, '');
  if (!/^[+-]?\d{1,2400}$/.test(plain))
    throw new PickleFault(`${JSON.stringify(text.slice(0, 40))} is no whole number`);
  return asNumber(BigInt(plain));
}

/** Text as protocol 0 writes it: Latin-1, with the rest as \uXXXX and \UXXXXXXXX. */
const unescaped = (text: string): string =>
  text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short?: string, long?: string) => {
    const code = parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  "'": "'",
  '"': '"',
  '\\': '\\',
};

/** Bytes of Python 2 as protocol 0 writes them: in quotation marks, with escapes. */
const unquoted = (text: string): string =>
  text
    .replace(/^(['"])(.*)\1$/s, '$2')
    .replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (whole, hex?: string, one?: string) =>
      hex === undefined ? (escapes[one ?? ''] ?? whole) : String.fromCharCode(parseInt(hex, 16)),
    );

const textPath = (module: PickleValue, name: PickleValue): string =>
  `${typeof module === 'string' ? module : '(a computed module)'}.${typeof name === 'string' ? name : '(a computed name)'}`;

/**
 * Reads one pickle (protocols 0 to 5) to its STOP without running anything: every name and every call is only written
 * down. It never throws for what the bytes are. The first fault is told of, and leaves no value.
 */
export function readPickle(source: FileSource, start: number): Pickle {
  const cursor = createCursor(source, start);
  const machine = createMachine(cursor);
  let value: PickleValue | undefined;
  try {
    value = machine.run();
  } catch (error) {
    if (!(error instanceof PickleFault)) throw error;
    machine.breach(error.message);
  }
  const { globals, calls, extensions, persistent } = machine;
  const fault = machine.fault();
  return {
    value: fault === null ? value : undefined,
    end: cursor.position(),
    globals,
    calls,
    extensions,
    persistent,
    fault,
  };
}

function createMachine(cursor: Cursor) {
  const stack: Slot[] = [];
  const memo = new Map<number, PickleValue>();
  const globals: Global[] = [];
  const calls: Call[] = [];
  const extensions: { code: number; offset: number }[] = [];
  const persistent: { id: PickleValue }[] = [];
  let opcodeAt = cursor.position();
  let marks = 0;
  let fault: Pickle['fault'] = null;

  /** A rule is broken, and reading goes on: a loader may have gone on as well, and what it would call is to be told. */
  const breach = (reason: string): void => {
    fault ??= { offset: opcodeAt, reason };
  };

  const push = (value: Slot): void => {
    if (stack.length >= MOST_STACK) throw new PickleFault(`more than ${MOST_STACK} values are on its stack`);
    stack.push(value);
  };
  const pop = (): PickleValue => {
    const value = stack.at(-1);
    if (value === undefined || value === MARK) {
      breach('a value is missing on its stack');
      return null;
    }
    stack.pop();
    return value;
  };
  const top = (): PickleValue => {
    const value = stack.at(-1);
    if (value !== undefined && value !== MARK) return value;
    breach('a value is missing on its stack');
    return null;
  };
  const popToMark = (): PickleValue[] => {
    const at = stack.lastIndexOf(MARK);
    if (at < 0) {
      breach('a mark is missing on its stack');
      return [];
    }
    marks -= 1;
    const values = stack.splice(at) as PickleValue[];
    values.shift();
    return values;
  };
  const remember = (index: number, value: PickleValue): void => {
    if (memo.size >= MOST_MEMO) throw new PickleFault(`it remembers more than ${MOST_MEMO} values`);
    memo.set(index, value);
  };
  const recall = (index: number): void => {
    const value = memo.get(index);
    if (value === undefined) breach(`it recalls value ${index}, which it never remembered`);
    push(value ?? null);
  };
  const pairsOf = (values: readonly PickleValue[]): [PickleValue, PickleValue][] => {
    if (values.length % 2 !== 0) breach('a key has no value');
    const pairs: [PickleValue, PickleValue][] = [];
    for (let at = 0; at < values.length; at += 2) pairs.push([values[at] ?? null, values[at + 1] ?? null]);
    return pairs;
  };
  const sequence = (kind: Sequence['kind'], items: PickleValue[]): void => {
    push({ kind, items });
  };
  const imported = (path: string): Global => {
    const global: Global = { kind: 'global', path, offset: opcodeAt };
    globals.push(global);
    return global;
  };
  const call = (callee: PickleValue, args: PickleValue): void => {
    const made: Call = {
      kind: 'call',
      callee,
      args,
      offset: opcodeAt,
      state: undefined,
      items: [],
      pairs: [],
    };
    calls.push(made);
    push(made);
  };
  /** What APPEND and SETITEM fill: a list, a set, or what a call would give. */
  const listLike = (): PickleValue[] => {
    const value = top();
    if (isNode(value) && (value.kind === 'list' || value.kind === 'set' || value.kind === 'call'))
      return value.items;
    breach('items are added to what takes none');
    return [];
  };
  const dictLike = (): [PickleValue, PickleValue][] => {
    const value = top();
    if (isNode(value) && (value.kind === 'dict' || value.kind === 'call')) return value.pairs;
    breach('keys are set in what takes none');
    return [];
  };
  const addAll = <T>(to: T[], values: readonly T[]): void => {
    for (const value of values) to.push(value);
  };
  const extension = (code: number): void => {
    extensions.push({ code, offset: opcodeAt });
    push({ kind: 'extension', code, offset: opcodeAt });
  };

  const outside = (id: PickleValue): void => {
    persistent.push({ id });
    push({ kind: 'persistent', id });
  };

  const opcodes: Readonly<Record<number, () => void>> = {
    // '(' MARK, '0' POP, '1' POP_MARK, '2' DUP
    0x28: () => {
      marks += 1;
      if (marks > MOST_DEPTH) throw new PickleFault(`it is nested more than ${MOST_DEPTH} deep`);
      push(MARK);
    },
    0x30: () => {
      if (stack.pop() === MARK) marks -= 1;
    },
    0x31: () => {
      popToMark();
    },
    0x32: () => {
      push(top());
    },
    // 'N' NONE, NEWTRUE, NEWFALSE
    0x4e: () => {
      push(null);
    },
    0x88: () => {
      push(true);
    },
    0x89: () => {
      push(false);
    },
    // Numbers: 'I' INT, 'L' LONG, 'F' FLOAT as text; 'J' BININT, 'K' BININT1, 'M' BININT2, LONG1, LONG4, 'G' BINFLOAT
    0x49: () => {
      const text = cursor.line();
      push(text === '00' ? false : text === '01' ? true : writtenNumber(text));
    },
    0x4c: () => {
      push(writtenNumber(cursor.line()));
    },
    0x46: () => {
      push(Number(cursor.line()));
    },
    0x4a: () => {
      push(cursor.number(4) | 0);
    },
    0x4b: () => {
      push(cursor.number(1));
    },
    0x4d: () => {
      push(cursor.number(2));
    },
    0x8a: () => {
      push(wholeNumber(cursor.take(cursor.number(1))));
    },
    0x8b: () => {
      const length = cursor.number(4);
      if (length > MOST_NUMBER_BYTES) throw new PickleFault(`a whole number takes ${length} bytes`);
      push(wholeNumber(cursor.take(length)));
    },
    0x47: () => {
      const bytes = cursor.take(8);
      push(new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, false));
    },
    // Text: 'S' STRING and 'V' UNICODE in lines; 'T' BINSTRING, 'U' SHORT_BINSTRING, 'X' BINUNICODE, SHORT_, BINUNICODE8
    0x53: () => {
      push(unquoted(cursor.line('latin1')));
    },
    0x56: () => {
      push(unescaped(cursor.line('latin1')));
    },
    0x54: () => {
      push(cursor.text(cursor.number(4), 'latin1'));
    },
    0x55: () => {
      push(cursor.text(cursor.number(1), 'latin1'));
    },
    0x58: () => {
      push(cursor.text(cursor.number(4), 'utf8'));
    },
    0x8c: () => {
      push(cursor.text(cursor.number(1), 'utf8'));
    },
    0x8d: () => {
      push(cursor.text(cursor.number(8), 'utf8'));
    },
    // Bytes: 'B' BINBYTES, 'C' SHORT_BINBYTES, BINBYTES8, BYTEARRAY8
    0x42: () => {
      push(cursor.bytes(cursor.number(4)));
    },
    0x43: () => {
      push(cursor.bytes(cursor.number(1)));
    },
    0x8e: () => {
      push(cursor.bytes(cursor.number(8)));
    },
    0x96: () => {
      push(cursor.bytes(cursor.number(8)));
    },
    // Tuples: ')' EMPTY_TUPLE, 't' TUPLE, TUPLE1 to 3
    0x29: () => {
      sequence('tuple', []);
    },
    0x74: () => {
      sequence('tuple', popToMark());
    },
    0x85: () => {
      sequence('tuple', [pop()]);
    },
    0x86: () => {
      const second = pop();
      sequence('tuple', [pop(), second]);
    },
    0x87: () => {
      const [third, second] = [pop(), pop()];
      sequence('tuple', [pop(), second, third]);
    },
    // Lists: ']' EMPTY_LIST, 'l' LIST, 'a' APPEND, 'e' APPENDS; sets: EMPTY_SET, FROZENSET, ADDITEMS
    0x5d: () => {
      sequence('list', []);
    },
    0x6c: () => {
      sequence('list', popToMark());
    },
    0x61: () => {
      const value = pop();
      listLike().push(value);
    },
    0x65: () => {
      const values = popToMark();
      addAll(listLike(), values);
    },
    0x8f: () => {
      sequence('set', []);
    },
    0x91: () => {
      sequence('set', popToMark());
    },
    0x90: () => {
      const values = popToMark();
      addAll(listLike(), values);
    },
    // Dictionaries: '}' EMPTY_DICT, 'd' DICT, 's' SETITEM, 'u' SETITEMS
    0x7d: () => {
      push({ kind: 'dict', pairs: [] });
    },
    0x64: () => {
      push({ kind: 'dict', pairs: pairsOf(popToMark()) });
    },
    0x73: () => {
      const value = pop();
      const key = pop();
      dictLike().push([key, value]);
    },
    0x75: () => {
      const pairs = pairsOf(popToMark());
      addAll(dictLike(), pairs);
    },
    // Memory: 'g' GET, 'h' BINGET, 'j' LONG_BINGET, 'p' PUT, 'q' BINPUT, 'r' LONG_BINPUT, MEMOIZE
    0x67: () => {
      recall(Number(writtenNumber(cursor.line())));
    },
    0x68: () => {
      recall(cursor.number(1));
    },
    0x6a: () => {
      recall(cursor.number(4));
    },
    0x70: () => {
      remember(Number(writtenNumber(cursor.line())), top());
    },
    0x71: () => {
      remember(cursor.number(1), top());
    },
    0x72: () => {
      remember(cursor.number(4), top());
    },
    0x94: () => {
      remember(memo.size, top());
    },
    // Names: 'c' GLOBAL, STACK_GLOBAL; EXT1, EXT2, EXT4
    0x63: () => {
      const module = cursor.line();
      push(imported(`${module}.${cursor.line()}`));
    },
    0x93: () => {
      const name = pop();
      push(imported(textPath(pop(), name)));
    },
    0x82: () => {
      extension(cursor.number(1));
    },
    0x83: () => {
      extension(cursor.number(2));
    },
    0x84: () => {
      extension(cursor.number(4));
    },
    // Calls: 'R' REDUCE, 'i' INST, 'o' OBJ, NEWOBJ, NEWOBJ_EX; 'b' BUILD
    0x52: () => {
      const args = pop();
      call(pop(), args);
    },
    0x69: () => {
      const module = cursor.line();
      const path = `${module}.${cursor.line()}`;
      call(imported(path), { kind: 'tuple', items: popToMark() });
    },
    0x6f: () => {
      const [callee, ...args] = popToMark();
      if (callee === undefined) breach('a call has no callee');
      call(callee ?? null, { kind: 'tuple', items: args });
    },
    0x81: () => {
      const args = pop();
      call(pop(), args);
    },
    0x92: () => {
      const keywords = pop();
      const args = pop();
      call(pop(), { kind: 'tuple', items: [args, keywords] });
    },
    0x62: () => {
      const state = pop();
      const value = top();
      // BUILD calls __setstate__ of what it finds.
      if (isNode(value) && value.kind === 'call') value.state = state;
      else breach('a state is given to what takes none');
    },
    // Things beside the pickle: 'P' PERSID, 'Q' BINPERSID
    0x50: () => {
      outside(cursor.line());
    },
    0x51: () => {
      outside(pop());
    },
    // PROTO, FRAME
    0x80: () => {
      const protocol = cursor.number(1);
      if (protocol > 5) throw new PickleFault(`its protocol is ${protocol}, and 5 is the last that is known`);
    },
    0x95: () => {
      const length = cursor.number(8);
      // The unpickler in C stops there; the one in Python, which joblib uses, goes on.
      if (!cursor.has(length)) breach(`a frame of ${length} bytes leads out of the file`);
    },
  };

  return {
    globals,
    calls,
    extensions,
    persistent,
    breach,
    fault: () => fault,
    run: (): PickleValue => {
      for (let count = 0; ; count += 1) {
        if (count >= MOST_OPCODES) throw new PickleFault(`it goes on after ${MOST_OPCODES} opcodes`);
        opcodeAt = cursor.position();
        const opcode = cursor.number(1);
        if (opcode === 0x2e) return pop();
        const step = opcodes[opcode];
        if (step === undefined)
          throw new PickleFault(
            `0x${opcode.toString(16).padStart(2, '0')} is no opcode that may stand there`,
          );
        step();
      }
    },
  };
}
