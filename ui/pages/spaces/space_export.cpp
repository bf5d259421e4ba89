#include "ui/pages/spaces/space_export.h"

#include "core/jobs/space_csv.h"
#include "core/store/run_reader.h"

#include <QIODevice>
#include <string>
#include <string_view>

namespace dskd::ui
{
namespace
{

void add(QIODevice& out, std::string_view text)
{
    out.write(text.data(), static_cast<qint64>(text.size()));
}

} // namespace

Result<std::int64_t> writeSamples(const std::vector<RunToExport>& runs, const QString& file,
                                  const std::atomic<bool>& cancelled)
{
    return writeFile(file, [&](QIODevice& out) -> Result<std::int64_t> {
        std::int64_t count = 0;
        add(out, jobs::sampleColumns());
        for (const RunToExport& run : runs) {
            Result<store::RunReader> reader = store::RunReader::open(run.folder);
            if (!reader) {
                return reader.failure();
            }
            for (const store::StructureRow& sample : reader->structure()) {
                add(out, jobs::sampleLine(run.source, sample));
                ++count;
            }
            if (cancelled) {
                return cancelledExport();
            }
        }
        return count;
    });
}

Result<std::int64_t> writeSpacePoints(const RunToExport& run, store::ModelSide space, const QString& file,
                                      const std::atomic<bool>& cancelled)
{
    return writeFile(file, [&](QIODevice& out) -> Result<std::int64_t> {
        Result<store::RunReader> reader = store::RunReader::open(run.folder);
        if (!reader) {
            return reader.failure();
        }
        const store::RunReader::Snapshot snapshot(*reader);
        std::int64_t count = 0;
        add(out, jobs::kSpacePointColumns);
        for (const std::int64_t step : reader->spacePointSteps()) {
            for (const store::SpacePointRow& point : reader->spacePoints(step)) {
                if (point.space == space) {
                    add(out, jobs::spacePointLine(run.source, point));
                    ++count;
                }
            }
            if (cancelled) {
                return cancelledExport();
            }
        }
        return count;
    });
}

} // namespace dskd::ui
