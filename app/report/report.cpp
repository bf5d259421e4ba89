#include "app/report/report.h"

#include "app/report/render.h"
#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"

#include <system_error>

namespace dskd::report
{

Result<std::vector<jobs::UnreadRun>> writeReport(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                                                 const std::string& title, const std::filesystem::path& to)
{
    const auto data = loadReport(workspace, runIds, title);
    if (!data) {
        return data.failure();
    }
    // A browser never sees half a page.
    if (const Result<void> written = writeFileAtomically(to, renderPage(*data)); !written) {
        return Failure{"The report cannot be written: " + written.failure().what, written.failure().hint};
    }
    return data->leftOut;
}

bool isReport(const std::filesystem::path& file)
{
    constexpr std::uint64_t kBeginning = 1024;
    const auto opened = RegularFile::open(file);
    const auto beginning = opened ? opened->read(0, kBeginning) : Result<std::string>(opened.failure());
    return beginning && beginning->find(kReportMark) != std::string::npos;
}

Result<void> requireReplaceable(const std::filesystem::path& file)
{
    std::error_code error;
    if (std::filesystem::exists(file, error) && !isReport(file)) {
        return Failure{file.string() + " is there already, and is no report of this program.", "Name another file.",
                       FailureKind::Usage};
    }
    return {};
}

} // namespace dskd::report
