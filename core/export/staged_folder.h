#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <utility>

namespace dskd::exporting
{

// A folder that is filled out of sight and appears in its place when it is whole: until finish() begins, the place is
// as it was. Removed with what is in it otherwise; of a process that was killed, by the next for the same place on this
// machine. One thread.
class StagedFolder
{
public:
    // For `target`, which need not exist; the folders above it are made. Fails when it is a file, or where nothing can
    // be written.
    static Result<StagedFolder> forTarget(const std::filesystem::path& target);

    // Those that killed processes of this machine left of the same target. forTarget does it too.
    static void removeLeftovers(const std::filesystem::path& target);

    StagedFolder(StagedFolder&& other) noexcept
        : m_target(std::move(other.m_target)), m_path(std::exchange(other.m_path, {}))
    {
    }
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;
    StagedFolder& operator=(StagedFolder&&) = delete;
    ~StagedFolder();

    // Where to write; empty at first.
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    // A target that did not exist appears at once. Into one that did the files are moved one by one, each whole,
    // config.json last, over those of the same name; what else is in it stays. Nothing is moved where a name is taken
    // by something else than a file; a failure between two files (a disk that breaks) leaves some new and some old, and
    // says so.
    [[nodiscard]] Result<void> finish();

private:
    StagedFolder(std::filesystem::path target, std::filesystem::path path)
        : m_target(std::move(target)), m_path(std::move(path))
    {
    }

    std::filesystem::path m_target;
    std::filesystem::path m_path; // empty: finished, or moved away
};

} // namespace dskd::exporting
