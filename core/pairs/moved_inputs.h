#pragma once

// What is known of a content, and where it is found again. Used inside this room only.

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::pairs
{

// Of paths, sizes and times; empty without files.
[[nodiscard]] std::string stampOf(const std::vector<std::filesystem::path>& files);
[[nodiscard]] std::string modelStamp(const std::filesystem::path& folder, const std::filesystem::path& tokenizer);

// As known_inputs.h says; empty where nothing can be read.
[[nodiscard]] std::string modelHash(const std::filesystem::path& folder, const std::filesystem::path& tokenizer);
[[nodiscard]] std::string datasetHash(const std::filesystem::path& file);

// Every folder (or regular file) at most `levels` levels below `folder`, which is none of them, in the order of their
// paths; hidden ones left out, at most 20,000 entries looked at. Links to folders are not followed.
enum class Entries { Folders, Files };
[[nodiscard]] std::vector<std::filesystem::path> entriesBelow(const std::filesystem::path& folder, int levels,
                                                              Entries entries, const std::atomic<bool>* cancelled);

} // namespace dskd::pairs
