#pragma once

// What runs record of representation spaces as CSV: one form, whether the window or the command line writes it. Any
// thread.

#include "core/jobs/point_csv.h"
#include "core/metrics/metric_table.h"
#include "core/store/space_records.h"

#include <string>
#include <string_view>

namespace dskd::jobs
{

// What is recorded of a probe sample, by the names of the metrics that are its means.
struct SampleDistance {
    std::string_view metric;
    double store::StructureRow::*value;
};
inline constexpr SampleDistance kSampleDistances[] = {{metrics::kStructureCosine, &store::StructureRow::cosineMean},
                                                      {metrics::kStructureProduct, &store::StructureRow::productMean},
                                                      {"structure.cosine", &store::StructureRow::cosine},
                                                      {"structure.product", &store::StructureRow::product}};

// "run,name,seed,step,sample,rows,product_rows" and the distances; then a line a sample.
[[nodiscard]] std::string sampleColumns();
[[nodiscard]] std::string sampleLine(const PointSource& run, const store::StructureRow& sample);

inline constexpr std::string_view kSpacePointColumns = "run,name,seed,step,space,side,sample,row,token,x,y\n";
[[nodiscard]] std::string spacePointLine(const PointSource& run, const store::SpacePointRow& point);

} // namespace dskd::jobs
