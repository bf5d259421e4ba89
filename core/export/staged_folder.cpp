#include "core/export/staged_folder.h"

#include "core/base/atomic_file.h"
#include "core/base/leftovers.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace dskd::exporting
{

namespace fs = std::filesystem;

namespace
{

// Without a slash at its end.
fs::path normalPlace(const fs::path& target)
{
    std::error_code error;
    const fs::path place = fs::absolute(target, error).lexically_normal();
    return place.has_filename() ? place : place.parent_path();
}

} // namespace

void StagedFolder::removeLeftovers(const fs::path& target)
{
    const fs::path place = normalPlace(target);
    for (const fs::path& parent : {place, place.parent_path()}) { // where the place existed, and where it did not
        dskd::removeLeftovers(parent, temporaryPrefix(place), Leftovers::Folders);
    }
}

Result<StagedFolder> StagedFolder::forTarget(const fs::path& target)
{
    std::error_code error;
    const fs::path place = normalPlace(target);
    const bool exists = fs::exists(place, error);
    if (exists && !fs::is_directory(place, error)) {
        return Failure{place.string() + " is a file, not a folder.", "Name another place."};
    }
    // Inside a folder that exists, which may be a disk of its own: renaming works within one only.
    const fs::path parent = exists ? place : place.parent_path();
    fs::create_directories(parent, error);
    static std::atomic<int> numStaged = 0; // several threads may fill folders for one place
    const fs::path path =
        parent / (temporaryPrefix(place) + std::to_string(::getpid()) + "-" + std::to_string(numStaged++));
    removeLeftovers(place);
    std::error_code ignored;
    fs::remove_all(path, ignored); // of a process that was killed and had the id of this one
    if (!error && !fs::create_directory(path, error) && !error) {
        error = std::make_error_code(std::errc::file_exists); // a leftover that could not be removed
    }
    if (error) {
        return Failure{"Cannot make a folder in " + parent.string() + ": " + error.message() + ".",
                       "Choose a place that you may write to."};
    }
    return StagedFolder(place, path);
}

StagedFolder::~StagedFolder()
{
    if (!m_path.empty()) {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
}

Result<void> StagedFolder::finish()
{
    std::error_code error;
    if (!fs::exists(m_target, error)) {
        fs::rename(m_path, m_target, error);
        if (error) {
            return Failure{"Cannot make the folder " + m_target.string() + ": " + error.message() + ".", {}};
        }
        m_path.clear();
        return {};
    }
    std::vector<fs::path> files; // listed first: a folder must not change while it is walked
    for (fs::directory_iterator entry(m_path, error), end; !error && entry != end; entry.increment(error)) {
        files.push_back(entry->path());
    }
    if (error) {
        return Failure{"Cannot read " + m_path.string() + ": " + error.message() + ".", {}};
    }
    for (const fs::path& file : files) {
        const fs::path to = m_target / file.filename();
        if (fs::exists(to, error) && !fs::is_regular_file(to, error)) {
            return Failure{to.string() + " is in the way: it is no file that could be written over.",
                           "Move it away, or name another place. Nothing was changed."};
        }
    }
    // What says that there is a model comes last, so a folder that was empty holds none before it is whole.
    std::stable_partition(files.begin(), files.end(),
                          [](const fs::path& file) { return file.filename() != "config.json"; });
    for (const fs::path& file : files) {
        const fs::path to = m_target / file.filename();
        fs::rename(file, to, error);
        if (error) {
            return Failure{"Cannot write " + to.string() + ": " + error.message() +
                               ". Some files there are new and some old now.",
                           "Export again when there is room and you may write there."};
        }
    }
    return {};
}

} // namespace dskd::exporting
