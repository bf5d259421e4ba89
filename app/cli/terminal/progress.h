#pragma once

// Progress of running workers: on a terminal one line per run, redrawn in place; elsewhere a line every few seconds.

#include "app/cli/terminal/console.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cli
{

// What a progress line shows of a run.
struct ProgressFacts {
    std::string label;
    jobs::Status status = jobs::Status::Created;
    std::string phase;
    std::int64_t step = 0;
    std::int64_t totalSteps = 0;
    std::optional<double> loss;
    std::optional<double> tokensPerSecond;
    std::optional<double> secondsLeft;
};

// One line of at most console.width - 1 columns, so that it never wraps. Where that is narrow the bar, the speed and
// the label make room for step, state, loss and the time that is left.
[[nodiscard]] std::string progressLine(const ProgressFacts& facts, const Console& console);

// What the worker that was started last has warned of, oldest first, beginning behind the event `after`, which then
// becomes the newest that was looked at.
[[nodiscard]] std::vector<std::string> warningsOf(const RunLayout& run, store::RunReader& reader, std::int64_t& after);
[[nodiscard]] std::vector<std::string> warningsOf(const RunLayout& run, store::RunReader& reader);

// Draws the lines of several runs. Single-threaded.
class ProgressView
{
public:
    ProgressView(Console& console, std::filesystem::path workspace);
    ~ProgressView(); // leaves the cursor below the last line

    ProgressView(const ProgressView&) = delete;
    ProgressView& operator=(const ProgressView&) = delete;

    void setLabel(const std::string& runId, std::string label);
    void update(const std::string& runId, const jobs::RunStatus& status);
    // The run's last line, which stays; with the reason when it ended badly. Like update, shows what the run warned of
    // since the last call above the running lines.
    void finish(const std::string& runId, const jobs::RunStatus& status);
    // A line of its own above the running ones.
    void printLine(const std::string& line);

private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::string runId;
        ProgressFacts facts;
        std::optional<store::RunReader> reader;
        std::int64_t firstStep = -1; // the first step seen here, and when: the basis of the estimate
        Clock::time_point firstTime;
        Clock::time_point shown; // when it was last written where nothing is redrawn
        std::int64_t lastEvent = 0;
    };
    Entry& entry(const std::string& runId);
    void read(Entry& entry, const jobs::RunStatus& status);
    void printWarnings(Entry& entry); // leaves nothing drawn
    void erase();
    void draw();

    Console& m_console;
    std::filesystem::path m_workspace;
    std::map<std::string, std::string> m_labels;
    std::vector<Entry> m_running;
    int m_linesDrawn = 0;
};

} // namespace dskd::cli
