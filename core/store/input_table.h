#pragma once

// The models and data sets that a workspace lists, and what was found out about pairs of models. How a folder or file
// is read, and how one that was moved is found again, is the business of core/pairs; here they are rows.

#include "core/base/result.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::store
{

struct ModelRow {
    std::int64_t id = 0;   // grows; never used again. 0: not in the table yet
    std::string path;      // absolute folder of a model, or of an adapter that stands for its base model
    std::string tokenizer; // folder of another tokenizer than its own; empty: its own
    std::string name;      // for people
    std::string kind;      // "model", "adapter", or "no weights"
    std::string family;    // model_type of config.json: "qwen2"
    std::int64_t parameters = 0;
    std::int64_t headRows = 0;                        // rows of embedding and head
    std::int64_t vocabulary = 0;                      // tokens that can be used: those of the tokenizer that have a row
    std::map<std::string, std::string> specialTokens; // "eos" -> "</s>"; those that the tokenizer has
    std::string chatTemplate;                         // "ChatML"; empty: none, or none that is understood
    std::string hash;     // of the content (pairs/known_inputs.h has what it covers); empty: not read
    std::string stamp;    // of names, sizes and times of the files when the hash was taken
    double seen = 0.0;    // when it was last found in its place; 0: never
    std::string problem;  // why it cannot be used, a sentence; empty: it can
    bool teacher = false; // may be one: it was one of a run, or a person added it
    bool student = false; // likewise
};

struct DatasetRow {
    std::int64_t id = 0;
    std::string path; // absolute
    std::string name;
    std::string kind;         // data.format: "alpaca"
    std::int64_t records = 0; // lines that can be used
    std::int64_t broken = 0;  // lines that cannot
    std::int64_t bytes = 0;
    std::string hash;
    std::string stamp;
    double seen = 0.0;
    std::string problem;
};

// Part of a WorkspaceDb, which must outlive it; with its threads and its failures.
class InputTable
{
public:
    explicit InputTable(WorkspaceDb& workspace) : m_workspace(workspace) {}

    // By name, then path. Without those that a person has forgotten.
    std::vector<ModelRow> models();
    std::vector<DatasetRow> datasets();

    // Adds the row, or replaces the one of its id, else the one of its path and tokenizer. Its id; a forgotten one is
    // known again. Fails (Usage) where another row that is known has the path; a forgotten one makes room.
    Result<std::int64_t> keep(const ModelRow& row);
    Result<std::int64_t> keep(const DatasetRow& row);

    // The one a person means: "#" and its id, its path, or its name where only one is called so. NotFound, with the
    // nearest name.
    Result<ModelRow> findModel(const std::string& text);
    Result<DatasetRow> findDataset(const std::string& text);

    // It is listed no more, and runs that use it do not bring it back; adding it does. NotFound where it is not known.
    Result<void> forgetModel(std::int64_t id);
    Result<void> forgetDataset(std::int64_t id);
    // One of the row's path and tokenizer.
    [[nodiscard]] bool isForgotten(const ModelRow& row);
    [[nodiscard]] bool isForgotten(const DatasetRow& row);

    // What was found out about a pair, by a key of all that it depends on.
    std::optional<std::string> analysis(const std::string& key);
    void keepAnalysis(const std::string& key, std::string_view analysis);

private:
    WorkspaceDb& m_workspace;
};

} // namespace dskd::store
