#include "ui/feed/series_feed.h"

#include "ui/feed/background.h"
#include "ui/feed/series_scan.h"

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 100;

// False when something that is asked for and recorded is not here, or not in whole.
bool meets(const RunSeries& run, const SeriesRequest& request)
{
    return std::all_of(request.metrics.begin(), request.metrics.end(), [&](const auto& metric) {
        const auto& [name, every] = metric;
        const auto series = run.byMetric.find(name);
        return series == run.byMetric.end() ? !run.recorded.contains(name) : !(every && series->second.thinned);
    });
}

} // namespace

class SeriesFeed::Private
{
public:
    Private(SeriesFeed* feed, const std::filesystem::path& workspace)
        : q(feed), scan(std::make_shared<SeriesScan>(workspace))
    {
        QObject::connect(&poll, &QTimer::timeout, q, [this] { pollNow(); });
        poll.start(kPollMs);
        QObject::connect(&emitSoon, &QTimer::timeout, q, [this] { emitChanges(); });
        emitSoon.setSingleShot(true);
    }

    void pollNow()
    {
        if (polling || watched->empty()) {
            return;
        }
        polling = true;
        reading.run(
            q,
            [read = scan, runs = watched, wanted = requests](const std::atomic<bool>& cancelled)
                -> Result<SeriesScan::Portions> { return read->poll(runs, wanted, cancelled); },
            [this](Result<SeriesScan::Portions> result) {
                polling = false;
                if (!result) {
                    return;
                }
                for (SeriesPortion& portion : result->portions) {
                    take(portion);
                }
                if (result->more) {
                    pollNow(); // one portion at a time, so that they never pile up
                }
            });
    }

    void take(SeriesPortion& portion)
    {
        const auto wanted = watched->find(portion.runId);
        if (wanted == watched->end() || wanted->second != portion.following) {
            return;
        }
        RunSeries& run = runs[portion.runId];
        if (portion.voidAfter) {
            for (auto& [name, series] : run.byMetric) {
                series.dropAfter(*portion.voidAfter);
            }
        }
        for (auto& [name, update] : portion.added) {
            Series& series = run.byMetric[name];
            series.thinned = update.thinned;
            series.total = update.total;
            series.notFinite = update.notFinite;
            if (update.replaces) {
                static_cast<store::MetricColumns&>(series) = std::move(update);
                series.revision = ++revisions;
            } else {
                series.append(update);
            }
        }
        std::erase_if(run.byMetric, [](const auto& metric) { return metric.second.steps.empty(); });
        run.began = portion.began;
        run.recorded = std::move(portion.recorded);
        run.share = portion.share;
        run.newest = portion.newest;
        run.stepsPerEpoch = portion.stepsPerEpoch;
        run.attempts = std::move(portion.attempts);
        if (portion.complete) {
            readToTheEnd.insert(portion.runId);
        } else {
            readToTheEnd.erase(portion.runId);
        }
        run.complete = portion.complete && meetsRequest(portion.runId, run);
        noteChange(portion.runId);
    }

    void noteChange(const std::string& runId)
    {
        differing.insert(runId);
        if (!emitSoon.isActive()) {
            const qint64 since = sinceEmitted.isValid() ? sinceEmitted.elapsed() : kPollMs;
            emitSoon.start(static_cast<int>(std::max<qint64>(0, kPollMs - since)));
        }
    }

    void emitChanges()
    {
        sinceEmitted.start();
        for (const std::string& id : std::exchange(differing, {})) {
            if (runs.contains(id)) {
                Q_EMIT q->changed(QString::fromStdString(id));
            }
        }
    }

    void request(const QObject* page, SeriesRequests fresh)
    {
        const auto before =
            std::find_if(pages.begin(), pages.end(), [&](const auto& one) { return one.first == page; });
        if (before != pages.end() && before->second == fresh) {
            return;
        }
        if (before != pages.end()) {
            pages.erase(before);
        } else {
            QObject::connect(page, &QObject::destroyed, q, [this, page] {
                std::erase_if(pages, [page](const auto& one) { return one.first == page; });
                merge();
            });
        }
        pages.emplace_back(page, std::move(fresh));
        merge();
        for (auto& [id, run] : runs) {
            // A request that is taken back before it was looked at is met at once: nothing more will be read for it.
            const bool complete = readToTheEnd.contains(id) && meetsRequest(id, run);
            if (complete != run.complete) {
                run.complete = complete;
                run.share = complete ? 1.0 : 0.0;
                noteChange(id);
            }
        }
        pollNow();
    }

    // The newest request decides which steps are read closely.
    void merge()
    {
        auto all = std::make_shared<SeriesRequests>();
        for (const auto& [page, runRequests] : pages) {
            for (const auto& [id, request] : runRequests) {
                SeriesRequest& merged = (*all)[id];
                for (const auto& [metric, every] : request.metrics) {
                    bool& whole = merged.metrics[metric];
                    whole = whole || every;
                }
                merged.closely = request.closely ? request.closely : merged.closely;
            }
        }
        requests = std::move(all);
    }

    [[nodiscard]] bool meetsRequest(const std::string& runId, const RunSeries& run) const
    {
        const auto request = requests ? requests->find(runId) : SeriesRequests::const_iterator();
        return !requests || request == requests->end() || meets(run, request->second);
    }

    SeriesFeed* q;
    std::shared_ptr<const WatchedRuns> watched = std::make_shared<WatchedRuns>();
    std::uint64_t followings = 0;
    std::uint64_t revisions = 0;
    std::map<std::string, RunSeries> runs;
    std::vector<std::pair<const QObject*, SeriesRequests>> pages; // the newest request last
    std::shared_ptr<const SeriesRequests> requests;               // of all; nullptr: no page has requested anything
    std::set<std::string> readToTheEnd; // runs: all that was requested and recorded when they were read
    std::set<std::string> differing;    // since the last signals
    QTimer poll;
    QTimer emitSoon;
    QElapsedTimer sinceEmitted;
    bool polling = false;
    std::shared_ptr<SeriesScan> scan; // used on the reading thread only
    Background reading{QStringLiteral("series")};
};

SeriesFeed::SeriesFeed(std::filesystem::path workspace, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(this, workspace))
{
}

SeriesFeed::~SeriesFeed() = default;

void SeriesFeed::watch(const std::set<std::string>& runIds)
{
    auto watched = std::make_shared<WatchedRuns>();
    for (const std::string& id : runIds) {
        const auto before = d->watched->find(id);
        (*watched)[id] = before == d->watched->end() ? ++d->followings : before->second;
        d->runs[id];
    }
    std::erase_if(d->runs, [&](const auto& run) { return !runIds.contains(run.first); });
    if (*watched != *d->watched) {
        d->watched = std::move(watched);
    }
    d->pollNow();
}

void SeriesFeed::request(const QObject* page, SeriesRequests requests) const
{
    d->request(page, std::move(requests));
}

const RunSeries* SeriesFeed::series(const std::string& runId) const
{
    const auto run = d->runs.find(runId);
    return run == d->runs.end() ? nullptr : &run->second;
}

} // namespace dskd::ui
