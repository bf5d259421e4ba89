#pragma once

#include "core/base/result.h"
#include "core/config/schema/data_config.h"
#include "core/tokenizer/chat/chat_template.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dskd::dataset
{

// One example as people wrote it. `responses` holds at least one reference answer; training uses the first.
struct Record {
    std::string prompt; // after the template: what the model sees; with a chat template, as renderPrompts set it
    std::vector<std::string> responses;
    std::string topic;     // category, may be empty
    std::int64_t line = 0; // in the file, from 1
    // The messages before the answer; only with a chat template, which each model has its own of.
    std::vector<tokenizer::ChatTurn> turns = {};
    bool ended = true; // false: the answer was cut (a model's that reached its longest), so no end is learned
};

struct BrokenLine {
    std::int64_t line = 0;
    std::string why; // a sentence
};

struct RecordFile {
    std::filesystem::path path;
    std::vector<Record> records;
    std::vector<BrokenLine> broken;                       // skipped lines; the rest of the file is used
    config::DataFormat format = config::DataFormat::Auto; // what was recognised
    std::map<std::string, std::int64_t> unused; // fields that hold text and reach no prompt, and in how many records

    // "data/train.jsonl, line 12: ..." for each of the first `most` broken lines.
    [[nodiscard]] std::vector<std::string> brokenLines(std::size_t most = 20) const;
    // What the file holds and a job does not see, as sentences: "997 of 1000 lines used; 3 skipped, the first (line 12)
    // because: ...", and one for each unused field. Empty when everything is used.
    [[nodiscard]] std::vector<std::string> leftOut() const;
};

// Reads a JSONL file in UTF-8; a file of another kind is named as what it is. Fails when the file cannot be read or
// when no line of it is usable, and soon after `cancelled` turned true. limit 0: all records.
Result<RecordFile> readRecords(const std::filesystem::path& file, const config::DataConfig& config,
                               std::int64_t limit = 0, const std::atomic<bool>* cancelled = nullptr);

} // namespace dskd::dataset
