/** @typedef {import('./conversation.mjs').Facts} Facts */
/** @typedef {'avx512' | 'avx2'} InstructionSet */
/** @typedef {Record<InstructionSet, number | null>} Asked */

/**
 * One line of the table: a kernel of ours against a peer on the same data.
 * @typedef {object} Row
 * @property {string} name
 * @property {'detectors' | 'drift'} [of] the command that runs it; `kernels` unless said
 * @property {string} title
 * @property {string} peerTitle
 * @property {string[]} data names of data sets; both sides are given them in this order
 * @property {string} ours a program of bench/ours
 * @property {string} peer a program of bench/peers, Python or Node; `wasm`: our own program with the WebAssembly twin
 * @property {Asked | null} asked least ratio of CPU times, peer's by ours; null: shown without a demand
 * @property {Asked} [askedOfFastBlas] the same where the peer's linear algebra uses AVX-512
 * @property {number} [askedAtMost] where the ratio is to be small: the twin's time by the addon's
 * @property {number} [mostMegabytes] of ours above the resting process
 * @property {boolean} [judgesMaps] both sides hand over a map, whose trustworthiness is added to what they found
 * @property {(ours: Facts, peer: Facts) => string | null} agree what does not agree, a sentence, or null
 * @property {(ours: Facts, peer: Facts) => string} say what both found, for the table's notes
 */

/** @param {number} ratio */
const both = (ratio) => ({ avx512: ratio, avx2: ratio });

