"""Tables of Parquet and Arrow as PyArrow reads them, beside the cells that Bezoar reads."""

import datetime
import decimal
import io
import json

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

DIGITS = {'s': 0, 'ms': 3, 'us': 6, 'ns': 9}
EPOCH = datetime.date(1970, 1, 1)


class Unlike(Exception):
    """A column of a kind that is not compared."""


def clock(count, digits):
    seconds, fraction = divmod(count, 10**digits)
    text = f'{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}'
    return text if fraction == 0 else f'{text}.{fraction:0{digits}}'


def moment(count, digits):
    days, rest = divmod(count, 86400 * 10**digits)
    try:
        return f'{(EPOCH + datetime.timedelta(days=days)).isoformat()}T{clock(rest, digits)}'
    except OverflowError:
        raise Unlike('a time beyond the year 9999') from None


def text(data):
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        return None


def column(array):
    """The values of a column as cells, None for missing ones."""
    kind = array.type
    types = pa.types
    if types.is_dictionary(kind):
        return column(array.dictionary_decode() if isinstance(array, pa.Array) else array.cast(kind.value_type))
    whole = None
    if types.is_timestamp(kind) or types.is_time(kind):
        whole = array.cast(pa.int32() if types.is_time32(kind) else pa.int64()).to_pylist()
        write = moment if types.is_timestamp(kind) else clock
        return [None if one is None else write(one, DIGITS[kind.unit]) for one in whole]
    if types.is_date(kind):
        width, step = (pa.int32(), 1) if types.is_date32(kind) else (pa.int64(), 86_400_000)
        try:
            days = [None if one is None else one // step for one in array.cast(width).to_pylist()]
            return [None if one is None else (EPOCH + datetime.timedelta(days=one)).isoformat() for one in days]
        except OverflowError:
            raise Unlike('a day beyond the year 9999') from None
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return [None if one is None else text(one) for one in array.to_pylist()]
    known = [types.is_integer, types.is_floating, types.is_boolean, types.is_string, types.is_large_string, types.is_decimal]
    known += [types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_null, types.is_string_view]
    if not any(is_one(kind) for is_one in known):
        raise Unlike(str(kind))
    return array.to_pylist()


def same(ours, theirs):
    if isinstance(theirs, float) and theirs != theirs:
        theirs = None
    if theirs is None or theirs == '':
        return ours in (None, '')
    if isinstance(theirs, bool):
        return ours == str(theirs).lower()
    if isinstance(theirs, decimal.Decimal):
        return (float(theirs) == ours) if isinstance(ours, (int, float)) else decimal.Decimal(ours) == theirs
    if isinstance(theirs, int):
        return int(ours) == theirs if isinstance(ours, str) else ours == theirs
    if isinstance(theirs, float):
        return isinstance(ours, (int, float)) and float(ours) == theirs or ours == {float('inf'): 'Infinity', float('-inf'): '-Infinity'}.get(theirs, theirs)
    if isinstance(theirs, list):
        items = json.loads(ours) if isinstance(ours, str) else None
        return isinstance(items, list) and len(items) == len(theirs) and all(map(same_item, items, theirs))
    if not isinstance(ours, str):
        return False
    plain = ours.removesuffix('Z')
    # Those of INT96 are asked for in microseconds.
    return theirs in (ours, plain) or (len(plain) == 29 and theirs in (plain[:-3], plain[:19]))


def same_item(ours, theirs):
    if isinstance(theirs, bool):
        return ours == theirs or ours == str(theirs).lower()
    # JSON has no words for what is no number.
    return ours is None if isinstance(theirs, float) and theirs - theirs != 0 else ours == '' == theirs or same(ours, theirs)


def flattened(array, name, into):
    if pa.types.is_struct(array.type):
        for at, field in enumerate(array.type):
            flattened(pa.chunked_array([chunk.flatten()[at] for chunk in array.chunks], field.type), f'{name}.{field.name}', into)
    else:
        into.setdefault(name, array)


def table_of(data, kind):
    if kind == 'parquet':
        # Nanoseconds of INT96 beyond the year 2262 are another time in PyArrow.
        return pyarrow.parquet.ParquetFile(io.BytesIO(data), coerce_int96_timestamp_unit='us').read()
    if data[:6] == b'ARROW1':
        return pyarrow.ipc.open_file(io.BytesIO(data)).read_all()
    return pyarrow.ipc.open_stream(io.BytesIO(data)).read_all()


def differences(data, claim, kind):
    """What is different, or None; and how many columns were compared."""
    table = table_of(data, kind)
    table.validate(full=True)
    columns = {}
    for name, array in zip(table.column_names, table.columns):
        flattened(array, name, columns)
    records = claim['told']['records']
    if records is None or table.num_rows != len(records):
        return f'it has {table.num_rows} rows in place of {None if records is None else len(records)}', 0
    compared = 0
    for at, name in enumerate(claim['told']['header']):
        if name not in columns:
            return f'it has no column {name!r}', 0
        try:
            theirs = column(columns[name])
        except (Unlike, pa.ArrowNotImplementedError):
            continue
        compared += 1
        for row, (record, one) in enumerate(zip(records, theirs)):
            ours = record[at] if at < len(record) else None
            if not same(ours, one):
                return f'row {row} of {name} is {one!r} in place of {ours!r}', compared
    return None, compared
