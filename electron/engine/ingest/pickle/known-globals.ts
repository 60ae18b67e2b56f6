const dtypes =
  'float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex32 complex64 complex128 quint8 qint8 qint32';
const storages =
  'Float Double Half BFloat16 Long Int Short Char Byte Bool ComplexFloat ComplexDouble QUInt8 QInt8 QInt32 Untyped Typed';
const numpyCores = ['numpy.core', 'numpy._core'];

const named = (module: string, names: string): string[] =>
  names.split(' ').map((name) => `${module}.${name}`);

/**
 * What tensors and arrays are written with. Each makes a plain value out of plain values; a file that asks for anything
 * else is told of. The list names functions one by one: a module, or what lies below one, is never allowed as such.
 */
export const knownGlobals: ReadonlySet<string> = new Set([
  ...named('collections', 'OrderedDict Counter'),
  ...named('builtins', 'set frozenset bytearray complex'),
  ...named('__builtin__', 'set frozenset bytearray complex'),
  '_codecs.encode',
  ...named('torch', `Size Tensor device ${dtypes}`),
  ...storages.split(' ').map((name) => `torch.${name}Storage`),
  ...storages.split(' ').map((name) => `torch.cuda.${name}Storage`),
  ...named('torch.storage', 'UntypedStorage TypedStorage _UntypedStorage _TypedStorage'),
  'torch.nn.parameter.Parameter',
  'torch._tensor._rebuild_from_type_v2',
  ...named(
    'torch._utils',
    '_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage',
  ),
  'torch.serialization._get_layout',
  ...named('numpy', 'ndarray dtype'),
  ...numpyCores.flatMap((core) => [
    `${core}.multiarray._reconstruct`,
    `${core}.multiarray.scalar`,
    `${core}.numeric._frombuffer`,
  ]),
]);
