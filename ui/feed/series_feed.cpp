#include "ui/feed/series_feed.h"

#include "ui/feed/background.h"
#include "ui/feed/series_scan.h"

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 100;

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more)
{
    to.insert(to.end(), more.begin(), more.end());
}

void dropAfter(Series& series, std::int64_t step)
{
    const auto place = std::upper_bound(series.steps.begin(), series.steps.end(), step) - series.steps.begin();
    const auto kept = static_cast<std::size_t>(place);
    series.steps.resize(kept);
    series.tokens.resize(kept);
    series.times.resize(kept);
    series.values.resize(kept);
}

} // namespace

class SeriesFeed::Private
{
public:
    Private(SeriesFeed* feed, const std::filesystem::path& workspace)
        : q(feed), scan(std::make_shared<SeriesScan>(workspace))
    {
        QObject::connect(&poll, &QTimer::timeout, q, [this] { look(); });
        poll.start(kPollMs);
        QObject::connect(&emitSoon, &QTimer::timeout, q, [this] { emitChanges(); });
        emitSoon.setSingleShot(true);
    }

    void look()
    {
        if (looking || watched->empty()) {
            return;
        }
        looking = true;
        reading.run(
            q,
            [read = scan, runs = watched](const std::atomic<bool>& cancelled) -> Result<SeriesScan::Portions> {
                return read->look(runs, cancelled);
            },
            [this](Result<SeriesScan::Portions> result) {
                looking = false;
                if (!result) {
                    return;
                }
                for (const SeriesPortion& portion : result->portions) {
                    take(portion);
                }
                if (result->more) {
                    look(); // one portion at a time, so that they never pile up
                }
            });
    }

    void take(const SeriesPortion& portion)
    {
        const auto wanted = watched->find(portion.runId);
        if (wanted == watched->end() || wanted->second != portion.following) {
            return;
        }
        RunSeries& run = runs[portion.runId];
        if (portion.voidAfter) {
            for (auto& [name, series] : run.byMetric) {
                dropAfter(series, *portion.voidAfter);
            }
            std::erase_if(run.byMetric, [](const auto& metric) { return metric.second.steps.empty(); });
        }
        if (run.byMetric.empty()) {
            run.began = portion.began;
        }
        for (const auto& [name, added] : portion.added) {
            Series& series = run.byMetric[name];
            append(series.steps, added.steps);
            append(series.tokens, added.tokens);
            append(series.times, added.times);
            append(series.values, added.values);
        }
        run.complete = portion.complete;
        run.stepsPerEpoch = portion.stepsPerEpoch;
        run.attempts = portion.attempts;
        differing.insert(portion.runId);
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

    SeriesFeed* q;
    std::shared_ptr<const WatchedRuns> watched = std::make_shared<WatchedRuns>();
    std::uint64_t followings = 0;
    std::map<std::string, RunSeries> runs;
    std::set<std::string> differing; // since the last signals
    QTimer poll;
    QTimer emitSoon;
    QElapsedTimer sinceEmitted;
    bool looking = false;
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
    d->look();
}

const RunSeries* SeriesFeed::series(const std::string& runId) const
{
    const auto run = d->runs.find(runId);
    return run == d->runs.end() ? nullptr : &run->second;
}

} // namespace dskd::ui
