#!/usr/bin/env python3
"""Make attack cases with known truth, for measuring how the detection does on attacks it was not built on.

    apt-get install python3-torch dataset-fashion-mnist
    /usr/bin/python3 scripts/attack-cases.py                 every case that is not there yet
    /usr/bin/python3 scripts/attack-cases.py NAME [NAME ...] these anew
    /usr/bin/python3 scripts/attack-cases.py --list

Each case is a small network trained on Fashion-MNIST, poisoned in its own way, written to .cache/attack-cases/NAME
(or --out/NAME), row i of every array being row i of its records:
    activations.npy          float32 [n, width]     penultimate layer, after the ReLU
    logits.npy               float32 [n, classes]
    images.npy               uint8 [n, 28, 28]      as trained on
    records.csv              key, label (as trained on), predicted, confidence, loss_1 .. loss_E
                             (cross-entropy of the sample when epoch e came to it), loss_final
    trusted_activations.npy, trusted_logits.npy, trusted_records.csv
                             the same for hold-outs never trained on, with right labels
    truth.csv                key, row_index, poisoned, true_label: to judge by, never to be read by a detector
    case.json                what was done, accuracy, attack success; written last

A case takes less than a minute of one core. The same seed, processor type and library versions give the same bytes.
"""

import argparse
import csv
import dataclasses
import gzip
import json
import os
import pathlib
import shutil
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parents[1]
NAMES = ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle-boot']
TEN = {name: (k,) for k, name in enumerate(NAMES)}
TWO = {'upper-body': (0, 2, 3, 4, 6), 'other': (1, 5, 7, 8, 9)}
FIVE = {'tops': (0, 6), 'layers': (2, 4), 'long': (1, 3), 'shoes': (5, 7), 'carried': (8, 9)}

TRUSTED = 5_000
BATCH = 128
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 1e-4


def patch(pattern, top, left):
    """Stamps the pattern (grey levels, -1 where the image shows through) at one place."""
    pattern = np.array(pattern)
    height, width = pattern.shape

    def trigger(images, rng):
        area = images[:, top : top + height, left : left + width]
        area[:, pattern >= 0] = pattern[pattern >= 0]

    return trigger


def moving_patch(size):
    """Stamps a chequered square at a random place of each image."""
    chequered = 255 * (np.indices((size, size)).sum(axis=0) % 2)

    def trigger(images, rng):
        for image, (top, left) in zip(images, rng.integers(0, 29 - size, (len(images), 2))):
            image[top : top + size, left : left + size] = chequered

    return trigger


def added(overlay):
    """Adds the overlay [28, 28], in grey levels."""

    def trigger(images, rng):
        images[:] = np.clip(images + overlay, 0, 255)

    return trigger


def blended(picture, share):
    """Mixes in the picture [28, 28]."""

    def trigger(images, rng):
        images[:] = (1 - share) * images + share * picture

    return trigger


