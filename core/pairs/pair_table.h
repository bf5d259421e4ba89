#pragma once

// The analysed pairs as a table: for a terminal and LaTeX (core/text/table.h), and as CSV.

#include "core/pairs/pair_analysis.h"
#include "core/text/table.h"

#include <string>
#include <vector>

namespace dskd::pairs
{

// A row a pair: both names, sizes of the vocabularies, overlap, coverage and its minimum in per cent, samples. A pair
// without an analysis has "-" in their place.
[[nodiscard]] text::Table toTextTable(const std::vector<PairCell>& cells);

// The same in full precision, with the paths, the histogram (bin_0 … bin_19: samples in [i/20, (i+1)/20)) and the
// problem.
[[nodiscard]] std::string toCsv(const std::vector<PairCell>& cells);

} // namespace dskd::pairs
