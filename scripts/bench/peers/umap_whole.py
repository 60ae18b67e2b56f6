"""A map of 200 epochs by umap-learn with a fixed seed, which makes it serial and reproducible."""
import sys

import umap
from answering import answer, load, write

x = load(sys.argv[2])
answer(
    run=lambda: umap.UMAP(n_neighbors=15, min_dist=0.1, n_epochs=200, random_state=42).fit_transform(x),
    facts=lambda embedding: {'map': write('map-of-umap-learn.bin', embedding.astype('float32'))},
    versions={'umap-learn': umap.__version__},
)
