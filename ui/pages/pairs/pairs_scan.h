#pragma once

// What the page of pairs reads and computes on its own thread. Everything here may take long; any thread.

#include "core/base/result.h"
#include "core/pairs/pair_analysis.h"
#include "core/store/input_table.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

// What the workspace lists now.
struct KnownPairs {
    std::vector<store::ModelRow> teachers;
    std::vector<store::ModelRow> students;
    std::vector<store::DatasetRow> data;
    std::optional<store::DatasetRow> chosen; // the data to align on; none where none is known
    std::vector<std::string> sentences;      // what was moved, has changed or is missing
};

// `data`: the path of the data set that the person chose; empty, or not known any more: the largest.
Result<KnownPairs> readKnownPairs(const std::filesystem::path& workspace, const std::string& data,
                                  const std::atomic<bool>& cancelled);

// Every cell, those that are kept among them.
Result<void> comparePairs(const std::filesystem::path& workspace, const KnownPairs& known, std::int64_t samples,
                          const std::function<void(const pairs::PairCell&)>& onCell,
                          const std::atomic<bool>& cancelled);

struct AddedInputs {
    std::string data;                  // the last data file among them
    std::vector<std::string> problems; // what could not be added, a sentence each
};

// Folders as models, files as data.
Result<AddedInputs> addInputs(const std::filesystem::path& workspace, const std::vector<std::filesystem::path>& paths);

} // namespace dskd::ui
