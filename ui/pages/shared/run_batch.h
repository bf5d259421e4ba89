#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "ui/look/window_words.h"

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
    std::map<std::string, QString> problems; // why a run could not be read
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
        Result<T> one = read(layout.run(id).root);
        if (one) {
            batch.byRun[id] = std::move(*one);
        } else {
            batch.problems[id] = windowWords(one.failure().text());
        }
    }
    return batch;
}

} // namespace dskd::ui
