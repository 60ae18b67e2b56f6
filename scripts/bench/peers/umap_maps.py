"""Prints the files of umap-learn's maps of a data set, one a seed: FOLDER DATA SEED..."""
import sys

import umap
from answering import load, say, write

x = load(sys.argv[2])
files = []
for seed in sys.argv[3:]:
    found = umap.UMAP(n_neighbors=15, min_dist=0.1, random_state=int(seed)).fit_transform(x)
    files.append(write(f'map-{sys.argv[2]}-umap-learn-{seed}.bin', found.astype('float32')))
say(files)
