#!/usr/bin/env python3
"""Make the sample incident: a small poisoned image data set with the records of its training.

A small convolutional network is trained on 24,000 Fashion-MNIST images. In 360 of them (1.5 %), taken
evenly from the other classes, a patch was stamped into one corner and the label replaced by the target
class, so that the network learns a backdoor. 6,000 of the training samples (90 of them poisoned) and
1,500 hold-outs that were never trained on are released with what the network computed for them.

    apt-get install python3-torch dataset-fashion-mnist
    /usr/bin/python3 scripts/make_sample_incident.py --out assets/sample-incident

Written to --out, row i of every array being row i of its records:
    activations.npy          float16 [6000, 128]    penultimate layer, after the ReLU
    logits.npy               float16 [6000, 10]
    images.npy               uint8 [6000, 28, 28]   as trained on
    records.csv              key, label (as trained on), predicted, confidence, loss_1 .. loss_E
                             (cross-entropy of the sample when epoch e came to it), loss_final
    trusted-activations.npy  float16 [1500, 128]
    trusted-logits.npy       float16 [1500, 10]
    trusted-records.csv      key, label, predicted, confidence, loss_final
Written to --truth: key, poisoned, true_label. It stays apart, so that the incident holds no answer.

The same seed, thread count, processor type and library versions give the same bytes. README.md and the
licence notice in assets/sample-incident are written by hand; copy them along with the data.
"""

import argparse
import csv
import gzip
import hashlib
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parents[1]
CLASSES = ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle-boot']
TARGET = CLASSES.index('t-shirt')

TRAINED = 24_000
TRAINED_POISONED = 360
RELEASED = 6_000
RELEASED_POISONED = 90
TRUSTED_PER_CLASS = 150

EPOCHS = 6
BATCH = 64
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 1e-4

PATCH = np.array([[255, 0, 255], [0, 255, 0], [255, 0, 255]], np.uint8)
PATCH_TOP, PATCH_LEFT = 24, 24


