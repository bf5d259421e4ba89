#include "ui/feed/run_series_reader.h"

#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

// Two points each: more columns than a chart on a 4K screen has pixels.
constexpr std::size_t kMostBuckets = 4096;
constexpr std::size_t kFewestBuckets = 128;

// A resume from step 0, like a start from the beginning, makes everything void.
std::int64_t firstVoid(const std::vector<store::AttemptRow>& attempts, std::size_t known)
{
    std::int64_t after = attempts[known].resumeStep.value_or(0);
    for (std::size_t i = known; i < attempts.size(); ++i) {
        after = std::min(after, attempts[i].resumeStep.value_or(0));
    }
    return after > 0 ? after : -1;
}

// The last row of run.db, from `after` to `last`, before the metric's first point of this step or a later one. Some
// twenty points are read for it, whatever lies between.
std::int64_t lastBefore(store::RunReader& reader, const std::string& metric, std::int64_t step, std::int64_t after,
                        std::int64_t last)
{
    while (after < last) { // no point up to `after` is wanted, and each behind `last` is
        const std::int64_t middle = after + (last - after) / 2;
        const std::vector<store::MetricPoint> next = reader.series(metric, middle, 1);
        if (!next.empty() && next.front().step < step) {
            after = next.front().id;
        } else {
            last = middle;
        }
    }
    return after;
}

} // namespace

// ---- what is asked for

bool RunSeriesReader::setRequest(const SeriesRequest* request, std::size_t mostBuckets)
{
    m_mostBuckets = mostBuckets;
    if (request == nullptr) {
        return false; // as it was at first; a request is never taken back
    }
    SeriesRequest all = m_request;
    for (const auto& [metric, every] : request->metrics) {
        bool& whole = all.metrics[metric];
        whole = whole || every;
    }
    all.closely = request->closely;
    const bool differs = m_everything || all != m_request;
    m_everything = false;
    m_request = std::move(all);
    m_due = m_due || differs;
    return differs;
}

void RunSeriesReader::followRecorded(store::RunReader& reader)
{
    if (m_lastId != m_recordedUpTo) {
        const std::vector<std::string> names = reader.metricNames();
        m_recorded = {names.begin(), names.end()};
        m_recordedUpTo = m_lastId;
        const std::optional<store::MetricPoint> newest = reader.metricPoint(m_lastId);
        m_newest = newest ? newest->time : 0.0;
    }
    std::map<std::string, bool> wanted;
    for (const std::string& name : m_recorded) {
        const auto asked = m_request.metrics.find(name);
        if (m_everything || asked != m_request.metrics.end()) {
            wanted.emplace(name, m_everything || asked->second);
        }
    }
    for (const auto& [name, every] : wanted) {
        const auto known = m_series.find(name);
        if (known == m_series.end()) {
            const std::size_t buckets = std::clamp(m_mostBuckets / wanted.size(), kFewestBuckets, kMostBuckets);
            m_series.emplace(name, FollowedSeries(buckets)).first->second.every = every;
        } else if (every && !known->second.every) {
            known->second.restart(true);
        }
    }
}

bool RunSeriesReader::partDue(const FollowedSeries& series) const
{
    return series.points.thinned() && (series.closely != m_request.closely || (series.closely && !series.partRead));
}

// ---- attempts

void RunSeriesReader::takeAttempts(store::RunReader& reader)
{
    const std::vector<store::AttemptRow> attempts = reader.attempts();
    if (m_numAttempts && attempts.size() < *m_numAttempts) { // another run.db
        makeVoid(-1);
        for (auto& [name, series] : m_series) {
            series.restart(series.every);
        }
    } else if (m_numAttempts && attempts.size() > *m_numAttempts) {
        makeVoid(firstVoid(attempts, *m_numAttempts));
    }
    if (m_numAttempts != attempts.size()) {
        m_attempts.clear();
        for (const store::AttemptRow& attempt : attempts) {
            m_attempts.push_back({attempt.resumeStep.value_or(0), attempt.started,
                                  reader.lastMetricTimeBefore(attempt.started).value_or(0.0)});
        }
        m_numAttempts = attempts.size();
    }
    if (m_began == 0.0) {
        reader.eachMetricAfter(0, 1,
                               [this](const std::string&, const store::MetricPoint& first) { m_began = first.time; });
    }
    if (m_stepsPerEpoch == 0) {
        const std::optional<store::Plan> plan = reader.plan();
        m_stepsPerEpoch = plan ? plan->stepsPerEpoch : 0;
    }
}

// A series that was read in whole keeps its points up to there; of others it is not known which their extremes are.
void RunSeriesReader::makeVoid(std::int64_t after)
{
    m_voidAfter = std::min(after, m_voidAfter.value_or(after));
    m_writer.reset();
    m_writtenId = 0;
    takeFile(std::nullopt);
    m_fileLooked = false;
    m_began = after < 0 ? 0.0 : m_began;
    for (auto& [name, series] : m_series) {
        if (series.inFile() || series.outlined || series.points.thinned()) {
            series.restart(series.every);
            continue;
        }
        if (!series.every) {
            series.points.dropAfter(after);
        }
        series.pending.dropAfter(after);
    }
}

// ---- reading

