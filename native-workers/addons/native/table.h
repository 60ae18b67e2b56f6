// The table of one instruction set. A unit defines TABLE and includes this.
#include "arguments.h"
#include "assign.h"
#include "cells.h"
#include "eigen.h"
#include "grid.h"
#include "half.h"
#include "layout.h"
#include "moments.h"
#include "neighbours.h"
#include "radix.h"
#include "spectral.h"
#include "vector.h"

namespace {

const Kernel kernels[] = {
    {"tridiagonalise", "F* n i* F* F* F* F* n", eigen::tridiagonalise},
    {"applyReflections", "F n F n n F* n", eigen::apply_reflections},
    {"rotateRows", "F* n i F", eigen::rotate_rows},
    {"removeSpan", "F n n F*", eigen::remove_span},
    {"multiplyBlock", "F n F F>", eigen::multiply_block},
    {"addProducts", "f i? n n n f f n F*", spectral::add_products},
    {"projectOnto", "f i? n n n F F F>", spectral::project_onto},
    {"halfToFloat", "h f>", half_to_float},
    {"addSums", "f i? n n n F*", add_sums},
    {"squaredDistances", "f i? n n n F F>", squared_distances},
    {"addGram", "f i? n n n f F?* F* f~", add_gram},
    {"addGramExact", "f i? n n n F F* F~", add_gram_exact},
    {"project", "f i? n n n f f n f> f~", project},
    {"projectExact", "f i? n n n F F n F> F~", project_exact},
    {"layoutEpoch", "i i u f f f f> n n r n i~", layout_epoch},
    {"packPoints", "f n i f*", neighbours::pack_points},
    {"knnTile", "f n i i i f f i n f* i*", neighbours::knn_tile},
    {"knnTileBoth", "f n n n n n f f n n n n f* i* f*", neighbours::knn_tile_both},
    {"knnTileExact", "f n i i i f F? i n F* i*", neighbours::knn_tile_exact},
    {"candidateValues", "f n i i n F>", neighbours::candidate_values},
    {"radixCountF32", "f n n u*", radix_count<float>},
    {"radixCountF64", "F n n u*", radix_count<double>},
    {"radixScatterF32", "f f* n n n n n u*", radix_scatter<float>},
    {"radixScatterF64", "F F* n n n n n u*", radix_scatter<double>},
    {"countHeadsF32", "f n n u*", count_heads<float>},
    {"countHeadsF64", "F n n u*", count_heads<double>},
    {"countCellsF32", "f n n u b u*", count_cells<float>},
    {"countCellsF64", "F n n u b u*", count_cells<double>},
    {"takeCellsF32", "f n n u b b f* u*", take_cells<float>},
    {"takeCellsF64", "F n n u b b F* u*", take_cells<double>},
    {"assign", "f i? n n n f f f F n r r i> f> f>", clustering::assign},
    {"centreSquares", "f i? n n n i n F F>", clustering::centre_squares},
    {"addPlaces", "F n n r r n n n i*", grid::add_places},
    {"countDigits", "i n n n i*", grid::count_digits},
    {"scatterRows", "i n i n n i* i*", grid::scatter_rows},
    {"splitCells", "F n i n n F r F* F* F* F* i* i* F* i*", grid::split_cells},
    {"markCores", "F F F r n i i i i n n n b*", cells::mark_cores},
    {"joinCells", "F F F r i i i i n n n b i*", cells::join_cells},
    {"joinBorders", "F F F r i i i i n n n i i*", cells::join_borders},
    {"moveRows", "f i? n n n i i n F*", clustering::move_rows},
};

}  // namespace

extern const KernelTable TABLE;
const KernelTable TABLE = {kernels, sizeof(kernels) / sizeof(kernels[0])};
