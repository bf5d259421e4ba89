#pragma once

#include "core/base/result.h"
#include "core/store/database.h"

#include <span>
#include <string>
#include <string_view>

namespace dskd::store
{

// The schema of a database as the steps that lead to it: step i takes version i to version i + 1. PRAGMA user_version
// holds the version. Never change a step that was released; append one.
struct Schema {
    std::string_view what; // "run database"
    std::span<const std::string_view> steps;

    [[nodiscard]] int version() const { return static_cast<int>(steps.size()); }
};

// Keys of the info table that the program itself reads.
inline constexpr const char* kPlanTotalSteps = "plan.total_steps";
inline constexpr const char* kPlanStepsPerEpoch = "plan.steps_per_epoch";

// A key of it that only makes a commit have a row: nothing to show to people.
inline constexpr const char* kSavedKey = "saved";

// Before this version of run.db no attempt had its seconds.
inline constexpr int kAttemptSecondsSince = 2;
// Before this one it had no tables of representation spaces and of baseline answers.
inline constexpr int kSpacesSince = 3;
// Before this one every heat map was of float32 numbers, without the length of its sample.
inline constexpr int kMapSizesSince = 4;

extern const Schema kRunSchema;
extern const Schema kWorkspaceSchema;

// Brings the database to the newest version, all steps in one transaction. Fails when a newer program wrote it.
Result<void> migrate(const Database& database, const Schema& schema, const std::string& file);

// For readers of a database of this version (PRAGMA user_version): false when it has no tables yet. Fails when a newer
// program wrote it.
Result<bool> readable(std::int64_t version, const Schema& schema, const std::string& file);

} // namespace dskd::store
