#include "core/cache/kept_teachers.h"

#include "core/base/atomic_file.h"
#include "core/base/hash.h"
#include "core/base/system_failure.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <sys/stat.h>

namespace dskd::cache
{
namespace
{

namespace fs = std::filesystem;

constexpr const char* kTeacherFile = "teacher.json";

std::string keyOf(const TeacherIdentity& teacher)
{
    // Another number where the same teacher gives other rows than before: a mask or a rotation that was mended.
    constexpr int kFormat = 1;
    const std::string content = nlohmann::json{kFormat, teacher.device, teacher.program, teacher.files}.dump();
    const RowKey key = rowKey(std::as_bytes(std::span(content)));
    return hexadecimal(key.high) + hexadecimal(key.low);
}

std::string toText(const TeacherIdentity& teacher)
{
    return nlohmann::json{{"model", teacher.model},
                          {"adapter", teacher.adapter},
                          {"device", teacher.device},
                          {"program", teacher.program},
                          {"files", teacher.files}}
        .dump(2);
}

TeacherIdentity readTeacher(const fs::path& file)
{
    std::ifstream in(file);
    const nlohmann::json object = nlohmann::json::parse(in, nullptr, false);
    TeacherIdentity teacher;
    if (!object.is_object()) {
        return teacher;
    }
    const auto text = [&](const char* name) {
        const auto found = object.find(name);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    teacher.model = text("model");
    teacher.adapter = text("adapter");
    teacher.device = text("device");
    teacher.program = text("program");
    return teacher;
}

// Whether the folder is one that keyOf() named, and no link: nothing else in the cache is ours to list or to delete. A
// person types keys; "..", or a path, would name something outside.
bool isOurs(const fs::path& folder)
{
    constexpr std::size_t kDigits = 32;
    const std::string name = folder.filename().string();
    std::error_code error;
    return name.size() == kDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos &&
           fs::symlink_status(folder, error).type() == fs::file_type::directory;
}

// The files of one teacher lie flat in its folder.
void addFiles(KeptTeacher& kept, const fs::path& folder)
{
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        struct stat status {
        };
        if (::lstat(entry.path().c_str(), &status) == 0) {
            kept.bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
            kept.changed = std::max(kept.changed, static_cast<double>(status.st_mtim.tv_sec));
        }
    }
}

} // namespace

std::optional<WorkspaceLayout> workspaceOf(const RunLayout& run)
{
    std::error_code error;
    const fs::path root = fs::weakly_canonical(run.root, error);
    const WorkspaceLayout workspace{root.parent_path().parent_path()};
    const bool isThere = !error && root.parent_path() == workspace.runs() && fs::exists(workspace.database(), error);
    return isThere ? std::optional(workspace) : std::nullopt;
}

Result<RowStore> openTeacherRows(const WorkspaceLayout& workspace, const TeacherIdentity& teacher)
{
    const fs::path folder = workspace.teacherRows() / keyOf(teacher);
    Result<RowStore> rows = RowStore::open(folder);
    std::error_code error;
    if (rows && !fs::exists(folder / kTeacherFile, error)) {
        if (const Result<void> written = writeFileAtomically(folder / kTeacherFile, toText(teacher)); !written) {
            return written.failure();
        }
    }
    return rows;
}

std::vector<KeptTeacher> keptTeachers(const WorkspaceLayout& workspace)
{
    std::vector<KeptTeacher> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(workspace.teacherRows(), error)) {
        if (!isOurs(entry.path())) {
            continue;
        }
        KeptTeacher kept;
        kept.key = entry.path().filename().string();
        kept.teacher = readTeacher(entry.path() / kTeacherFile);
        kept.samples = RowStore::count(entry.path());
        addFiles(kept, entry.path());
        all.push_back(std::move(kept));
    }
    std::ranges::sort(all, std::ranges::greater(), &KeptTeacher::changed);
    return all;
}

Result<std::uint64_t> forgetTeacher(const WorkspaceLayout& workspace, const std::string& key)
{
    const fs::path folder = workspace.teacherRows() / key;
    if (key.find('/') != std::string::npos || !isOurs(folder)) {
        return unknownTeacher(workspace, key);
    }
    KeptTeacher kept;
    addFiles(kept, folder);
    if (Result<RowStore> rows = RowStore::open(folder)) { // a run that has the file open would keep the disk full
        if (const Result<void> cleared = rows->clear(); !cleared) {
            return cleared.failure();
        }
    }
    for (const char* file : {RowStore::kRowsFile, RowStore::kClaimsFile, kTeacherFile}) {
        std::error_code error;
        fs::remove(folder / file, error);
        if (error) {
            errno = error.value();
            return systemFailure(folder / file, "deleted");
        }
    }
    std::error_code ignored;
    fs::remove(folder, ignored); // stays where someone has put more into it
    return kept.bytes;
}

Failure unknownTeacher(const WorkspaceLayout& workspace, const std::string& key)
{
    return {"No rows of a teacher \"" + key + "\" are kept in " + workspace.root.string() + ".",
            "\"dskd cache list\" names them.", FailureKind::NotFound};
}

} // namespace dskd::cache
