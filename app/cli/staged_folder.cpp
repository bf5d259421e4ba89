#include "app/cli/staged_folder.h"

#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace dskd::cli
{

namespace fs = std::filesystem;

Result<StagedFolder> StagedFolder::forTarget(const fs::path& target)
{
    std::error_code error;
    fs::path place = fs::absolute(target, error).lexically_normal();
    if (!place.has_filename()) { // a slash at its end
        place = place.parent_path();
    }
    const bool exists = fs::exists(place, error);
    if (exists && !fs::is_directory(place, error)) {
        return Failure{place.string() + " is a file, not a folder.", "Name another place."};
    }
    // Inside a folder that exists, which may be a disk of its own: renaming works within one only.
    const fs::path parent = exists ? place : place.parent_path();
    fs::create_directories(parent, error);
    const fs::path path = parent / ("." + place.filename().string() + ".part" + std::to_string(::getpid()));
    if (!error) {
        fs::remove_all(path, error); // of a process that was killed and had this number
    }
    if (!error) {
        fs::create_directory(path, error);
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
    for (const fs::directory_entry& entry : fs::directory_iterator(m_path, error)) {
        files.push_back(entry.path());
    }
    for (const fs::path& file : files) {
        const fs::path to = m_target / file.filename();
        fs::rename(file, to, error);
        if (error) {
            return Failure{"Cannot write " + to.string() + ": " + error.message() + ".", {}};
        }
    }
    return {};
}

} // namespace dskd::cli
