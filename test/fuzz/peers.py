"""Reads the same bytes with a format's own library and says whether it finds the same values.

    python3 test/fuzz/peers.py NAME < claims > verdicts

A claim is a line of JSON: the bytes of a file (base64) and what Bezoar read of them. The verdict is `same`, `refused`
(the library does not take the file), `left` (not compared, and why) or `different`. Pickles are read with an unpickler
that knows the names that arrays and tensors are made with and no other, so that nothing a mutant asks for is run.
"""

import base64
import hashlib
import io
import json
import pickle
import struct
import sys
import types
import warnings

warnings.simplefilter('ignore')


class Left(Exception):
    """Nothing to compare, and why."""


class Different(Exception):
    """What is different."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def bytes_of(array):
    import numpy as np

    plain = np.ascontiguousarray(array)
    return plain.astype(plain.dtype.newbyteorder('<'), copy=False).tobytes()


def compare(told, array, dtype=None):
    """An array of Bezoar's beside one of the library's."""
    name = told['name'] or 'the array'
    found = str(array.dtype) if dtype is None else dtype
    found = array.dtype.newbyteorder('=').name if dtype is None else found
    if found != told['dtype']:
        raise Different(f'{name} is {found} in place of {told["dtype"]}')
    if list(array.shape) != list(told['shape']):
        raise Different(f'{name} has shape {array.shape} in place of {told["shape"]}')
    if sha256(bytes_of(array)) != told['sha256']:
        raise Different(f'{name} has other values')


def npy(data, claim):
    import numpy as np

    array = np.load(io.BytesIO(data), allow_pickle=False)
    for told in claim['arrays']:
        compare(told, array)


def npz(data, claim):
    import numpy as np

    archive = np.load(io.BytesIO(data), allow_pickle=False)
    for told in claim['arrays']:
        compare(told, archive[told['name']])


def zip_either(data, claim):
    import zipfile

    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    (torch_file if any(name.endswith('data.pkl') for name in names) else npz)(data, claim)


KNOWN = {
    ('collections', 'OrderedDict'),
    ('argparse', 'Namespace'),
    ('_codecs', 'encode'),
    ('torch._utils', '_rebuild_tensor'),
    ('torch._utils', '_rebuild_tensor_v2'),
    ('torch._utils', '_rebuild_parameter'),
    ('torch', 'Size'),
    ('torch', 'device'),
    ('numpy', 'ndarray'),
    ('numpy', 'dtype'),
    ('numpy.core.multiarray', '_reconstruct'),
    ('numpy.core.numeric', '_frombuffer'),
    ('numpy.core.multiarray', 'scalar'),
}


class Restricted(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) in KNOWN or (module == 'torch' and name.endswith('Storage') and name.isalnum()):
            if '.' in name:
                raise Left(f'{module}.{name}')
            return super().find_class(module, name)
        raise Left(f'{module}.{name}')

    def get_extension(self, code):
        raise Left(f'extension {code}')


def walk(value, path, found, depth=0):
    """Every tensor and array under the keys that lead to it, joined by dots."""
    import numpy as np

    if depth > 64:
        return
    if isinstance(value, np.ndarray):
        found.setdefault(path, []).append((value, None))
        return
    torch = sys.modules.get('torch')
    if torch is not None and isinstance(value, torch.Tensor):
        plain = value.detach()
        if plain.dtype == torch.bfloat16:
            array = plain.contiguous().view(torch.int16).numpy().view('uint16')
            found.setdefault(path, []).append((array, 'bfloat16'))
        else:
            found.setdefault(path, []).append((plain.numpy(), None))
        return

    def below(key):
        return str(key) if path == '' else f'{path}.{key}'

    if isinstance(value, dict):
        for key, item in value.items():
            walk(item, below(key), found, depth + 1)
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            walk(item, below(at), found, depth + 1)


def compare_walked(value, claim):
    found = {}
    walk(value, '', found)
    for told in claim['arrays']:
        name = told['name'] or ''
        candidates = found.get(name) or found.get(name.rsplit(' (', 1)[0])
        if not candidates:
            raise Different(f'there is no {name!r}')
        problem = None
        for array, dtype in candidates:
            try:
                compare(told, array, dtype)
                break
            except Different as error:
                problem = error
        else:
            raise problem


def torch_file(data, claim):
    import torch

    if not claim['arrays']:
        raise Left('no tensors')
    module = types.SimpleNamespace(
        Unpickler=Restricted, load=lambda file, **_: Restricted(file, encoding='utf-8').load(), __name__='restricted'
    )
    compare_walked(torch.load(io.BytesIO(data), map_location='cpu', pickle_module=module), claim)


def plain_pickle(data, claim):
    if not claim['arrays']:
        raise Left('no arrays')
    compare_walked(Restricted(io.BytesIO(data)).load(), claim)


def safetensors(data, claim):
    import numpy as np

    (length,) = struct.unpack_from('<Q', data)
    header = json.loads(data[8 : 8 + length])
    codes = {'F64': 'f8', 'F32': 'f4', 'F16': 'f2', 'BF16': 'u2', 'I8': 'i1', 'I16': 'i2', 'I32': 'i4', 'I64': 'i8'}
    codes |= {'U8': 'u1', 'U16': 'u2', 'U32': 'u4', 'U64': 'u8', 'BOOL': '?'}
    for told in claim['arrays']:
        tensor = header[told['name']]
        begin, end = tensor['data_offsets']
        array = np.frombuffer(data[8 + length + begin : 8 + length + end], codes[tensor['dtype']]).reshape(tensor['shape'])
        compare(told, array, 'bfloat16' if tensor['dtype'] == 'BF16' else None)


def hdf5(data, claim):
    import h5py

    with h5py.File(io.BytesIO(data), 'r') as file:
        for told in claim['arrays']:
            array = file[told['name']][()]
            if told['dtype'] == 'bfloat16' and array.dtype == 'float32':
                # Widened by the library.
                compare(told, (array.view('uint32') >> 16).astype('uint16'), 'bfloat16')
            else:
                compare(told, array)


def idx(data, claim):
    import numpy as np

    codes = {8: 'u1', 9: 'i1', 11: '>i2', 12: '>i4', 13: '>f4', 14: '>f8'}
    axes = data[3]
    shape = struct.unpack_from(f'>{axes}I', data, 4)
    for told in claim['arrays']:
        compare(told, np.frombuffer(data, codes[data[2]], offset=4 + 4 * axes).reshape(shape))


def gzip_file(data, claim):
    import gzip

    if claim['told']['unpacked'] is None:
        raise Left('not packed')
    if sha256(gzip.decompress(data)) != claim['told']['unpacked']:
        raise Different('it unpacks to other bytes')


def image(data, claim):
    import numpy as np
    from PIL import Image

    (told,) = claim['arrays']
    if told['name'] not in ('bmp', 'png'):
        raise Left('decoders of this kind differ in what they make of damage')
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        if picture.mode.startswith('I') or picture.mode == 'LA':
            raise Left(picture.mode)
        array = np.asarray(picture.convert('L' if told['shape'][2] == 1 else 'RGB'))
    compare(told, array.reshape(array.shape[0], array.shape[1], -1))


def onnx_file(data, claim):
    import onnx

    model = onnx.ModelProto()
    model.ParseFromString(data)
    told = claim['told']
    graph = model.graph
    for what, found in [
        ('graph', graph.name),
        ('producer', model.producer_name),
        ('weightCount', len(graph.initializer) + len(graph.sparse_initializer)),
    ]:
        if told[what] != found and len(str(found)) < 500:
            raise Different(f'{what} is {found!r} in place of {told[what]!r}')


def table(kind):
    def read(data, claim):
        # Of its own file: this one alone needs PyArrow.
        import arrow_peer

        what, compared = arrow_peer.differences(data, claim, kind)
        if what is not None:
            raise Different(what)
        if compared == 0:
            raise Left('no column that is compared')

    return read


PEERS = {
    'parquet': table('parquet'),
    'arrow': table('arrow'),
    'npy': npy,
    'npz': npz,
    'zip': zip_either,
    'torch': torch_file,
    'pickle': plain_pickle,
    'safetensors': safetensors,
    'hdf5': hdf5,
    'idx': idx,
    'gzip': gzip_file,
    'image': image,
    'onnx': onnx_file,
}


def main(peer):
    limit()
    for line in sys.stdin:
        claim = json.loads(line)
        try:
            PEERS[peer](base64.b64decode(claim['bytes']), claim)
            verdict, what = 'same', ''
        except Different as error:
            verdict, what = 'different', str(error)
        except Left as error:
            verdict, what = 'left', str(error)
        except (Exception, RecursionError) as error:
            verdict, what = 'refused', f'{type(error).__name__}: {error}'
        print(json.dumps({'verdict': verdict, 'what': what}), flush=True)


def limit():
    """A library that takes all memory for a mutant ends, and not the machine."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
    except (ImportError, ValueError):
        pass


main(sys.argv[1])
