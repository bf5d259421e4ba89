#include "ui/models/axis_names.h"

#include "ui/feed/workspace_records.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace dskd::ui
{
namespace
{

struct Word {
    std::string_view field;
    std::string_view value;
};

// Empty for a name that is not made of such words alone.
std::vector<Word> wordsOf(std::string_view name)
{
    std::vector<Word> words;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find(' '), name.size());
        const std::string_view word = name.substr(0, end);
        const std::size_t sign = word.find('=');
        if (sign == std::string_view::npos || sign == 0) {
            return {};
        }
        words.push_back({word.substr(0, sign), word.substr(sign + 1)});
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return words;
}

bool hasFields(const std::vector<Word>& words, const std::vector<NamedAxis>& axes)
{
    return std::equal(words.begin(), words.end(), axes.begin(), axes.end(),
                      [](const Word& word, const NamedAxis& axis) { return word.field == axis.field; });
}

} // namespace

std::vector<NamedAxis> namedAxes(const std::vector<std::string_view>& names)
{
    std::vector<NamedAxis> axes;
    int made = 0; // names of such words
    for (const std::string_view name : names) {
        const std::vector<Word> words = wordsOf(name);
        if (words.empty()) {
            continue;
        }
        if (made++ == 0) {
            for (const Word& word : words) {
                axes.push_back({std::string(word.field), std::string(word.value), false});
            }
            continue;
        }
        if (!hasFields(words, axes)) {
            return {};
        }
        for (std::size_t i = 0; i < words.size(); ++i) {
            axes[i].varies = axes[i].varies || words[i].value != axes[i].first;
        }
    }
    return made > 1 ? axes : std::vector<NamedAxis>();
}

std::string variedPart(std::string_view name, const std::vector<NamedAxis>& axes)
{
    const std::vector<Word> words = wordsOf(name);
    if (axes.empty() || !hasFields(words, axes)) {
        return std::string(name);
    }
    std::string part;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (axes[i].varies) {
            part += (part.empty() ? "" : " \u00b7 ") + std::string(words[i].value);
        }
    }
    return part;
}

std::set<std::string> formerNamesakes(const std::vector<RunRecord>& runs, std::int64_t newestRevision)
{
    const auto isFormer = [&](const RunRecord& run) { return run.row.revision && *run.row.revision < newestRevision; };
    std::set<std::string> namesakes;
    if (std::none_of(runs.begin(), runs.end(), isFormer)) {
        return namesakes; // as most experiments
    }
    const auto labelOf = [](const RunRecord& run) {
        return std::pair<std::string_view, std::uint64_t>(run.row.shownName(), run.row.seed);
    };
    std::map<std::pair<std::string_view, std::uint64_t>, int> numRuns;
    for (const RunRecord& run : runs) {
        ++numRuns[labelOf(run)];
    }
    for (const RunRecord& run : runs) {
        if (isFormer(run) && numRuns[labelOf(run)] > 1) {
            namesakes.insert(run.row.id);
        }
    }
    return namesakes;
}

} // namespace dskd::ui
