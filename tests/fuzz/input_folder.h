#pragma once

// Several files as one input, so that a search can change all of them: a line "=== NAME" begins a file.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace dskd::fuzz
{

// A folder of this process that holds the files of `input` whose names are in `names`, and nothing else; others are
// passed over. In memory where the system has such a place, and empty at the next call.
[[nodiscard]] const std::filesystem::path& unpacked(std::string_view input, std::span<const std::string_view> names);

// The files of `folder` whose names are in `names`, as one input.
[[nodiscard]] std::string packed(const std::filesystem::path& folder, std::span<const std::string_view> names);

} // namespace dskd::fuzz