std::int64_t RunSeriesReader::readSeries(Named& named, store::RunReader& reader, std::int64_t budget)
{
    auto& [name, series] = named;
    std::int64_t count = 0;
    if (series.lastId == 0 && m_file) {
        count += readFromFile(named, budget);
    }
    if (series.inFile() || series.lastId >= m_lastId || count >= budget) {
        return count;
    }
    const std::vector<store::MetricPoint> rows = reader.series(name, series.lastId, budget - count);
    for (const store::MetricPoint& row : rows) {
        series.take(row);
    }
    const auto numRows = std::ssize(rows);
    series.lastId = numRows == budget - count ? rows.back().id : m_lastId;
    return count + numRows;
}

// The points that are looked at closely, as many as `budget` rows cost: a person may look at half of a long run. Until
// all of them are there the line is drawn as without.
std::int64_t RunSeriesReader::readPart(Named& named, store::RunReader& reader, std::int64_t budget)
{
    auto& [name, series] = named;
    if (series.closely != m_request.closely) {
        series.startPart(m_request.closely);
        series.changed = series.changed || !series.closely;
    }
    if (!series.closely) {
        return 0;
    }
    const std::int64_t read = m_file ? readPartFromFile(named, budget) : 0;
    const bool moreInFile = m_file && series.partBlock < m_file->blocks(name).size();
    if (moreInFile || read >= budget) {
        return read;
    }
    const StepSpan span = *series.closely;
    if (!series.partId) {
        series.partId = lastBefore(reader, name, span.first, m_file ? m_file->directory().lastId : 0, series.lastId);
    }
    const std::vector<store::MetricPoint> rows = reader.series(name, *series.partId, budget - read);
    for (const store::MetricPoint& row : rows) {
        if (row.step >= span.first && row.step <= span.last) {
            series.part->add(row);
        }
    }
    series.partRead = std::ssize(rows) < budget - read || rows.back().step >= span.last;
    series.changed = series.changed || series.partRead;
    series.partId = rows.empty() ? series.partId : rows.back().id;
    return read + std::ssize(rows);
}

std::int64_t RunSeriesReader::read(store::RunReader& reader, bool settled, std::int64_t budget, SeriesPortion& portion)
{
    const store::RunReader::Snapshot oneState(reader); // attempts and rows belong together
    m_lastId = reader.lastMetricId();
    takeAttempts(reader);
    followRecorded(reader);
    openFile(reader, settled);
    std::int64_t count = 0;
    if (m_writer && !m_file) {
        count += writeFile(reader, budget);
    } else if (m_file) {
        count += outline(portion);
    }
    const bool outlinedNow = !portion.added.empty();
    if (!outlinedNow && !(m_writer && !m_file)) { // outlines of all runs come first
        for (Named& series : m_series) {
            count += count < budget ? readSeries(series, reader, budget - count) : 0;
        }
        for (Named& series : m_series) {
            if (count < budget && series.second.lastId >= m_lastId && partDue(series.second)) {
                count += readPart(series, reader, budget - count);
            }
        }
        if (m_writer && count < budget) {
            count += writeFile(reader, budget - count);
        }
    }
    handOver(portion);
    return count;
}

double RunSeriesReader::shareOf(const Named& named) const
{
    const auto& [name, series] = named;
    if (series.lastId >= m_lastId) {
        return 1.0;
    }
    if (series.inFile() && m_file) {
        return static_cast<double>(series.nextBlock) / static_cast<double>(m_file->blocks(name).size());
    }
    return static_cast<double>(series.lastId) / static_cast<double>(m_lastId);
}

// A series that is being read from the file waits until it is whole, because its outline is shown so long.
void RunSeriesReader::handOver(SeriesPortion& portion)
{
    portion.complete = true;
    portion.share = m_series.empty() ? 1.0 : 0.0;
    bool partsDue = false;
    for (auto& named : m_series) {
        auto& [name, series] = named;
        const bool atEnd = series.lastId >= m_lastId;
        portion.complete = portion.complete && atEnd;
        portion.share += shareOf(named) / static_cast<double>(m_series.size());
        partsDue = partsDue || partDue(series);
        const bool ready = series.outlined ? atEnd : !series.inFile();
        const bool thinned = !series.every && series.points.thinned();
        const bool news = thinned ? series.changed : series.pending.size() > 0 || (series.replaces && atEnd);
        if (!ready || !news) {
            continue;
        }
        SeriesUpdate& update = portion.added[name];
        static_cast<store::MetricColumns&>(update) =
            thinned ? series.shown() : std::exchange(series.pending, store::MetricColumns());
        update.replaces = thinned || series.replaces;
        update.thinned = thinned;
        update.total = thinned ? series.points.count() : 0;
        update.notFinite = thinned ? series.points.notFinite() : 0;
        series.replaces = false;
        series.outlined = false;
        series.changed = false;
    }
    portion.voidAfter = std::exchange(m_voidAfter, std::nullopt);
    portion.began = m_began;
    portion.newest = m_newest;
    portion.stepsPerEpoch = m_stepsPerEpoch;
    portion.attempts = m_attempts;
    portion.recorded = m_recorded;
    m_due = !portion.complete || partsDue || m_writer.has_value();
}

} // namespace dskd::ui
