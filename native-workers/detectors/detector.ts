/** Row-major float32 matrix over a SharedArrayBuffer; every entry is finite (checked at import). */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Losses of every sample at successive times of the training, in column order. */
export interface LossCurves {
  readonly names: readonly string[];
  /** Shape (n, names.length), row-major; NaN where unknown. */
  readonly data: Float32Array;
}

/** What the images of a set say without a model: float32 on shared memory. */
export interface InputStatistics {
  /** Mean, standard deviation, skewness, excess kurtosis and entropy (bits, 50 bins) of each image's values, shape (n, 5). */
  readonly data: Float32Array;
  /** 53-bit hash of each image's bytes, shape (n,): equal images have equal hashes. */
  readonly contentHash: Float64Array;
}

/** A set of samples as the detectors see it. Row i of every array is the same sample. */
export interface SampleSet {
  readonly rows: number;
  /** Index into {@link ScanInput.classes}, shape (n,). */
  readonly label: Int32Array;
  /** Index into classes, -1 where unknown, shape (n,); null without predictions. */
  readonly predicted: Int32Array | null;
  /** 32-bit hash of each sample's key, shape (n,): folds and splits come from it, so row order never matters. */
  readonly keyHash: Uint32Array;
  readonly activations: Matrix | null;
  readonly logits: Matrix | null;
  readonly losses: LossCurves | null;
  /** Norm of each sample's gradient as a column gave it, NaN where unknown, shape (n,). */
  readonly gradientNorm: Float64Array | null;
  readonly images: InputStatistics | null;
}

export interface ScanInput {
  /** Labels that occur in labels or predictions of either set, sorted. */
  readonly classes: readonly string[];
  readonly investigated: SampleSet;
  /** A hold-out known to be clean; null without one. Its keys do not overlap the investigated ones (checked by the caller). */
  readonly trusted: SampleSet | null;
  /**
   * The activations are features that no model learned: what flips and peels promise is not promised of those, so that they
   * put nothing forward. The trusted test asks nothing of the features.
   */
  readonly builtIn?: boolean;
}

export type Need =
  | 'activations'
  | 'labels'
  | 'predictions'
  | 'logits'
  | 'trusted'
  | 'losses'
  | 'gradient norms or logits'
  | 'images';

export type Decision = 'alarm' | 'structure' | 'dark' | 'not judged' | 'not judged (ranking)';

/** One number of a class with its unit, as the inspector prints it. */
export interface Fact {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

export interface ClassFinding {
  /** Index into {@link ScanInput.classes}. */
  readonly classIndex: number;
  readonly n: number;
  readonly statistic: number | null;
  readonly pValue: number | null;
  /** Natural logarithm of pValue: p-values underflow where ln p does not. */
  readonly lnP: number | null;
  readonly decision: Decision;
  readonly facts: readonly Fact[];
  /** Why the class was not judged, in a sentence; null when it was. */
  readonly skipped: string | null;
  /** Leading eigenvalues of the class's covariance, largest first; absent where the method has none. */
  readonly spectrum?: Float64Array;
}

export interface DetectorResult {
  /** Shape (n,), higher is more suspicious, NaN is not judged. */
  readonly score: Float64Array;
  /** Shape (n,); null is 'no certificate'. */
  readonly pValue: Float64Array | null;
  /** Shape (n,): 1 where the method's own cut singles the row out. A mark is a hint, not an accusation. */
  readonly marked: Uint8Array;
  /** Shape (n,): cluster of each row inside its class, 0 the larger one, -1 none; null where the method has no clusters. */
  readonly cluster: Int32Array | null;
  /** Shape (n,): class that each row looks like, -1 none; null where the method looks for none. */
  readonly like: Int32Array | null;
  /** Shape (n,): the coordinate whose histogram carries the cut, NaN not judged; null where the method has none. */
  readonly projection: Float64Array | null;
  /** Per class, the scores of its trusted rows on the scale of {@link score}; null where it was not held against any. */
  readonly trustedScores: readonly (Float64Array | null)[];
  readonly classes: readonly ClassFinding[];
  readonly skipped: readonly { readonly classIndex: number | null; readonly reason: string }[];
  /** What the analyst should know before reading the findings, in sentences. */
  readonly notes: readonly string[];
}