/** @type {Row[]} */
export const rows = [
  {
    name: 'pca-randomized',
    title: 'PCA, 50 components of 50,000 x 512, with projection',
    peerTitle: "scikit-learn PCA(svd_solver='randomized')",
    data: ['real512'],
    ours: 'pca.mjs',
    peer: 'pca_randomized.py',
    asked: { avx512: 4, avx2: 3 },
    agree: capturesAsMuch,
    say: saidComponents,
  },
  {
    name: 'pca-eigh',
    title: 'PCA, 50 components of 50,000 x 512, with projection',
    peerTitle: 'numpy in float32: Gram matrix, eigh, projection, no centred copy',
    data: ['real512'],
    ours: 'pca.mjs',
    peer: 'pca_eigh.py',
    asked: { avx512: 1.25, avx2: 0.85 },
    askedOfFastBlas: { avx512: 0.9, avx2: null },
    agree: capturesAsMuch,
    say: saidComponents,
  },
  {
    name: 'spectral-512',
    title: 'Top singular vector and scores of 10 classes, 50,000 x 512',
    peerTitle: 'numpy svd of each centred class, as ART does it',
    data: ['real512', 'real-labels'],
    ours: 'spectral-scores.mjs',
    peer: 'spectral_scores.py',
    asked: { avx512: 15, avx2: 11 },
    agree: sameScores,
    say: ({ largest }, peer) => `largest score ${number(largest)} and ${number(peer.largest)}`,
  },
  {
    name: 'spectral-128',
    title: 'Top singular vector and scores of 10 classes, 50,000 x 128',
    peerTitle: 'numpy svd of each centred class, as ART does it',
    data: ['real', 'real-labels'],
    ours: 'spectral-scores.mjs',
    peer: 'spectral_scores.py',
    asked: { avx512: 14, avx2: 10 },
    agree: sameScores,
    say: ({ largest }, peer) => `largest score ${number(largest)} and ${number(peer.largest)}`,
  },
  {
    name: 'neighbours-100',
    title: 'Exact 15 nearest neighbours, 50,000 x 100',
    peerTitle: "scikit-learn NearestNeighbors(algorithm='brute')",
    data: ['mix100'],
    ours: 'neighbours.mjs',
    peer: 'neighbours_brute.py',
    asked: { avx512: 5, avx2: 3 },
    askedOfFastBlas: { avx512: 4, avx2: 2.2 },
    agree: sameNeighbours,
    say: saidNeighbours,
  },
  {
    name: 'neighbours-512',
    title: 'Exact 15 nearest neighbours, 50,000 x 512',
    peerTitle: "scikit-learn NearestNeighbors(algorithm='brute')",
    data: ['real512'],
    ours: 'neighbours.mjs',
    peer: 'neighbours_brute.py',
    asked: { avx512: 5.5, avx2: 3.3 },
    askedOfFastBlas: { avx512: 4, avx2: 2.2 },
    agree: sameNeighbours,
    say: saidNeighbours,
  },
  {
    name: 'neighbours-approximate',
    title: 'Approximate 15 nearest neighbours, recall 0.97 and more, 50,000 x 128',
    peerTitle: 'pynndescent at its recall',
    data: ['real'],
    ours: 'neighbours-inverted.mjs',
    peer: 'neighbours_descent.py',
    asked: { avx512: 3.5, avx2: 2 },
    agree: (ours) =>
      Number(ours.recall) >= 0.97 ? null : `Our recall is ${number(ours.recall)}, below 0.97.`,
    say: (ours, peer) => `recall ${number(ours.recall)} and ${number(peer.recall)}`,
  },
  {
    name: 'k-means',
    title: 'k-means, 20 clusters from the same start, 50,000 x 128',
    peerTitle: "scikit-learn KMeans(algorithm='lloyd')",
    data: ['real', 'real-centres'],
    ours: 'k-means.mjs',
    peer: 'k_means.py',
    asked: { avx512: 4, avx2: 3 },
    agree: (ours, peer) =>
      close(ours.inertia, peer.inertia, 1e-4)
        ? null
        : `The inertia is ${number(ours.inertia)} here and ${number(peer.inertia)} there.`,
    say: (ours, peer) =>
      `inertia ${number(ours.inertia)} and ${number(peer.inertia)}, rounds ${ours.rounds} and ${peer.rounds}`,
  },
  {
    name: 'dbscan',
    title: 'DBSCAN in 2 dimensions, 200,000 points',
    peerTitle: 'scikit-learn DBSCAN',
    data: ['blobs-200000'],
    ours: 'dbscan.mjs',
    peer: 'dbscan.py',
    asked: both(100),
    mostMegabytes: 100,
    agree: (ours, peer) => (ours.labels === peer.labels ? null : 'The labels differ.'),
    say: saidClusters,
  },
  {
    name: 'umap',
    title: 'UMAP whole: neighbours, graph, start, 200 epochs, 50,000 x 128',
    peerTitle: 'umap-learn with a fixed seed',
    data: ['real'],
    ours: 'umap.mjs',
    peer: 'umap_whole.py',
    asked: { avx512: 5, avx2: 4 },
    judgesMaps: true,
    agree: (ours, peer) =>
      Number(ours.trustworthiness) >= Number(peer.trustworthiness) - 0.005
        ? null
        : `Our trustworthiness is ${number(ours.trustworthiness)}, below ${number(peer.trustworthiness)} less 0.005.`,
    say: (ours, peer) =>
      `trustworthiness ${number(ours.trustworthiness)} and ${number(peer.trustworthiness)} on 5,000 rows`,
  },
  {
    name: 'ks',
    title: 'Kolmogorov-Smirnov, 1,000,000 against 1,000,000, shifted by 0.005',
    peerTitle: "scipy ks_2samp(method='asymp')",
    data: ['normal-a', 'normal-b'],
    ours: 'kolmogorov-smirnov.mjs',
    peer: 'kolmogorov_smirnov.py',
    asked: both(8),
    agree: sameDistance,
    say: saidDistance,
  },
  {
    name: 'ks-far',
    title: 'Kolmogorov-Smirnov, 1,000,000 against 1,000,000, shifted by 0.1',
    peerTitle: "scipy ks_2samp(method='asymp')",
    data: ['normal-a', 'normal-c'],
    ours: 'kolmogorov-smirnov.mjs',
    peer: 'kolmogorov_smirnov.py',
    asked: both(8),
    agree: sameDistance,
    say: saidDistance,
  },
  {
    name: 'ml-pca',
    title: 'PCA, 50 components of 20,000 x 128, with projection',
    peerTitle: 'ml-pca (SVD)',
    data: ['real-20000'],
    ours: 'pca.mjs',
    peer: 'ml-pca.mjs',
    asked: both(100),
    agree: capturesAsMuch,
    say: saidComponents,
  },
  {
    name: 'umap-js',
    title: 'UMAP whole, 200 epochs, 20,000 x 128',
    peerTitle: 'umap-js',
    data: ['real-20000'],
    ours: 'umap.mjs',
    peer: 'umap-js.mjs',
    asked: both(15),
    judgesMaps: true,
    agree: () => null,
    say: (ours, peer) =>
      ours.trustworthiness === undefined
        ? ''
        : `trustworthiness ${number(ours.trustworthiness)} and ${number(peer.trustworthiness)} on 5,000 rows`,
  },
  {
    name: 'density-clustering',
    title: 'DBSCAN in 2 dimensions, 20,000 points',
    peerTitle: 'density-clustering',
    data: ['blobs-20000'],
    ours: 'dbscan.mjs',
    peer: 'density-clustering.mjs',
    asked: both(200),
    agree: (ours, peer) =>
      ours.clusters === peer.clusters && close(ours.noise, peer.noise, 0.01)
        ? null
        : `Here ${ours.clusters} clusters and ${ours.noise} noise points, there ${peer.clusters} and ${peer.noise}.`,
    say: saidClusters,
  },
  {
    name: 'wasm-gram',
    title: 'Gram matrix of 50,000 x 512',
    peerTitle: 'our WebAssembly twin',
    data: ['real512'],
    ours: 'gram.mjs',
    peer: 'wasm',
    asked: null,
    askedAtMost: 4,
    agree: (ours, peer) => (close(ours.first, peer.first, 1e-6) ? null : 'The products differ.'),
    say: () => '',
  },
  {
    name: 'wasm-neighbours',
    title: 'Exact 15 nearest neighbours, 20,000 x 128',
    peerTitle: 'our WebAssembly twin',
    data: ['real-20000'],
    ours: 'neighbours.mjs',
    peer: 'wasm',
    asked: null,
    askedAtMost: 5,
    agree: sameNeighbours,
    say: saidNeighbours,
  },
  {
    name: 'activation-clustering',
    of: 'detectors',
    title: 'Activation clustering of 10 classes, 50,000 x 128, with silhouettes and analysers',
    peerTitle: 'scikit-learn PCA(10) and KMeans(2) of each class, ten starts, cluster sizes, as ART does it',
    data: ['real', 'real-labels'],
    ours: 'activation-clustering.mjs',
    peer: 'activation_clustering.py',
    asked: both(1),
    agree: (ours, peer) =>
      Number(ours.within) <= Number(peer.within) * 1.01
        ? null
        : `Our clusters leave a variance of ${number(ours.within)}, the peer's ${number(peer.within)}.`,
    say: (ours, peer) =>
      `mean squared distance to the cluster's centre ${number(ours.within)} and ${number(peer.within)}, rows in smaller clusters ${ours.smaller} and ${peer.smaller}`,
  },
  {
    name: 'spectral-signatures',
    of: 'detectors',
    title: 'Spectral signatures of 10 classes, 50,000 x 128, with valleys',
    peerTitle: 'numpy svd of each centred class, scores of the rows, as ART does it',
    data: ['real', 'real-labels'],
    ours: 'spectral-signatures.mjs',
    peer: 'spectral_scores.py',
    asked: both(1),
    agree: sameScores,
    say: ({ largest }, peer) => `largest score ${number(largest)} and ${number(peer.largest)}`,
  },
  {
    name: 'drift-columns',
    of: 'drift',
    title: 'Kolmogorov-Smirnov and PSI of 20 columns, 1,000,000 rows against 1,000,000, sorting both',
    peerTitle: "scipy ks_2samp(method='asymp') column by column, without PSI",
    data: ['columns-before', 'columns-now'],
    ours: 'drift-columns.mjs',
    peer: 'drift_columns.py',
    asked: both(3),
    agree: sameDistances,
    say: (ours, peer) =>
      `largest D ${number(ours.largest)} and ${number(peer.largest)}, largest PSI ${number(ours.psi)}`,
  },
];

