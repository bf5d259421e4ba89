#include "core/bench/measure_align.h"

#include "core/base/parallel.h"
#include "core/base/result.h"
#include "core/base/usable_threads.h"
#include "core/config/schema/alignment.h"
#include "core/config/schema/data_config.h"
#include "core/dataset/record.h"
#include "core/dataset/sample.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/data/row_alignment.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

namespace dskd::bench
{

namespace
{

void requireThere(const std::string& what, const std::string& path)
{
    std::error_code error; // whoever reads it reports what is in the way
    if (!std::filesystem::exists(path, error) && !error) {
        throw Error(what + " " + path + " does not exist.", "Check the path.", FailureKind::NotFound);
    }
}

} // namespace

AlignMeasured measureAlign(const jobs::BenchJob& job)
{
    requireThere("The model folder", job.teacher);
    requireThere("The model folder", job.student);
    requireThere("The data file", job.data);
    const std::unique_ptr<tokenizer::Tokenizer> teacher =
        orThrow(tokenizer::loadTokenizer(job.teacher), FailureKind::BadModel);
    const std::unique_ptr<tokenizer::Tokenizer> student =
        orThrow(tokenizer::loadTokenizer(job.student), FailureKind::BadModel);
    const config::DataConfig data{};
    const dataset::RecordFile file = orThrow(dataset::readRecords(job.data, data), FailureKind::BadData);
    const auto alignAll = [&](int threads) {
        const auto work = [&](const Block& block) {
            for (std::size_t i = block.begin; i < block.end; ++i) {
                const dataset::Record& record = file.records[i];
                const dataset::Sample ofTeacher = dataset::makeSample(record, *teacher, data);
                const dataset::Sample ofStudent = dataset::makeSample(record, *student, data);
                (void)train::alignRows({*teacher, ofTeacher}, {*student, ofStudent}, record.responses.front(),
                                       config::Alignment::Eta);
            }
        };
        inParallel(file.records.size(), work, {threads});
    };
    std::vector<int> threads{1};
    const int most = job.threads > 0 ? static_cast<int>(job.threads) : usableThreads();
    if (most > 1) {
        threads.push_back(most);
    }
    std::vector<std::function<void()>> works;
    works.reserve(threads.size());
    for (const int count : threads) {
        works.emplace_back([&alignAll, count] { alignAll(count); });
    }
    const std::vector<Measured> measured = measureInTurns(at::kCPU, works, job.times);
    AlignMeasured result;
    result.records = static_cast<std::int64_t>(file.records.size());
    for (std::size_t i = 0; i < threads.size(); ++i) {
        result.sides.push_back({threads[i], measured[i]});
    }
    return result;
}

} // namespace dskd::bench
