#pragma once

// What a run was made of and on, apart from its configuration: the content of its data, the program, the device. Runs
// of one configuration may differ in it, so it splits no groups; a comparison lists where it differs.

#include "core/base/run_layout.h"
#include "core/store/run_reader.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace dskd::jobs
{

struct RunFact {
    std::string_view id; // "data.hash"
    std::string_view title;
    std::string_view sentence;
};
[[nodiscard]] std::span<const RunFact> runFacts();

// Of a run by RunFact::id, those that it has recorded. A damaged record counts as none.
[[nodiscard]] std::map<std::string, std::string> readFacts(const RunLayout& run, store::RunReader& reader);

// The title of a configuration field (config::shortField) or of a fact.
[[nodiscard]] std::string fieldTitle(const std::string& fieldOrFact);

} // namespace dskd::jobs
