import type { Kernels } from '../kernels.ts';
import { clusteringKernels } from './assign.ts';
import { layoutKernels } from './layout.ts';
import { eigenKernels } from './eigen.ts';
import { momentsKernels } from './moments.ts';
import { neighboursKernels } from './neighbours.ts';
import { spectralKernels } from './spectral.ts';
import { radixKernels } from './radix.ts';

/** The readable inner functions: always there. */
export const typescriptKernels: Kernels = {
  engine: 'typescript',
  ...clusteringKernels,
  ...eigenKernels,
  ...spectralKernels,
  ...momentsKernels,
  ...neighboursKernels,
  ...radixKernels,
  ...layoutKernels,
};