/** @type {Row['agree']} */
function sameDistances(ours, peer) {
  const [mine, theirs] = [ours.distances, peer.distances];
  const same =
    Array.isArray(mine) &&
    Array.isArray(theirs) &&
    mine.length === theirs.length &&
    mine.every((value, i) => close(value, theirs[i], 1e-12));
  return same ? null : 'The distances differ.';
}

/** @type {Row['agree']} */
function capturesAsMuch(ours, peer) {
  return Number(ours.captured) >= Number(peer.captured) * (1 - 1e-4)
    ? null
    : `Our components hold a variance of ${number(ours.captured)}, the peer's ${number(peer.captured)}.`;
}

/** @type {Row['say']} */
function saidComponents(ours, peer) {
  return `first variance ${number(ours.first)} and ${number(peer.first)}, 50th ${number(ours.last)} and ${number(peer.last)}`;
}

/** @type {Row['agree']} */
function sameScores(ours, peer) {
  const [mine, theirs] = [ours.rms, peer.rms];
  const same =
    Array.isArray(mine) &&
    Array.isArray(theirs) &&
    mine.length === theirs.length &&
    mine.every((value, i) => close(value, theirs[i], 1e-4));
  return same && close(ours.largest, peer.largest, 1e-3) ? null : 'The scores differ.';
}

