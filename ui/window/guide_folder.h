#pragma once

// Where the pages of the guide lie, and which there are.

#include "core/base/result.h"

#include <QString>
#include <filesystem>
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

} // namespace dskd::ui
