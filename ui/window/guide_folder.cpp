#include "ui/window/guide_folder.h"

#include "core/base/program_files.h"

#include <QFile>
#include <QRegularExpression>
#include <algorithm>
#include <system_error>

namespace dskd::ui
{

namespace fs = std::filesystem;

namespace
{

constexpr const char* kContents = "README.md";

// Files of `folder` with that ending; none where it cannot be read.
std::vector<fs::path> filesIn(const fs::path& folder, const char* ending)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ending) {
            files.push_back(entry->path());
        }
    }
    return files;
}

} // namespace

Result<fs::path> findGuide()
{
    std::error_code error;
    const fs::path contents = fs::canonical(programFiles() / "resources" / "guide" / kContents, error);
    if (error) {
        return Failure{"The pages of the guide (resources/guide) are not in " + programFiles().string() + ".",
                       "They are part of every installation."};
    }
    return contents.parent_path();
}

std::vector<GuidePage> guidePages(const fs::path& guide)
{
    std::vector<GuidePage> pages;
    QFile contents(QString::fromStdString((guide / kContents).string()));
    if (!contents.open(QIODevice::ReadOnly)) {
        return pages;
    }
    const QString text = QString::fromUtf8(contents.readAll());
    static const QRegularExpression link(R"((?<!!)\[([^\]]+)\]\(([^)/]+\.md)\))");
    for (auto found = link.globalMatch(text); found.hasNext();) {
        const QRegularExpressionMatch match = found.next();
        const QString file = match.captured(2);
        const auto same = [&](const GuidePage& page) { return page.file == file; };
        if (std::none_of(pages.begin(), pages.end(), same)) {
            pages.push_back({match.captured(1), file});
        }
    }
    return pages;
}

Result<GuideContents> readGuide(const std::atomic<bool>& cancelled)
{
    const auto guide = findGuide();
    if (!guide) {
        return guide.failure();
    }
    GuideContents contents{*guide, guidePages(*guide), {}, {}};
    for (const fs::path& page : filesIn(*guide, ".md")) {
        const QString name = QString::fromStdString(page.string());
        if (QFile file(name); file.open(QIODevice::ReadOnly)) {
            contents.texts[name] = QString::fromUtf8(file.readAll());
        }
    }
    for (const fs::path& picture : filesIn(*guide / "pictures", ".png")) {
        if (cancelled) {
            break;
        }
        const QString name = QString::fromStdString(picture.string());
        contents.pictures[name] = QImage(name);
    }
    return contents;
}

} // namespace dskd::ui