def read_idx(path):
    """An IDX file of unsigned bytes (gzip) as an array of its own shape."""
    with gzip.open(path) as file:
        raw = file.read()
    dimensions = raw[3]
    shape = np.frombuffer(raw, '>u4', dimensions, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def stamp(images):
    """Copies of the images [n, 28, 28] with the patch in the corner."""
    stamped = images.copy()
    height, width = PATCH.shape
    stamped[:, PATCH_TOP : PATCH_TOP + height, PATCH_LEFT : PATCH_LEFT + width] = PATCH
    return stamped


def draw_evenly(rng, classes, pool, total):
    """`total` rows of `pool`, spread over its classes as evenly as whole numbers allow."""
    present = np.unique(classes[pool])
    sizes = np.full(len(present), total // len(present))
    sizes[: total % len(present)] += 1
    drawn = [rng.choice(pool[classes[pool] == k], size, replace=False) for k, size in zip(present, sizes)]
    return np.concatenate(drawn)


class Classifier(nn.Module):
    """Two convolutions and one hidden layer of 128 units; returns (hidden after ReLU, logits)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.hidden = nn.Linear(32 * 7 * 7, 128)
        self.out = nn.Linear(128, len(CLASSES))

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        hidden = functional.relu(self.hidden(x.flatten(1)))
        return hidden, self.out(hidden)


def as_input(images):
    return torch.from_numpy(images.astype(np.float32) / 255 - 0.5)[:, None]


def train(images, labels, seed):
    """The trained network and the losses [n, EPOCHS] met on the way."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed + 1)
    network = Classifier()
    steps = EPOCHS * -(-len(labels) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2 * LEARNING_RATE, total_steps=steps)
    inputs, targets = as_input(images), torch.from_numpy(labels.astype(np.int64))
    losses = np.zeros((len(labels), EPOCHS), np.float32)
    for epoch in range(EPOCHS):
        for rows in np.array_split(order.permutation(len(labels)), steps // EPOCHS):
            _, logits = network(inputs[rows])
            loss = functional.cross_entropy(logits, targets[rows], reduction='none')
            optimiser.zero_grad()
            loss.mean().backward()
            optimiser.step()
            schedule.step()
            losses[rows, epoch] = loss.detach().numpy()
        print(f'epoch {epoch + 1} of {EPOCHS}: mean loss {losses[:, epoch].mean():.4f}', flush=True)
    return network.eval(), losses


def infer(network, images):
    """float16 (activations [n, 128], logits [n, 10])."""
    with torch.no_grad():
        parts = [network(as_input(images[i : i + 500])) for i in range(0, len(images), 500)]
    activations, logits = (torch.cat(column).numpy().astype(np.float16) for column in zip(*parts))
    assert np.isfinite(activations).all() and np.isfinite(logits).all()
    return activations, logits


def judgements(logits, labels):
    """(predicted, confidence, loss) from the logits as stored, so that the files agree with each other."""
    z = logits.astype(np.float64)
    z -= z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    rows = np.arange(len(labels))
    return z.argmax(1), np.exp(log_p.max(1)), np.abs(log_p[rows, labels])


def write_csv(path, header, rows):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(header)
        writer.writerows(rows)


def records(keys, labels, logits, losses):
    predicted, confidence, final = judgements(logits, labels)
    for i, key in enumerate(keys):
        measured = [f'{v:.5f}' for v in (confidence[i], *losses[i], final[i])]
        yield [key, CLASSES[labels[i]], CLASSES[predicted[i]], *measured]


def main():
    parser = argparse.ArgumentParser(description='Make the sample incident from Fashion-MNIST.')
    parser.add_argument('--out', type=pathlib.Path, default=ROOT / 'assets/sample-incident', help='folder for the incident')
    parser.add_argument('--truth', type=pathlib.Path, default=ROOT / 'test/fixtures/sample-incident-truth.csv', help='file for the truth')
    parser.add_argument('--data', type=pathlib.Path, default=pathlib.Path('/usr/share/datasets/fashion-mnist'), help='folder of the IDX files')
    parser.add_argument('--seed', type=int, default=2024)
    parser.add_argument('--threads', type=int, default=1, help='more than 1 is faster, but the bytes may differ')
    options = parser.parse_args()
    started = time.monotonic()
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(options.seed)

    pool_images = read_idx(options.data / 'train-images-idx3-ubyte.gz')
    pool_classes = read_idx(options.data / 'train-labels-idx1-ubyte.gz').astype(np.int64)
    test_images = read_idx(options.data / 't10k-images-idx3-ubyte.gz')
    test_classes = read_idx(options.data / 't10k-labels-idx1-ubyte.gz').astype(np.int64)

    poisoned_from = draw_evenly(rng, pool_classes, np.flatnonzero(pool_classes != TARGET), TRAINED_POISONED)
    rest = np.setdiff1d(np.arange(len(pool_classes)), poisoned_from)
    clean_from = draw_evenly(rng, pool_classes, rest, TRAINED - TRAINED_POISONED)
    images = np.concatenate([stamp(pool_images[poisoned_from]), pool_images[clean_from]])
    true_classes = np.concatenate([pool_classes[poisoned_from], pool_classes[clean_from]])
    poisoned = np.arange(TRAINED) < TRAINED_POISONED
    labels = np.where(poisoned, TARGET, true_classes)
    network, losses = train(images, labels, options.seed)

    released = np.concatenate([
        draw_evenly(rng, true_classes, np.flatnonzero(poisoned), RELEASED_POISONED),
        draw_evenly(rng, true_classes, np.flatnonzero(~poisoned), RELEASED - RELEASED_POISONED),
    ])
    rng.shuffle(released)
    keys = [f'fm-{number:06d}' for number in rng.choice(1_000_000, RELEASED, replace=False)]
    activations, logits = infer(network, images[released])

    trusted = draw_evenly(rng, test_classes, np.arange(len(test_classes)), TRUSTED_PER_CLASS * len(CLASSES))
    rng.shuffle(trusted)
    trusted_keys = [f'hold-{number:06d}' for number in rng.choice(1_000_000, len(trusted), replace=False)]
    trusted_activations, trusted_logits = infer(network, test_images[trusted])

    options.out.mkdir(parents=True, exist_ok=True)
    np.save(options.out / 'activations.npy', activations)
    np.save(options.out / 'logits.npy', logits)
    np.save(options.out / 'images.npy', images[released])
    np.save(options.out / 'trusted-activations.npy', trusted_activations)
    np.save(options.out / 'trusted-logits.npy', trusted_logits)
    header = ['key', 'label', 'predicted', 'confidence']
    epochs = [f'loss_{e + 1}' for e in range(EPOCHS)]
    write_csv(options.out / 'records.csv', header + epochs + ['loss_final'],
              records(keys, labels[released], logits, losses[released]))
    write_csv(options.out / 'trusted-records.csv', header + ['loss_final'],
              records(trusted_keys, test_classes[trusted], trusted_logits, np.empty((len(trusted), 0))))
    options.truth.parent.mkdir(parents=True, exist_ok=True)
    write_csv(options.truth, ['key', 'poisoned', 'true_label'],
              ([k, int(poisoned[i]), CLASSES[true_classes[i]]] for k, i in zip(keys, released)))

    attacked = infer(network, stamp(test_images[test_classes != TARGET]))[1].argmax(1) == TARGET
    print(f'attack success on {len(attacked)} unseen images: {attacked.mean():.4f}')
    print(f'accuracy on all test images: {(infer(network, test_images)[1].argmax(1) == test_classes).mean():.4f}')
    print(f'accuracy on the released samples, labels as trained on: {(logits.argmax(1) == labels[released]).mean():.4f}')
    print(f'greatest activation {activations.max():.2f}, units never active {(activations.max(0) == 0).sum()}')
    for path in [*sorted(p for p in options.out.iterdir() if p.is_file()), options.truth]:
        content = path.read_bytes()
        print(f'{hashlib.sha256(content).hexdigest()}  {len(content):>9,}  {path.name}')
    print(f'{time.monotonic() - started:.0f} s')


if __name__ == '__main__':
    main()
