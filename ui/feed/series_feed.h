#pragma once

#include "core/store/thinned_points.h"
#include "ui/feed/series_requests.h"

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
struct Series : store::MetricColumns {
    // True: these are some of the recorded points, least and greatest of each few, more closely where a chart is zoomed
    // in (store::ThinnedPoints). False: all of them.
    bool thinned = false;
    std::int64_t total = 0;     // of a thinned one: how many were recorded
    std::int64_t notFinite = 0; // of a thinned one: of them, NaN or infinite
    // Another number: the points are others than before, not only more.
    std::uint64_t revision = 0;
};

// One start of the run's worker.
struct SeriesAttempt {
    std::int64_t resumeStep = 0; // the step that it went on from; 0: from the beginning
    double started = 0.0;        // seconds since 1970
    double kept = 0.0;           // time of the newest row before it that stands; 0: there is none
    friend bool operator==(const SeriesAttempt&, const SeriesAttempt&) = default;
};

struct RunSeries {
    double began = 0.0;                     // time of the run's first point, the zero of the time axis
    std::map<std::string, Series> byMetric; // those that charts have asked for
    std::set<std::string> recorded;         // the names of all
    bool complete = false;                  // everything asked for and recorded so far has been read
    double share = 0.0;                     // of it that has been read, 0 to 1
    double newest = 0.0;                    // time of the newest row of any metric; 0: there is none
    std::int64_t stepsPerEpoch = 0;         // 0: not recorded
    std::vector<SeriesAttempt> attempts;    // oldest first
};

// The metrics of the runs that are on screen, as far as charts ask for them. A thread of its own reads every 100 ms
// new rows and hands them over in portions that keep the window answering, also when a run has millions; it keeps a
// copy of long runs that can be read by metric (core/store/series_file.h). Rows that a resume made void are dropped, so
// a step appears once. GUI thread only.
class SeriesFeed final : public QObject
{
    Q_OBJECT
public:
    explicit SeriesFeed(std::filesystem::path workspace, QObject* parent = nullptr);
    ~SeriesFeed() override;

    // Those are followed, others forgotten.
    void watch(const std::set<std::string>& runIds);
    // What `page` draws of the watched runs, in place of its request before, until it is gone. What was read once is
    // followed as long as its run is watched. As long as no page has requested anything, every point of every metric is
    // read. Const, since what series() has stays as it is until the event loop runs; only `complete` may fall.
    void request(const QObject* page, SeriesRequests requests) const;
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
