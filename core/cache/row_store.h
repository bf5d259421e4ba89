#pragma once

// Values that are dear to compute, a record for each key, in one file that grows: the hidden states that a teacher
// gives for a sample. Runs one after the other and at the same time share it, each value computed by whoever needs it
// first.
//
//   magic, generation | record | record | ...        a record: magic, key, number of bytes, checksum | bytes
//
// It is a cache: nothing is lost with it but time. A record that a killed process left half is cut off by the next one
// that appends, a damaged one counts as missing. Numbers are in the machine's byte order; a file of the other order
// counts as damaged. It is read and not mapped, because another process may shorten it. The generation is drawn anew
// when the file is emptied, so that others notice, however much was appended since.

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace dskd::cache
{

// 128 bits that stand for the content that a record was computed from.
struct RowKey {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend bool operator==(const RowKey&, const RowKey&) = default;
};
// The same on every machine of one byte order.
[[nodiscard]] RowKey rowKey(std::span<const std::byte> content);

// One thread at a time. Processes, and several stores of one process on one folder, do not disturb each other.
class RowStore
{
public:
    // Makes the folder and the file where they are missing, and empties a file that is none of this kind. Fails where
    // they cannot be written.
    static Result<RowStore> open(const std::filesystem::path& folder);

    // Copies the record of `key`, also one that another process appended since. False where there is none of this
    // length, or it is damaged.
    [[nodiscard]] bool read(const RowKey& key, std::span<std::byte> into);

    // Appends a record, unless there is one. Fails on a full disk, where less than kFreeToLeave would be left, and
    // where the file was deleted. Behind a process that was stopped while it appends nothing is added.
    Result<void> add(const RowKey& key, std::span<const std::byte> bytes);

    // The right to compute a record, so that two processes do not both do it. False while another store has it. It
    // ends with release(), with this store, and with the process. A file system without locks refuses nobody.
    [[nodiscard]] bool claim(const RowKey& key);
    void release(const RowKey& key);
    // Waits until nobody has the right, at most until `end`: the other process may be stopped.
    void waitFor(const RowKey& key, std::chrono::steady_clock::time_point end);

    // Forgets all records, for all processes.
    Result<void> clear();

    [[nodiscard]] std::size_t size(); // records
    // The same of a folder that is only looked at; 0 where there is none.
    [[nodiscard]] static std::size_t count(const std::filesystem::path& folder);

    static constexpr const char* kRowsFile = "rows.bin"; // in the folder
    static constexpr const char* kClaimsFile = "claims";
    static constexpr std::uint64_t kFreeToLeave = std::uint64_t{2} << 30; // bytes of the disk

private:
    struct Place {
        std::uint64_t offset = 0; // of the record's bytes
        std::uint64_t bytes = 0;
        std::uint64_t checksum = 0;
    };
    struct KeyHash {
        std::size_t operator()(const RowKey& key) const { return key.low; }
    };

    RowStore(std::filesystem::path file, Descriptor rows, Descriptor claims);
    void look(); // reads the heads of the records that were appended, all where the file was emptied since
    [[nodiscard]] std::optional<std::uint64_t> fileSize() const;

    std::filesystem::path m_file;
    Descriptor m_rows;
    Descriptor m_claims;
    std::unordered_map<RowKey, Place, KeyHash> m_places;
    std::unordered_set<RowKey, KeyHash> m_claimed;
    std::chrono::steady_clock::time_point m_addAgain{}; // earliest; behind a process that was stopped
    std::uint64_t m_generation = 0;
    std::uint64_t m_end = 0; // of the last whole record
};

} // namespace dskd::cache
