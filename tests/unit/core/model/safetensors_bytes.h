#pragma once

// Safetensors files put together by hand, so that they can be wrong.

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace dskd::model::testing
{

inline std::string safetensorsBytes(const std::string& header, const std::string& data)
{
    std::string bytes;
    for (int i = 0; i < 8; ++i) {
        bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i) & 0xff);
    }
    return bytes + header + data;
}

class TemporaryFolder : public test::TemporaryFolder
{
public:
    std::filesystem::path write(const std::string& name, const std::string& content) const
    {
        writeFileAtomically(path() / name, content).value();
        return path() / name;
    }
};

} // namespace dskd::model::testing
