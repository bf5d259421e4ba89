#include "core/train/evaluate/probe_samples.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/number_list.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

struct ProbeSamples {
    std::vector<Example> examples;
    std::vector<std::int64_t> numbers; // of each among all that were loaded
};

// Those of the lines that are named, else the first ones. A line without a sample is named in a warning.
ProbeSamples probeSamples(const config::LogConfig& log, const std::vector<Example>& from, const std::string& file,
                          Observer& observer)
{
    ProbeSamples chosen;
    if (log.probeLines.empty()) {
        const auto count = std::min(from.size(), static_cast<std::size_t>(log.probeSamples));
        chosen.examples.assign(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
        chosen.numbers.resize(count);
        std::iota(chosen.numbers.begin(), chosen.numbers.end(), std::int64_t{0});
        return chosen;
    }
    std::map<std::int64_t, std::size_t> byLine; // place in `from`
    for (std::size_t i = 0; i < from.size(); ++i) {
        byLine.emplace(from[i].record.line, i);
    }
    std::vector<std::uint64_t> missing;
    const std::vector<std::uint64_t> lines = config::parseNumbers(log.probeLines, "lines").value();
    for (const std::uint64_t line : lines) {
        const auto found = byLine.find(static_cast<std::int64_t>(line));
        if (found == byLine.end()) {
            missing.push_back(line);
            continue;
        }
        chosen.examples.push_back(from[found->second]);
        chosen.numbers.push_back(static_cast<std::int64_t>(found->second));
    }
    if (!missing.empty()) {
        observer.onEvent(0, "warning",
                         file +
                             ": log.probe_lines names lines that no sample was made of, and nothing is recorded of "
                             "them: " +
                             config::numbersText(missing) +
                             ". They lie beyond what is read of the file, cannot be used, or have no response token "
                             "within data.max_length tokens.");
    }
    return chosen;
}

// Of those that are left, which are in the same order.
std::vector<std::int64_t> numbersLeft(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& lines,
                                      const std::vector<Example>& left)
{
    std::vector<std::int64_t> numbers;
    std::size_t at = 0;
    for (const Example& example : left) {
        while (lines[at] != example.record.line) {
            ++at;
        }
        numbers.push_back(before[at++]);
    }
    return numbers;
}

} // namespace

std::unique_ptr<Probes> makeProbes(const config::Experiment& experiment, TrainingSetup& setup, Observer& observer)
{
    if (!config::recordsProbes(experiment)) {
        return nullptr;
    }
    const bool validates = !setup.validation.empty();
    const std::string& file = validates ? experiment.data.validation : experiment.data.train;
    ProbeSamples chosen = probeSamples(experiment.log, validates ? setup.validation : setup.examples, file, observer);
    if (!setup.probeTeacher) {
        return std::make_unique<Probes>(experiment, setup.tokenizers, std::move(chosen.examples), *setup.student,
                                        setup.teacher.get(), *setup.distiller, observer.keptAxes(),
                                        std::move(chosen.numbers));
    }
    ProbeTeacher& own = *setup.probeTeacher;
    std::vector<std::int64_t> lines;
    lines.reserve(chosen.examples.size());
    for (const Example& example : chosen.examples) {
        lines.push_back(example.record.line);
    }
    std::vector<Example> left =
        forProbeTeacher(std::move(chosen.examples), file, experiment.data, own.tokenizers, observer);
    std::vector<std::int64_t> numbers = numbersLeft(chosen.numbers, lines, left);
    return std::make_unique<Probes>(experiment, own.tokenizers, std::move(left), *setup.student, own.teacher.get(),
                                    *setup.distiller, observer.keptAxes(), std::move(numbers));
}

} // namespace dskd::train
