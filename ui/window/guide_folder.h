#pragma once

// Where the pages of the guide lie, and which there are.

#include "core/base/result.h"

#include <QImage>
#include <QString>
#include <atomic>
#include <filesystem>
#include <map>
#include <vector>

namespace dskd::ui
{

// resources/guide below programFiles().
[[nodiscard]] Result<std::filesystem::path> findGuide();

struct GuidePage {
    QString title;
    QString file; // in the guide's folder
};

// The guide's README.md is its table of contents: its links to pages, in their order, each page once. Empty when it
// cannot be read.
[[nodiscard]] std::vector<GuidePage> guidePages(const std::filesystem::path& guide);

// All that the guide shows, so that the window turns its pages without a file.
struct GuideContents {
    std::filesystem::path folder;
    std::vector<GuidePage> pages;
    std::map<QString, QString> texts;   // Markdown, by the absolute path of its file
    std::map<QString, QImage> pictures; // likewise
};

// Finds the guide and reads it. What cannot be read is left out, and missed where it would be shown. Any thread.
[[nodiscard]] Result<GuideContents> readGuide(const std::atomic<bool>& cancelled);

} // namespace dskd::ui
