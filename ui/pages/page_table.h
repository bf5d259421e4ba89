#pragma once

#include "ui/pages/shared/page.h"

#include <span>

namespace dskd::ui
{

struct PageRow {
    const char* name;  // in the settings; never changed, or what people arranged is lost
    const char* title; // of the tab
    const char* icon;  // of resources/icons
    Page* (*create)(const PageServices& services);
};

// Every page of the window, in the order of the tabs.
[[nodiscard]] std::span<const PageRow> pageTable();

} // namespace dskd::ui
