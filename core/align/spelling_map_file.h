#pragma once

// The map of a pair of vocabularies in a file, so that it is looked for once per pair and not once per run.

#include "core/align/spelling.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

namespace dskd::align
{

struct SpellingMap;

// Where the programs keep the maps: $XDG_CACHE_HOME/dskd-workbench/spelling-maps, else ~/.cache/...; outside of any
// workspace, because a pair of vocabularies belongs to none. Empty when the machine has no home for it.
[[nodiscard]] std::filesystem::path spellingMapFolder();

// Named after a hash of everything that the map follows from; a vocabulary that changes has another file.
class SpellingMapFile
{
public:
    //   known   the partners that are not looked for, as of nearestSpellings
    SpellingMapFile(const std::filesystem::path& folder, const SpelledPair& pair,
                    std::span<const tokenizer::TokenId> known);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; } // empty without a folder
    // Nothing when there is no such file, or when it was damaged or cut: the map is then found anew.
    [[nodiscard]] std::optional<SpellingMap> read() const;
    // Whole or not at all. False when it could not be written: the next run looks for the map again.
    bool write(const SpellingMap& map) const;

private:
    std::filesystem::path m_path;
    std::uint64_t m_hash;
    std::size_t m_teacherSize;
    std::size_t m_studentSize;
};

} // namespace dskd::align
