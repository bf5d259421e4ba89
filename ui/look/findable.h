#pragma once

#include <QIcon>
#include <QString>
#include <functional>
#include <vector>

namespace dskd::ui
{

// One thing that Ctrl+K finds by its name.
struct Findable {
    QString text;
    QString kind = {}; // "Run", "Metric"; empty: a command
    QString keys = {}; // its shortcut
    QString tip = {};
    QIcon icon = {};
    bool enabled = true;
    std::function<void()> act = {};
};

// Called when the palette opens. GUI thread only.
using FindableSource = std::function<std::vector<Findable>()>;

} // namespace dskd::ui
