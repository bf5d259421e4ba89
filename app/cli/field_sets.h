#pragma once

// How an experiment of the command line comes about. A later step replaces what an earlier one has set:
//   1. the file; a field that it leaves out has its default
//   2. a whole method by its name: --set method=…, or a --grid over methods
//   3. every other --set, in the order given
//   4. the other fields of --grid
//   5. --name, --group and --seeds
// A field that both --set and --grid name is refused, and a seed of --set beside --seeds.
// Steps 1 to 3 are here, 4 and 5 of a sweep in grid.h. Everything throws Error of kind Usage, but for a file that is
// not there, which is NotFound.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::cli
{

// The texts of --set, taken apart.
struct FieldSets {
    std::optional<std::string> method;
    std::vector<std::pair<std::string, std::string>> fields; // name and value as given
};

// Refuses a text without "=" and a second method.
FieldSets parseSets(const std::vector<std::string>& texts);
// Steps 2 and 3.
void apply(const FieldSets& sets, config::Experiment& experiment);
// Steps 1 to 3.
config::Experiment readExperiment(const std::string& file, const std::vector<std::string>& sets);

// Before a run is made of the experiment: throws where its fields do not fit together (Usage), and where a model or
// data file that it names cannot be used (NotFound, BadModel, BadData; preflight::checkFiles).
void requireRunnable(const config::Experiment& experiment);

// The option of a command that sets a field: {"evaluate.data", "--data"}.
struct FieldOption {
    std::string field;
    std::string option;
};
// The failure with "--data (evaluate.data)" where it has "evaluate.data", for a person who gave the option and knows
// nothing of the field.
Failure namingOptions(Failure failure, const std::vector<FieldOption>& options);

} // namespace dskd::cli
