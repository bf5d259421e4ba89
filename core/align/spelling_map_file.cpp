#include "core/align/spelling_map_file.h"

#include "core/align/minimum_edits.h"
#include "core/base/atomic_file.h"
#include "core/base/hash.h"
#include "core/base/regular_file.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

namespace dskd::align
{
namespace
{

namespace fs = std::filesystem;
using tokenizer::TokenId;

constexpr std::uint64_t kFormat = 1; // change it when the same vocabularies get another map

void add(const Spellings& spellings, Fnv1a& hash)
{
    for (TokenId id = 0; id < spellings.size(); ++id) {
        const std::span<const Letter> letters = spellings.of(id);
        const std::uint64_t length = letters.size(); // so that "ab", "c" is not "a", "bc"
        hash.add(std::as_bytes(std::span(&length, 1)));
        hash.add(std::as_bytes(letters));
    }
}

struct Header {
    std::array<char, 8> magic;
    std::uint64_t format;
    std::uint64_t pair;     // hash of what the map follows from
    std::uint64_t contents; // hash of `exact` and of what follows the header
    std::uint64_t exact;
};
constexpr std::array<char, 8> kMagic = {'d', 's', 'k', 'd', '-', 'm', 'a', 'p'};

std::uint64_t hashOf(std::uint64_t exact, std::string_view ids)
{
    Fnv1a hash;
    hash.add(std::as_bytes(std::span(&exact, 1)));
    hash.add(ids);
    return hash.value();
}

} // namespace

fs::path spellingMapFolder()
{
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (cache != nullptr && fs::path(cache).is_absolute()) {
        return fs::path(cache) / "dskd-workbench" / "spelling-maps";
    }
    return home != nullptr && *home != '\0' ? fs::path(home) / ".cache" / "dskd-workbench" / "spelling-maps"
                                            : fs::path();
}

SpellingMapFile::SpellingMapFile(const fs::path& folder, const SpelledPair& pair, std::span<const TokenId> known)
    : m_teacherSize(static_cast<std::size_t>(pair.teacher.size())),
      m_studentSize(static_cast<std::size_t>(pair.student.size()))
{
    Fnv1a hash;
    add(pair.teacher, hash);
    add(pair.student, hash);
    hash.add(std::as_bytes(known));
    m_hash = hash.value();
    if (!folder.empty()) {
        m_path = folder / (hexadecimal(m_hash) + ".map");
    }
}

std::optional<SpellingMap> SpellingMapFile::read() const
{
    std::error_code ignored;
    if (m_path.empty() || !fs::exists(m_path, ignored)) {
        return std::nullopt;
    }
    const auto file = readTextFile(m_path);
    if (!file) {
        return std::nullopt;
    }
    const std::string_view bytes = *file;
    Header header{};
    if (bytes.size() != sizeof header + m_teacherSize * sizeof(TokenId)) {
        return std::nullopt;
    }
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::string_view contents = bytes.substr(sizeof header);
    if (header.magic != kMagic || header.format != kFormat || header.pair != m_hash ||
        header.contents != hashOf(header.exact, contents)) {
        return std::nullopt;
    }
    SpellingMap map;
    map.exact = static_cast<std::int64_t>(header.exact);
    map.studentFromTeacher.resize(m_teacherSize);
    std::memcpy(map.studentFromTeacher.data(), contents.data(), contents.size());
    for (const TokenId id : map.studentFromTeacher) {
        if (id < -1 || (id >= 0 && static_cast<std::size_t>(id) >= m_studentSize)) {
            return std::nullopt;
        }
    }
    return map;
}

bool SpellingMapFile::write(const SpellingMap& map) const
{
    if (m_path.empty()) {
        return false;
    }
    std::error_code error;
    fs::create_directories(m_path.parent_path(), error);
    std::string bytes(sizeof(Header) + map.studentFromTeacher.size() * sizeof(TokenId), '\0');
    std::memcpy(bytes.data() + sizeof(Header), map.studentFromTeacher.data(), bytes.size() - sizeof(Header));
    const auto exact = static_cast<std::uint64_t>(map.exact);
    const Header header{kMagic, kFormat, m_hash, hashOf(exact, std::string_view(bytes).substr(sizeof(Header))), exact};
    std::memcpy(bytes.data(), &header, sizeof header);
    return writeFileAtomically(m_path, bytes).ok();
}

} // namespace dskd::align
