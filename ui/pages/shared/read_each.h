#pragma once

// Reading something of several runs: one that cannot be read does not hide the others.

#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <QString>
#include <atomic>
#include <map>
#include <string>
#include <vector>

namespace dskd::ui
{

template <typename T>
struct ReadRuns {
    std::map<std::string, T> byRun;
    QString trouble; // of the first run that could not be read; empty: none
};

// Any thread. `read(folder)` returns Result<T>.
template <typename T, typename Read>
[[nodiscard]] Result<ReadRuns<T>> readEach(const std::vector<std::string>& ids, const WorkspaceLayout& layout,
                                           const std::atomic<bool>& cancelled, Read read)
{
    ReadRuns<T> result;
    for (const std::string& id : ids) {
        if (cancelled) {
            break;
        }
        Result<T> one = read(layout.run(id).root);
        if (one) {
            result.byRun[id] = std::move(*one);
        } else if (result.trouble.isEmpty()) {
            result.trouble = QString::fromStdString(id + ": " + one.failure().text());
        }
    }
    return result;
}

} // namespace dskd::ui
