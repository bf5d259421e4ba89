#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <QString>
#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::ui
{

// What was read from the folders of several runs. One that cannot be read does not hide the others.
template <typename T>
struct RunBatch {
    std::map<std::string, T> byRun;
    QString problem; // of the first run that could not be read; empty: none
};

// Reads the runs one after the other; once `cancelled`, those so far. Any thread.
template <typename T>
Result<RunBatch<T>> readBatch(Result<T> (*read)(const std::filesystem::path& runFolder),
                              const std::vector<std::string>& runIds, const std::filesystem::path& workspace,
                              const std::atomic<bool>& cancelled)
{
    const WorkspaceLayout layout{workspace};
    RunBatch<T> batch;
    for (const std::string& id : runIds) {
        if (cancelled) {
            break;
        }
        if (Result<T> one = read(layout.run(id).root)) {
            batch.byRun[id] = std::move(*one);
        } else if (batch.problem.isEmpty()) {
            batch.problem = QString::fromStdString(id + ": " + one.failure().text());
        }
    }
    return batch;
}

} // namespace dskd::ui
