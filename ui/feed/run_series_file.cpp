// How RunSeriesReader reads the series file of its run, and writes it.

#include "ui/feed/run_series_reader.h"

#include <utility>

namespace dskd::ui
{
namespace
{

// With fewer rows SQLite is fast enough, and most runs are so: 20 ms.
constexpr std::int64_t kRowsForFile = 20'000;
// An outline pays where there is more to read than itself.
constexpr std::size_t kBlocksForOutline = 8;

} // namespace

void RunSeriesReader::closeFile()
{
    m_file.reset();
    m_fileLooked = false;
}

void RunSeriesReader::dropFile()
{
    m_fileDamaged = true;
    takeFile(std::nullopt);
}

// Blocks are counted in one file: in another one they are read from the beginning.
void RunSeriesReader::takeFile(std::optional<store::SeriesFile> file)
{
    m_file = std::move(file);
    const std::int64_t lastId = m_file ? m_file->directory().lastId : 0;
    const std::int64_t points = m_file ? m_file->directory().points : 0;
    const bool same = lastId == m_fileLastId && points == m_filePoints;
    m_fileLastId = lastId;
    m_filePoints = points;
    for (auto& [name, series] : m_series) {
        if (!same && series.inFile()) {
            series.restart(series.every);
        } else if (!same && !series.partRead) {
            series.startPart(series.closely);
        }
    }
}

void RunSeriesReader::openFile(store::RunReader& reader, bool settled)
{
    if (!m_fileLooked) {
        m_fileLooked = true;
        takeFile(m_fileDamaged ? std::nullopt : store::SeriesFile::open(m_run.series(), reader));
    }
    // While a run grows its file is written anew each time that it has doubled.
    const std::int64_t beyond = m_lastId - m_fileLastId;
    if (m_writer || m_cannotWrite || beyond <= kRowsForFile || !(settled || beyond > m_filePoints)) {
        return;
    }
    Result<store::SeriesFileWriter> writer = store::SeriesFileWriter::create(m_run.series(), reader.attempts());
    if (writer) {
        m_writer.emplace(std::move(*writer));
        m_writtenId = 0;
    } else {
        m_cannotWrite = true; // a read-only workspace works without, only slower
    }
}

std::int64_t RunSeriesReader::writeFile(store::RunReader& reader, std::int64_t budget)
{
    const std::int64_t from = m_writtenId;
    const auto inStep = [&](const FollowedSeries& series) {
        return !m_file && series.lastId == from && !series.inFile();
    };
    const auto advance = [&](std::int64_t to) {
        for (auto& [name, series] : m_series) {
            series.lastId = inStep(series) ? to : series.lastId;
        }
    };
    bool good = true;
    std::int64_t count = 0;
    try {
        count = reader.eachMetricAfter(from, budget, [&](const std::string& name, const store::MetricPoint& point) {
            good = good && m_writer->add(name, point);
            if (const auto series = m_series.find(name); series != m_series.end() && inStep(series->second)) {
                series->second.take(point);
            }
            m_writtenId = point.id;
        });
    } catch (const Error&) {
        advance(m_writtenId); // what came before the error is not to be taken twice
        throw;
    }
    const bool atEnd = count < budget;
    advance(atEnd ? m_lastId : m_writtenId);
    if (good && !atEnd) {
        return count;
    }
    const bool written = good && m_writer->commit();
    m_writer.reset();
    if (written) {
        m_fileDamaged = false;
        takeFile(store::SeriesFile::open(m_run.series(), reader));
    }
    m_cannotWrite = !written || !m_file; // a full disk; someone else changes the file: not again and again
    return count;
}

std::int64_t RunSeriesReader::outline(SeriesPortion& portion)
{
    std::int64_t made = 0;
    for (auto& [name, series] : m_series) {
        const std::vector<store::SeriesBlock>& blocks = m_file->blocks(name);
        const bool begun = series.lastId > 0 || series.nextBlock > 0 || series.outlined || series.replaces;
        if (begun || blocks.size() < kBlocksForOutline) {
            continue;
        }
        SeriesUpdate& update = portion.added[name];
        std::vector<store::MetricPoint> points;
        for (const store::SeriesBlock& block : blocks) {
            appendShown(block.bucket, &block.nonFinite, points);
            update.total += block.bucket.count;
            update.notFinite += block.bucket.notFinite;
        }
        for (const store::MetricPoint& point : points) {
            update.add(point);
        }
        update.replaces = true;
        update.thinned = true;
        series.outlined = true;
        series.replaces = true;
        ++made;
    }
    return made;
}

std::int64_t RunSeriesReader::readFromFile(Named& named, std::int64_t budget)
{
    auto& [name, series] = named;
    const std::vector<store::SeriesBlock>& blocks = m_file->blocks(name);
    std::int64_t points = 0;
    while (series.nextBlock < blocks.size() && points < budget * kFilePointsPerRow) {
        store::MetricColumns columns;
        if (!m_file->read(blocks[series.nextBlock], columns)) {
            dropFile();
            return points / kFilePointsPerRow;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            series.take(columns.at(i));
        }
        ++series.nextBlock;
        points += std::ssize(columns.steps);
    }
    if (series.nextBlock == blocks.size()) {
        series.lastId = m_file->directory().lastId;
    }
    return points / kFilePointsPerRow;
}

std::int64_t RunSeriesReader::readPartFromFile(Named& named, std::int64_t budget)
{
    auto& [name, series] = named;
    const StepSpan span = *series.closely;
    const std::vector<store::SeriesBlock>& blocks = m_file->blocks(name);
    std::int64_t points = 0;
    while (series.partBlock < blocks.size() && points < budget * kFilePointsPerRow) {
        const store::SeriesBlock& block = blocks[series.partBlock++];
        if (block.lastStep < span.first || block.firstStep > span.last) {
            continue;
        }
        store::MetricColumns columns;
        if (!m_file->read(block, columns)) {
            dropFile(); // the next time from run.db
            return budget;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns.steps[i] >= span.first && columns.steps[i] <= span.last) {
                series.part->add(columns.at(i));
            }
        }
        points += std::ssize(columns.steps);
    }
    return points / kFilePointsPerRow;
}

} // namespace dskd::ui