/** @type {Row['agree']} */
function sameNeighbours(ours, peer) {
  const shared = sharedNeighbours(ours, peer);
  return shared >= 0.999 && close(ours.meanDistance, peer.meanDistance, 1e-6)
    ? null
    : `Of the neighbours of 200 rows ${number(shared)} are the same.`;
}

/**
 * Share of the neighbours of the same rows that both name: equal distances may be named otherwise.
 * @param {Facts} ours
 * @param {Facts} peer
 */
function sharedNeighbours(ours, peer) {
  const [mine, theirs] = [ours.ids, peer.ids];
  if (!Array.isArray(mine) || !Array.isArray(theirs)) return 0;
  let shared = 0;
  for (let at = 0; at < mine.length; at += 15) {
    const near = new Set(theirs.slice(at, at + 15));
    shared += mine.slice(at, at + 15).filter((id) => near.has(id)).length;
  }
  return shared / mine.length;
}

/** @type {Row['say']} */
function saidNeighbours(ours, peer) {
  return `${number(sharedNeighbours(ours, peer))} of the neighbours of 200 rows the same, ${number(ours.certified)} of our rows certified`;
}

/** @type {Row['say']} */
function saidClusters(ours, peer) {
  return `clusters ${ours.clusters} and ${peer.clusters}, noise points ${ours.noise} and ${peer.noise}`;
}

/**
 * @param {Facts[string] | undefined} a
 * @param {Facts[string] | undefined} b
 * @param {number} relative
 */
function close(a, b, relative) {
  return Math.abs(Number(a) - Number(b)) <= relative * Math.abs(Number(b));
}

/** @type {Row['agree']} */
function sameDistance(ours, peer) {
  return ours.D === peer.D ? null : `D is ${ours.D} here and ${peer.D} there.`;
}

/** @type {Row['say']} */
function saidDistance(ours, peer) {
  return `D ${number(ours.D)} and ${number(peer.D)}, p ${number(ours.p)} and ${number(peer.p)}`;
}

/** @param {Facts[string] | undefined} value */
function number(value) {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}