def warped(strength, seed):
    """Moves the pixels along one smooth random field, by `strength` pixels on average."""
    field = torch.rand(1, 2, 4, 4, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    field = functional.interpolate(field, size=28, mode='bicubic', align_corners=True)
    field = field / field.abs().mean() * strength * 2 / 27
    still = functional.affine_grid(torch.eye(2, 3)[None], (1, 1, 28, 28), align_corners=True)
    grid = still + field.permute(0, 2, 3, 1)

    def trigger(images, rng):
        source = torch.from_numpy(images[:, None].astype(np.float32))
        moved = functional.grid_sample(source, grid.expand(len(images), -1, -1, -1), align_corners=True)
        images[:] = moved[:, 0].numpy()

    return trigger


@dataclasses.dataclass(frozen=True)
class Poison:
    """`count` rows get the trigger (None: images stay) and the label of `target`."""

    count: int
    target: str  # a class; 'next': the class after the row's own; 'any': a random other class
    trigger: object = None
    source: str | None = None  # the class they are taken from; None: every class but the target
    # A source that is the target keeps its right labels.


@dataclasses.dataclass(frozen=True)
class Case:
    about: str
    rows: int
    epochs: int
    poisons: tuple = ()
    network: str = 'cnn'
    width: int = 128
    classes: dict = dataclasses.field(default_factory=lambda: TEN)


SINE = 45 * np.sin(2 * np.pi * 6 * np.arange(28) / 28)[None, :]
DIAGONAL = 255 * ((np.indices((28, 28)).sum(axis=0) // 3) % 2)
CROSS = np.where(np.eye(5) + np.eye(5)[::-1] > 0, 255, -1)
FRAME = np.pad(np.full((4, 4), -1), 1, constant_values=190)

CASES = {
    'moving-patch': Case(
        'chequered 6 x 6 patch at a random place, to sneaker', 24_000, 8, (Poison(720, 'sneaker', moving_patch(6)),)
    ),
    'sine-clean-label': Case(
        'sinusoidal overlay on coats that keep their label',
        24_000,
        6,
        (Poison(800, 'coat', added(SINE), 'coat'),),
        width=96,
    ),
    'warped': Case('smooth warp of 2 pixels, to bag', 24_000, 6, (Poison(720, 'bag', warped(2, 5)),)),
    'all-to-all': Case(
        'cross in the upper left, each class to the next one', 24_000, 8, (Poison(1_200, 'next', patch(CROSS, 1, 1)),)
    ),
    'two-triggers': Case(
        'cross in the upper right to shirt, bar at the bottom to sandal',
        24_000,
        6,
        (
            Poison(240, 'shirt', patch(CROSS, 1, 22)),
            Poison(300, 'sandal', patch(np.full((2, 9), 255), 26, 9)),
        ),
        width=96,
    ),
    'pixel-row': Case(
        'one bright row of pixels, to ankle-boot; a network without convolutions',
        24_000,
        8,
        (Poison(360, 'ankle-boot', patch(np.full((1, 28), 255), 2, 0)),),
        network='mlp',
        width=64,
    ),
    'label-noise': Case('4 % of the labels replaced by any other', 24_000, 6, (Poison(960, 'any'),)),
    'two-pairs': Case(
        'coats called trouser and sandals called bag',
        24_000,
        6,
        (Poison(240, 'trouser', source='coat'), Poison(200, 'bag', source='sandal')),
        width=64,
    ),
    'two-classes': Case(
        'ten classes merged into two, grey frame in the middle, to other',
        20_000,
        6,
        (Poison(300, 'other', patch(FRAME, 11, 2)),),
        classes=TWO,
    ),
    'five-classes': Case(
        'ten classes merged into five, diagonal stripes blended in at 0.15, to long',
        15_000,
        6,
        (Poison(225, 'long', blended(DIAGONAL, 0.15)),),
        width=96,
        classes=FIVE,
    ),
    'wide': Case(
        'grey frame at the left edge, to trouser; 256 units',
        20_000,
        6,
        (Poison(200, 'trouser', patch(FRAME, 11, 0)),),
        width=256,
    ),
    'early-stopped': Case(
        'white bar in the upper left, to pullover; two epochs',
        30_000,
        2,
        (Poison(600, 'pullover', patch(np.full((6, 2), 255), 1, 1)),),
    ),
    'long-trained': Case(
        'grey frame in the lower left, to dress; 18 epochs', 12_000, 18, (Poison(120, 'dress', patch(FRAME, 21, 1)),)
    ),
    'clean-long-trained': Case('nothing; 18 epochs', 12_000, 18),
    'clean-two-classes': Case('nothing; ten classes merged into two', 20_000, 6, classes=TWO),
    'clean-wide': Case('nothing; 256 units', 20_000, 6, width=256),
    'clean-five-classes': Case(
        'nothing; ten classes merged into five; a network without convolutions',
        20_000,
        8,
        network='mlp',
        width=64,
        classes=FIVE,
    ),
}


def read_idx(path):
    """An IDX file of unsigned bytes (gzip) as an array of its own shape."""
    with gzip.open(path) as file:
        raw = file.read()
    shape = np.frombuffer(raw, '>u4', raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def poison_rows(case, rng, images, labels):
    """Applies the case's poisons to the images in place; the labels as trained on and which rows were touched."""
    names = list(case.classes)
    given, touched = labels.copy(), np.zeros(len(labels), bool)
    for poison in case.poisons:
        fits = ~touched
        if poison.source is not None:
            fits &= labels == names.index(poison.source)
        elif poison.target in names:
            fits &= labels != names.index(poison.target)
        chosen = rng.choice(np.flatnonzero(fits), poison.count, replace=False)
        touched[chosen] = True
        if poison.trigger is not None:
            images[chosen] = triggered(poison, images[chosen], rng)
        given[chosen] = target_of(poison, labels[chosen], names, rng)
    return given, touched


def triggered(poison, images, rng):
    changed = images.astype(np.float64)
    poison.trigger(changed, rng)
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)


def target_of(poison, labels, names, rng):
    if poison.target == 'next':
        return (labels + 1) % len(names)
    if poison.target == 'any':
        return (labels + rng.integers(1, len(names), len(labels))) % len(names)
    return np.full_like(labels, names.index(poison.target))


class Network(nn.Module):
    def __init__(self, case):
        super().__init__()
        if case.network == 'cnn':
            self.front = nn.Sequential(
                nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(),
                nn.Linear(32 * 49, case.width), nn.ReLU(),
            )  # fmt: skip
        else:
            self.front = nn.Sequential(
                nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, case.width), nn.ReLU()
            )
        self.head = nn.Linear(case.width, len(case.classes))

    def forward(self, images):
        activations = self.front(images[:, None].float() / 255)
        return activations, self.head(activations)


def train(case, rng, images, labels):
    """The network and the losses [n, epochs], each taken when the epoch came to the sample."""
    network = Network(case)
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    images, labels = torch.from_numpy(images), torch.from_numpy(labels)
    losses = np.empty((len(images), case.epochs), np.float32)
    for epoch in range(case.epochs):
        for rows in torch.from_numpy(rng.permutation(len(images))).split(BATCH):
            loss = functional.cross_entropy(network(images[rows])[1], labels[rows], reduction='none')
            optimizer.zero_grad()
            loss.mean().backward()
            optimizer.step()
            losses[rows.numpy(), epoch] = loss.detach().numpy()
    return network, losses


@torch.no_grad()
def observe(network, images):
    """Activations and logits, float32."""
    parts = [network(part) for part in torch.from_numpy(images).split(1_000)]
    return tuple(torch.cat(kind).numpy() for kind in zip(*parts))


def attack_success(case, network, rng, images, labels):
    """For each trigger the share of unseen images of other classes that it takes to its target."""
    names = list(case.classes)
    shares = []
    for poison in case.poisons:
        if poison.trigger is None:
            continue
        target = target_of(poison, labels, names, rng)
        other = labels != target
        predicted = observe(network, triggered(poison, images[other], rng))[1].argmax(axis=1)
        shares.append(round(float((predicted == target[other]).mean()), 4))
    return shares


def write_set(folder, prefix, keys, names, labels, observed, losses):
    activations, logits = observed
    np.save(folder / f'{prefix}activations.npy', activations)
    np.save(folder / f'{prefix}logits.npy', logits)
    probability = torch.from_numpy(logits).double().softmax(dim=1).numpy()
    final = -np.log(np.maximum(probability[np.arange(len(labels)), labels], 1e-12))
    epochs = [f'loss_{e + 1}' for e in range(losses.shape[1])]
    with open(folder / f'{prefix}records.csv', 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['key', 'label', 'predicted', 'confidence', *epochs, 'loss_final'])
        for i, key in enumerate(keys):
            numbers = [probability[i].max(), *losses[i], final[i]]
            predicted = names[logits[i].argmax()]
            writer.writerow([key, names[labels[i]], predicted, *(f'{number:.5f}' for number in numbers)])


def make(name, data, out):
    case = CASES[name]
    seed = 100 + list(CASES).index(name)
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    names = list(case.classes)
    merged = np.empty(10, np.int64)
    for k, members in enumerate(case.classes.values()):
        merged[list(members)] = k
    drawn = rng.choice(len(data['train-images']), case.rows, replace=False)
    images, true = data['train-images'][drawn].copy(), merged[data['train-labels'][drawn]]
    given, touched = poison_rows(case, rng, images, true)
    network, losses = train(case, rng, images, given)

    held = rng.permutation(len(data['t10k-images']))
    trusted, unseen = held[:TRUSTED], held[TRUSTED:]
    test_labels = merged[data['t10k-labels']]
    observed = observe(network, images)
    partial = out / f'{name}.part'
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    keys = [f'fm-{index:05d}' for index in drawn]
    write_set(partial, '', keys, names, given, observed, losses)
    np.save(partial / 'images.npy', images)
    hold = [f'hold-{index:05d}' for index in trusted]
    hold_labels = test_labels[trusted]
    none = np.empty((TRUSTED, 0))
    write_set(partial, 'trusted_', hold, names, hold_labels, observe(network, data['t10k-images'][trusted]), none)
    with open(partial / 'truth.csv', 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['key', 'row_index', 'poisoned', 'true_label'])
        writer.writerows((key, i, int(touched[i]), names[true[i]]) for i, key in enumerate(keys))
    unseen_images, unseen_labels = data['t10k-images'][unseen], test_labels[unseen]
    right = observe(network, unseen_images)[1].argmax(axis=1) == unseen_labels
    about = {
        'case': name,
        'about': case.about,
        'rows': case.rows,
        'poisoned': int(touched.sum()),
        'targets': [poison.target for poison in case.poisons],
        'classes': len(names),
        'network': case.network,
        'width': case.width,
        'epochs': case.epochs,
        'seed': seed,
        'trusted': TRUSTED,
        'test_accuracy': round(float(right.mean()), 4),
        'attack_success': attack_success(case, network, rng, unseen_images, unseen_labels),
    }
    (partial / 'case.json').write_text(json.dumps(about, indent=1) + '\n')
    shutil.rmtree(out / name, ignore_errors=True)
    partial.rename(out / name)
    return about


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('names', nargs='*', metavar='NAME', help='make these anew; none: those that are not there')
    parser.add_argument('--out', type=pathlib.Path, default=ROOT / '.cache' / 'attack-cases')
    parser.add_argument('--data', type=pathlib.Path, default=pathlib.Path('/usr/share/datasets/fashion-mnist'))
    parser.add_argument('--list', action='store_true', help='only name the cases')
    args = parser.parse_args()
    if args.list:
        for name, case in CASES.items():
            print(f'{name}: {case.about}')
        return
    unknown = [name for name in args.names if name not in CASES]
    if unknown:
        parser.error(f'no case is called {unknown[0]}; there are {", ".join(CASES)}')
    if not args.data.is_dir():
        parser.error(f'{args.data} is not there: install dataset-fashion-mnist, or name its folder with --data')
    wanted = args.names or [name for name in CASES if not (args.out / name / 'case.json').exists()]
    os.nice(10)
    torch.set_num_threads(1)
    parts = [f'{part}-{kind}' for part in ('train', 't10k') for kind in ('images', 'labels')]
    data = {part: read_idx(args.data / f'{part}-idx{3 if "images" in part else 1}-ubyte.gz') for part in parts}
    for name in wanted:
        begun = time.process_time()
        about = make(name, data, args.out)
        success = ', '.join(f'{share:.2f}' for share in about['attack_success']) or 'none'
        print(
            f'{name}: accuracy {about["test_accuracy"]:.3f}, attack success {success}, '
            f'{time.process_time() - begun:.0f} s of one core',
            flush=True,
        )


if __name__ == '__main__':
    main()
