#include "app/report/report.h"

#include "app/report/render.h"

#include <fstream>

namespace dskd::report
{

Result<std::vector<jobs::UnreadRun>> writeReport(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                                                 const std::string& title, const std::filesystem::path& to)
{
    const auto data = loadReport(workspace, runIds, title);
    if (!data) {
        return data.failure();
    }
    // Written beside and renamed, so that a browser never sees half a page.
    std::filesystem::path draft = to;
    draft += ".part";
    {
        std::ofstream stream(draft, std::ios::binary);
        stream << renderPage(*data);
        stream.close();
        if (!stream) {
            std::error_code ignored;
            std::filesystem::remove(draft, ignored);
            return Failure{"Cannot write " + to.string() + ".", "Is the folder there, and is there room on the disk?"};
        }
    }
    std::error_code error;
    std::filesystem::rename(draft, to, error);
    if (error) {
        return Failure{"Cannot write " + to.string() + ": " + error.message() + ".", {}};
    }
    return data->leftOut;
}

} // namespace dskd::report
