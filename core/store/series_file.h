#pragma once

// The metrics of a run.db once more, by columns (RunLayout::series): a chart reads one metric of a million steps in
// milliseconds, and its outline in less, where rows of SQLite take seconds. It is a copy that a reader makes and
// keeps. Only run.db decides: a file that is missing, damaged or of another run.db costs the time to make it anew.
//
//   magic | blocks of up to 4,096 points of one metric | directory | its place, size, checksum | magic
//
// A block has its columns one after the other: steps, tokens (as first value and constant step, as 32-bit differences,
// or as they are), times and values (float64, bit by bit). The directory has the checksum, the extremes and the
// non-finite points of every block. Numbers are in the machine's byte order; a file of the other order counts as
// damaged.

#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/base/run_layout.h"
#include "core/store/run_reader.h"
#include "core/store/thinned_points.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

inline constexpr std::size_t kSeriesBlockPoints = 4096;

// Points of one metric that follow each other.
struct SeriesBlock {
    std::uint64_t offset = 0; // in the file
    std::uint64_t bytes = 0;
    std::uint64_t checksum = 0;
    std::int64_t firstStep = 0;
    std::int64_t lastStep = 0;
    PointBucket bucket;
    NonFinitePoints nonFinite;
};

// One start of a worker, as far as it identifies a run.db.
struct AttemptKey {
    std::int64_t id = 0;
    std::int64_t pid = 0;
    std::uint64_t startTicks = 0;
    std::int64_t resumeStep = -1; // none
    double started = 0.0;
    friend bool operator==(const AttemptKey&, const AttemptKey&) = default;
};
[[nodiscard]] std::vector<AttemptKey> attemptKeys(const std::vector<AttemptRow>& attempts);

// What the file has, and of which run.db it was made.
struct SeriesDirectory {
    std::vector<AttemptKey> attempts; // that it had, oldest first
    std::int64_t lastId = 0;          // of the newest row that is in the file: later ones are to be read from run.db
    MetricPoint last;                 // that row
    std::int64_t lastStep = 0;        // of any row
    std::int64_t points = 0;          // of all metrics
    std::map<std::string, std::vector<SeriesBlock>> metrics;
};

// Writes such a file. Nothing is seen of it before commit(). One thread at a time.
class SeriesFileWriter
{
public:
    // Fails where the folder cannot be written.
    static Result<SeriesFileWriter> create(const std::filesystem::path& file, const std::vector<AttemptRow>& attempts);

    // In the order of the rows' ids, every row of run.db up to the last.
    Result<void> add(const std::string& metric, const MetricPoint& point);
    Result<void> commit();

private:
    SeriesFileWriter(AtomicFile file, SeriesDirectory directory);
    Result<void> writeBlock(const std::string& metric, MetricColumns& points);

    AtomicFile m_file;
    std::uint64_t m_size = 0;
    SeriesDirectory m_directory;
    std::map<std::string, MetricColumns> m_open; // blocks that are not full
};

// Reads it. One thread at a time.
class SeriesFile
{
public:
    // None when there is no file, when it is damaged, or when it is not of this run.db: of another one, or one whose
    // rows a resume has deleted since. Throws Error when run.db cannot be read.
    static std::optional<SeriesFile> open(const std::filesystem::path& file, RunReader& run);

    [[nodiscard]] const SeriesDirectory& directory() const { return m_directory; }
    // The blocks of a metric, in order of step; empty when it has none.
    [[nodiscard]] const std::vector<SeriesBlock>& blocks(const std::string& metric) const;
    // Every point of a block. False when it is damaged: then nothing of the file is to be used.
    [[nodiscard]] bool read(const SeriesBlock& block, MetricColumns& to) const;

private:
    SeriesFile(RegularFile file, SeriesDirectory directory);

    RegularFile m_file;
    SeriesDirectory m_directory;
};

} // namespace dskd::store
