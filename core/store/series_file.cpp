#include "core/store/series_file.h"

#include "core/store/series_bytes.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace dskd::store
{
namespace
{

// NaN is NaN, whatever its bits.
bool sameValue(double a, double b)
{
    return a == b || (a != a && b != b);
}

// True when every row in the file is in run.db as it was.
bool isOf(const SeriesDirectory& directory, RunReader& run)
{
    const RunReader::Snapshot oneState(run);
    const std::vector<AttemptKey> attempts = attemptKeys(run.attempts());
    const auto known = static_cast<std::ptrdiff_t>(directory.attempts.size());
    if (known > std::ssize(attempts) ||
        !std::equal(directory.attempts.begin(), directory.attempts.end(), attempts.begin())) {
        return false;
    }
    const bool resumedBefore = std::any_of(attempts.begin() + known, attempts.end(), [&](const AttemptKey& later) {
        return later.resumeStep < directory.lastStep;
    });
    if (resumedBefore) {
        return false;
    }
    const std::optional<MetricPoint> last = run.metricPoint(directory.lastId);
    return last && last->step == directory.last.step && last->tokens == directory.last.tokens &&
           last->time == directory.last.time && sameValue(last->value, directory.last.value);
}

} // namespace

std::vector<AttemptKey> attemptKeys(const std::vector<AttemptRow>& attempts)
{
    std::vector<AttemptKey> keys;
    keys.reserve(attempts.size());
    for (const AttemptRow& attempt : attempts) {
        keys.push_back({attempt.id, attempt.process.pid, attempt.process.startTicks, attempt.resumeStep.value_or(-1),
                        attempt.started});
    }
    return keys;
}

// ---- writing

SeriesFileWriter::SeriesFileWriter(AtomicFile file, SeriesDirectory directory)
    : m_file(std::move(file)), m_directory(std::move(directory))
{
}

Result<SeriesFileWriter> SeriesFileWriter::create(const std::filesystem::path& file,
                                                  const std::vector<AttemptRow>& attempts)
{
    Result<AtomicFile> created = AtomicFile::create(file);
    if (!created) {
        return created.failure();
    }
    SeriesDirectory directory;
    directory.attempts = attemptKeys(attempts);
    SeriesFileWriter writer(std::move(*created), std::move(directory));
    std::string magic(sizeof(kSeriesMagic), '\0');
    std::memcpy(magic.data(), &kSeriesMagic, sizeof(kSeriesMagic));
    if (const Result<void> written = writer.m_file.write(magic); !written) {
        return written.failure();
    }
    writer.m_size = magic.size();
    return writer;
}

Result<void> SeriesFileWriter::add(const std::string& metric, const MetricPoint& point)
{
    MetricColumns& open = m_open[metric];
    open.add(point);
    m_directory.lastStep = m_directory.points == 0 ? point.step : std::max(m_directory.lastStep, point.step);
    ++m_directory.points;
    m_directory.last = point;
    m_directory.lastId = point.id;
    return open.size() < kSeriesBlockPoints ? Result<void>() : writeBlock(metric, open);
}

Result<void> SeriesFileWriter::writeBlock(const std::string& metric, MetricColumns& points)
{
    SeriesBlock block;
    const std::string bytes = bytesOf(points);
    block.offset = m_size;
    block.bytes = bytes.size();
    block.checksum = checksumOf(bytes);
    block.firstStep = points.steps.front();
    block.lastStep = points.steps.back();
    for (std::size_t i = 0; i < points.size(); ++i) {
        const MetricPoint point = points.at(i);
        block.bucket.add(point);
        noteNonFinite(block.nonFinite, point);
    }
    if (Result<void> written = m_file.write(bytes); !written) {
        return written;
    }
    m_size += bytes.size();
    m_directory.metrics[metric].push_back(block);
    points = {};
    return {};
}

Result<void> SeriesFileWriter::commit()
{
    for (auto& [metric, points] : m_open) {
        if (points.size() == 0) {
            continue;
        }
        if (Result<void> written = writeBlock(metric, points); !written) {
            return written;
        }
    }
    const std::string directory = bytesOf(m_directory);
    const SeriesTrailer trailer{m_size, directory.size(), checksumOf(directory)};
    std::string end(sizeof(trailer), '\0');
    std::memcpy(end.data(), &trailer, sizeof(trailer));
    for (const std::string_view bytes : {std::string_view(directory), std::string_view(end)}) {
        if (Result<void> written = m_file.write(bytes); !written) {
            return written;
        }
    }
    return m_file.commit();
}

// ---- reading

SeriesFile::SeriesFile(RegularFile file, SeriesDirectory directory)
    : m_file(std::move(file)), m_directory(std::move(directory))
{
}

std::optional<SeriesFile> SeriesFile::open(const std::filesystem::path& file, RunReader& run)
{
    Result<RegularFile> opened = RegularFile::open(file);
    SeriesTrailer trailer;
    if (!opened || opened->size() < sizeof(kSeriesMagic) + sizeof(trailer)) {
        return std::nullopt;
    }
    const std::uint64_t trailerOffset = opened->size() - sizeof(trailer);
    const Result<std::string> end = opened->read(trailerOffset, sizeof(trailer));
    if (!end || end->size() != sizeof(trailer)) {
        return std::nullopt;
    }
    std::memcpy(&trailer, end->data(), sizeof(trailer));
    const bool placed = trailer.magic == kSeriesMagic && trailer.directoryOffset >= sizeof(kSeriesMagic) &&
                        trailer.directoryOffset <= trailerOffset &&
                        trailer.directoryBytes == trailerOffset - trailer.directoryOffset;
    if (!placed) {
        return std::nullopt;
    }
    const Result<std::string> bytes = opened->read(trailer.directoryOffset, trailer.directoryBytes);
    if (!bytes || bytes->size() != trailer.directoryBytes || checksumOf(*bytes) != trailer.directoryChecksum) {
        return std::nullopt;
    }
    std::optional<SeriesDirectory> directory = directoryFrom(*bytes, trailer.directoryOffset);
    if (!directory || !isOf(*directory, run)) {
        return std::nullopt;
    }
    return SeriesFile(std::move(*opened), std::move(*directory));
}

const std::vector<SeriesBlock>& SeriesFile::blocks(const std::string& metric) const
{
    static const std::vector<SeriesBlock> kNone;
    const auto found = m_directory.metrics.find(metric);
    return found == m_directory.metrics.end() ? kNone : found->second;
}

bool SeriesFile::read(const SeriesBlock& block, MetricColumns& to) const
{
    const Result<std::string> bytes = m_file.read(block.offset, block.bytes);
    return bytes && bytes->size() == block.bytes && checksumOf(*bytes) == block.checksum &&
           pointsFrom(*bytes, static_cast<std::size_t>(block.bucket.count), to);
}

} // namespace dskd::store
