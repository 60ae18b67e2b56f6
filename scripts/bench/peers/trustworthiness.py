"""Prints the trustworthiness (15 neighbours) of maps of a data set, on 5,000 rows evenly spaced: FOLDER DATA MAP..."""
import sys

import numpy as np
from answering import load, say
from sklearn.manifold import trustworthiness

x = load(sys.argv[2])
chosen = np.arange(5000) * (len(x) // 5000)
maps = [np.fromfile(path, np.float32).reshape(len(x), 2) for path in sys.argv[3:]]
say([float(trustworthiness(x[chosen], one[chosen], n_neighbors=15)) for one in maps])
