"""Writes umap.json: figures of umap-learn and scikit-learn that maps are held against.

Needs Debian's umap-learn. The tests read the JSON alone.
    /usr/bin/python3 test/golden/make_umap.py
"""

import json
import pathlib

import numpy as np
import umap
from sklearn.manifold import trustworthiness
from umap.umap_ import (
    compute_membership_strengths,
    discrete_metric_simplicial_set_intersection,
    find_ab_params,
    fuzzy_simplicial_set,
    smooth_knn_dist,
)

ROWS, COLS, K = 60, 5, 8
random = np.random.default_rng(7)
points = random.normal(size=(ROWS, COLS)) + 4 * (np.arange(ROWS)[:, None] % 3)
points[10] = points[4]
points = np.maximum(points, 0).astype(np.float32)
labels = np.arange(ROWS) % 4 - 1


def nearest(queries, others, k):
    squares = ((queries[:, None, :].astype(float) - others[None, :, :]) ** 2).sum(axis=2)
    ids = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return ids, np.sqrt(np.take_along_axis(squares, ids, axis=1)).astype(np.float32)


ids, distances = nearest(points, points, K)
for row in range(ROWS):  # the row itself comes first, an equal row after it
    at = list(ids[row]).index(row)
    ids[row, : at + 1] = np.roll(ids[row, : at + 1], 1)
graph, _, _ = fuzzy_simplicial_set(points, K, None, "euclidean", knn_indices=ids, knn_dists=distances)
supervised = discrete_metric_simplicial_set_intersection(graph, labels, far_dist=5.0)


def edges(matrix):
    matrix = matrix.tocoo()
    order = np.lexsort((matrix.col, matrix.row))
    return [[int(matrix.row[e]), int(matrix.col[e]), float(matrix.data[e])] for e in order]


new = np.maximum(random.normal(size=(12, COLS)) + 4 * (np.arange(12)[:, None] % 3), 0).astype(np.float32)
new[5] = points[20]
new_ids, new_distances = nearest(new, points, K)
sigmas, rhos = smooth_knn_dist(new_distances, float(K), local_connectivity=0.0)
_, _, strengths, _ = compute_membership_strengths(new_ids.astype(np.int32), new_distances, sigmas, rhos, bipartite=True)

cloud = random.normal(size=(40, 4)).astype(np.float32)
shadow = (cloud[:, :2] + 0.7 * random.normal(size=(40, 2))).astype(np.float32)

curves = []
for min_dist, spread in [(0.1, 1.0), (0.0, 1.0), (0.5, 1.0), (0.25, 2.0), (0.8, 1.2)]:
    a, b = find_ab_params(spread, min_dist)
    curves.append({"minDist": min_dist, "spread": spread, "a": a, "b": b})

pathlib.Path(__file__).with_name("umap.json").write_text(
    json.dumps(
        {
            "versions": {"umap-learn": umap.__version__, "numpy": np.__version__},
            "curves": curves,
            "neighbours": {"k": K - 1, "ids": ids[:, 1:].tolist(), "distances": distances[:, 1:].tolist()},
            "labels": labels.tolist(),
            "edges": edges(graph),
            "supervised": edges(supervised),
            "newRows": {
                "k": K,
                "ids": new_ids.tolist(),
                "distances": new_distances.tolist(),
                "strengths": strengths.tolist(),
            },
            "trust": {
                "data": cloud.tolist(),
                "map": shadow.tolist(),
                "value": {k: trustworthiness(cloud, shadow, n_neighbors=k) for k in (1, 5, 15)},
            },
        }
    )
    + "\n"
)
