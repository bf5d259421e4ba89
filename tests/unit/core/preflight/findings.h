#pragma once

// What the tests of check() ask of its findings.

#include "core/preflight/preflight.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace dskd::preflight
{

inline std::vector<Finding> findingsOf(const config::Experiment& experiment, const Options& options = {})
{
    std::vector<Finding> findings;
    const std::atomic<bool> cancelled{false};
    check(experiment, options, cancelled, [&](Finding finding) { findings.push_back(std::move(finding)); });
    return findings;
}

// The first of the topic; null: none.
inline const Finding* find(const std::vector<Finding>& findings, const std::string& topic)
{
    const auto found =
        std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.topic == topic; });
    return found == findings.end() ? nullptr : &*found;
}

inline bool anyProblem(const std::vector<Finding>& findings)
{
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.level == Level::Problem; });
}

} // namespace dskd::preflight
