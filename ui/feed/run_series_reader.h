#pragma once

#include "core/base/run_layout.h"
#include "core/store/run_reader.h"
#include "core/store/series_file.h"
#include "ui/feed/followed_series.h"
#include "ui/feed/series_feed.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::ui
{

// What is new of one run.
struct SeriesPortion {
    std::string runId;
    std::uint64_t following = 0;
    std::optional<std::int64_t> voidAfter; // first drop the points of later steps
    std::map<std::string, SeriesUpdate> added;
    double began = 0.0; // time of the run's first row, 0 without rows
    bool complete = false;
    double share = 0.0;             // of what is asked for, read so far
    double newest = 0.0;            // time of the newest row, 0 without rows
    std::int64_t stepsPerEpoch = 0; // 0: not known yet
    std::vector<SeriesAttempt> attempts;
    std::set<std::string> recorded;
};

// Reads the series that are asked for of one run, in portions, and stores how far. Short runs are read from run.db.
// Of long ones the series file is read: outlines first, then every point; where there is none it is written on the way.
// One thread.
class RunSeriesReader
{
public:
    explicit RunSeriesReader(RunLayout run) : m_run(std::move(run)) {}

    // nullptr: every point of every metric. What was asked for once stays. `mostBuckets`: of all series of the run
    // together (store::ThinnedPoints). True when it is another request than before.
    bool setRequest(const SeriesRequest* request, std::size_t mostBuckets);

    // Reads what takes about as long as `budget` rows of run.db, and returns how many that was. `settled`: nothing
    // writes to the run. Throws Error; what was read before stands.
    std::int64_t read(store::RunReader& reader, bool settled, std::int64_t budget, SeriesPortion& portion);
    // There is more to read although run.db has not changed since.
    [[nodiscard]] bool due() const { return m_due; }
    // Keeps no file open until the next read().
    void closeFile();

private:
    // A point out of the file costs as much as this share of a row.
    static constexpr std::int64_t kFilePointsPerRow = 16;
    using Named = std::map<std::string, FollowedSeries>::value_type;

    void takeAttempts(store::RunReader& reader);
    void makeVoid(std::int64_t after);
    void followRecorded(store::RunReader& reader);
    void openFile(store::RunReader& reader, bool settled);
    std::int64_t writeFile(store::RunReader& reader, std::int64_t budget);
    std::int64_t outline(SeriesPortion& portion);
    std::int64_t readSeries(Named& series, store::RunReader& reader, std::int64_t budget);
    std::int64_t readFromFile(Named& series, std::int64_t budget);
    std::int64_t readPart(Named& series, store::RunReader& reader, std::int64_t budget);
    std::int64_t readPartFromFile(Named& series, std::int64_t budget);
    void dropFile(); // it is damaged
    void takeFile(std::optional<store::SeriesFile> file);
    void handOver(SeriesPortion& portion);
    [[nodiscard]] bool partDue(const FollowedSeries& series) const;
    [[nodiscard]] double shareOf(const Named& series) const;

    RunLayout m_run;
    bool m_everything = true; // no request was made
    SeriesRequest m_request;  // all that were asked for so far
    std::size_t m_mostBuckets = 0;
    std::map<std::string, FollowedSeries> m_series;
    std::set<std::string> m_recorded;
    std::int64_t m_recordedUpTo = -1; // id of the newest row then
    std::int64_t m_lastId = 0;        // of the newest row
    double m_newest = 0.0;            // its time
    std::optional<std::size_t> m_numAttempts;
    std::vector<SeriesAttempt> m_attempts;
    std::optional<std::int64_t> m_voidAfter; // not handed over yet
    double m_began = 0.0;
    std::int64_t m_stepsPerEpoch = 0;
    std::optional<store::SeriesFile> m_file;
    bool m_fileLooked = false; // whether there is one that fits
    bool m_fileDamaged = false;
    std::int64_t m_fileLastId = 0; // of it, also while it is closed; 0: there is none
    std::int64_t m_filePoints = 0;
    std::optional<store::SeriesFileWriter> m_writer;
    std::int64_t m_writtenId = 0; // the newest row that it has
    bool m_cannotWrite = false;
    bool m_due = true;
};

} // namespace dskd::ui
