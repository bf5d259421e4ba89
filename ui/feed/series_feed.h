#pragma once

#include <QObject>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace dskd::ui
{

// One metric of one run, as recorded, in order of step.
struct Series {
    std::vector<std::int64_t> steps;
    std::vector<std::int64_t> tokens; // response tokens seen so far
    std::vector<double> times;        // seconds since 1970
    std::vector<double> values;       // NaN and infinities are kept
};

// One start of the run's worker.
struct SeriesAttempt {
    std::int64_t resumeStep = 0; // the step that it went on from; 0: from the beginning
    double started = 0.0;        // seconds since 1970
    friend bool operator==(const SeriesAttempt&, const SeriesAttempt&) = default;
};

struct RunSeries {
    double began = 0.0; // time of the run's first point, the zero of the time axis
    std::map<std::string, Series> byMetric;
    bool complete = false;               // everything recorded so far has been read
    std::int64_t stepsPerEpoch = 0;      // 0: the run has not said
    std::vector<SeriesAttempt> attempts; // oldest first
};

// The metrics of the runs that are on screen. A thread of its own looks every 100 ms for new rows and hands them over
// in portions that keep the window answering, also when a run has millions. Rows that a resume made void are dropped,
// so a step appears once. GUI thread only.
class SeriesFeed final : public QObject
{
    Q_OBJECT
public:
    explicit SeriesFeed(std::filesystem::path workspace, QObject* parent = nullptr);
    ~SeriesFeed() override;

    // Those are read and followed, others forgotten.
    void watch(const std::set<std::string>& runIds);
    // nullptr when not watched. Valid until watch() drops it; points may come whenever the event loop runs, and
    // changed() follows within 0.1 s.
    [[nodiscard]] const RunSeries* series(const std::string& runId) const;

Q_SIGNALS:
    // Points came or went (at most about ten times a second a run).
    void changed(const QString& runId);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace dskd::ui
