#pragma once

// The samples of an experiment's data, as a person chooses among them which are recorded (log.probe_lines).

#include "core/base/result.h"
#include "core/config/schema/data_config.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::preflight
{

struct DataSample {
    std::int64_t line = 0; // in the file, from 1
    std::string question;  // without the words of a prompt template; of a conversation its last message
    std::string answer;    // the first one
};

struct DataSamples {
    std::filesystem::path file;
    std::vector<DataSample> samples;  // in the order of the file
    std::vector<std::string> leftOut; // sentences about lines that are no samples
};

// Those that runs record some of: of the validation data, or of the training data where there is no other, as far as a
// run reads the file. Fails when it cannot be read, with the reason, and soon after `cancelled` turned true. No
// tokenizer is needed, so samples are among them that are too long for the models. Any thread.
Result<DataSamples> probeCandidates(const config::DataConfig& data, const std::atomic<bool>* cancelled = nullptr);

} // namespace dskd::preflight
