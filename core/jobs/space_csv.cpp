#include "core/jobs/space_csv.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"

namespace dskd::jobs
{
namespace
{

// "20261123-051200-dual-s10,dual,10,100,"
std::string begin(const PointSource& run, std::int64_t step)
{
    return text::csv(run.runId) + ',' + text::csv(run.name) + ',' + std::to_string(run.seed) + ',' +
           std::to_string(step) + ',';
}

} // namespace

std::string sampleColumns()
{
    std::string line = "run,name,seed,step,sample,rows,product_rows";
    for (const SampleDistance& distance : kSampleDistances) {
        line += ',';
        line += distance.metric;
    }
    return line + '\n';
}

std::string sampleLine(const PointSource& run, const store::StructureRow& sample)
{
    std::string line = begin(run, sample.step) + std::to_string(sample.sample) + ',' + std::to_string(sample.rows) +
                       ',' + std::to_string(sample.productRows);
    for (const SampleDistance& distance : kSampleDistances) {
        line += ',' + text::exact(sample.*distance.value);
    }
    return line + '\n';
}

std::string spacePointLine(const PointSource& run, const store::SpacePointRow& point)
{
    return begin(run, point.step) + std::string(store::name(point.space)) + ',' + std::string(store::name(point.side)) +
           ',' + std::to_string(point.sample) + ',' + std::to_string(point.row) + ',' + text::csv(point.token) + ',' +
           text::exact(point.x) + ',' + text::exact(point.y) + '\n';
}

} // namespace dskd::jobs
