#pragma once

// How many samples training files have, for those who ask again and again.

#include "core/config/schema/data_config.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace dskd::jobs
{

// Reads a file again only when its size or its time has changed. One thread at a time.
class SampleCounts
{
public:
    // preflight::trainingSamples; nothing where the data cannot be read, which is tried again the next time.
    std::optional<std::int64_t> of(const config::DataConfig& data);

private:
    struct Count {
        std::string stamp;
        std::int64_t samples = 0;
    };
    std::map<std::string, Count> m_counts; // by the fields of the data
};

} // namespace dskd::jobs
