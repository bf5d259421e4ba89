#pragma once

// The models and data sets that a workspace lists (store/input_table.h): what a folder or a file holds, read without
// weights, and how one that was moved is found again.
//
// The hash of a model covers, of every file that a run records as its input (preflight/run_inputs.h), the name, the
// size and the hash: config.json, adapter_config.json, the tokenizer's files and the weights, of which files above 64
// MiB are sampled. The hash of a data set is that of its file. Both are taken again only when names, sizes or times of
// the files have changed.

#include "core/base/result.h"
#include "core/store/input_table.h"
#include "core/store/workspace_db.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::pairs
{

// As ModelRow::kind stores it.
inline constexpr const char* kWithWeights = "model";
inline constexpr const char* kAdapter = "adapter";
inline constexpr const char* kWithoutWeights = "no weights";

enum class Side { Either, Teacher, Student };

// What a folder records of its model, its tokenizer and its chat template; `tokenizer`: the folder of another one, or
// empty. BadModel (or NotFound) where the architecture or the tokenizer cannot be used.
Result<store::ModelRow> readModel(const std::filesystem::path& folder, const std::filesystem::path& tokenizer = {});
// BadData where no line of it can be used, NotFound where there is none.
Result<store::DatasetRow> readDataset(const std::filesystem::path& file);

// The same, kept in the workspace; what is known already is read anew. `side`: what the person means it for.
Result<store::ModelRow> addModel(store::WorkspaceDb& workspace, const std::filesystem::path& folder,
                                 const std::filesystem::path& tokenizer = {}, Side side = Side::Either);
Result<store::DatasetRow> addDataset(store::WorkspaceDb& workspace, const std::filesystem::path& file);

// Takes up what the training runs of the workspace were made of and checks whether everything listed is still in its
// place. What is gone is looked for by its hash in `places` (three levels deep) and beside its former place (two), and
// its row then names the new one. What changed or is missing, a sentence each. On a workspace that can only be read
// nothing is kept. Stops early once `cancelled`. Any thread; reads files.
std::vector<std::string> refreshInputs(store::WorkspaceDb& workspace,
                                       const std::vector<std::filesystem::path>& places = {},
                                       const std::atomic<bool>* cancelled = nullptr);

} // namespace dskd::pairs
