#include "core/store/database_error.h"

#include "core/base/run_layout.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace dskd::store
{
namespace
{

std::string damageHint(const std::filesystem::path& file)
{
    const std::string hint = "The file is damaged; put it back from a copy, or move it away: ";
    const std::filesystem::path folder = file.parent_path();
    if (file.filename() == WorkspaceLayout{}.database().filename()) {
        return "The file is damaged: close what uses the workspace, and put the file back from a copy, or else move it "
               "away (for example to workspace.db.damaged, with workspace.db-wal and workspace.db-shm) and let "
               "`dskd doctor --repair -w " +
               folder.string() +
               "` make it anew from the run folders, without the notes, tags and queue that were in it.";
    }
    if (file.filename() == RunLayout{}.database().filename()) {
        return hint + "`dskd resume` then goes on from the newest checkpoint, where the curves begin anew.";
    }
    return "The file is damaged; put it back from a copy, or move it away.";
}

std::string hintFor(int code, const std::filesystem::path& file)
{
    switch (code & 0xff) {
    case SQLITE_FULL: return "The disk is full; free some space.";
    case SQLITE_BUSY: return "Another program holds the database; close it and try again.";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return damageHint(file);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: {
        const std::string why = whyUnwritable(file);
        return why.empty() ? "Check that its folder exists and that you may write there." : why;
    }
    default: return {};
    }
}

// By the rights that count when a file is opened.
bool mayWrite(const std::filesystem::path& place)
{
    return ::faccessat(AT_FDCWD, place.c_str(), W_OK, AT_EACCESS) == 0;
}

} // namespace

DatabaseError databaseError(int code, const std::string& what, const std::filesystem::path& file)
{
    return {code, {what, hintFor(code, file)}};
}

void throwDatabaseError(sqlite3* connection)
{
    const char* name = sqlite3_db_filename(connection, "main");
    const std::string file = name == nullptr || *name == '\0' ? "The database" : name;
    const int code = sqlite3_extended_errcode(connection);
    throw databaseError(code, file + " cannot be used: " + sqlite3_errmsg(connection) + ".", file);
}

std::string whyUnwritable(const std::filesystem::path& file)
{
    constexpr std::uint64_t kLittle = 1 << 16; // less than SQLite's shared memory and a journal need
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    struct statvfs info {
    };
    if (statvfs(folder.c_str(), &info) != 0) {
        return "The folder " + folder.string() + " cannot be reached: " + std::strerror(errno) + ".";
    }
    if ((info.f_flag & ST_RDONLY) != 0) {
        return folder.string() + " lies on a file system that is mounted read-only.";
    }
    if (!mayWrite(folder)) {
        return "You may not write in " + folder.string() + ".";
    }
    if (!mayWrite(file) && errno != ENOENT) {
        return "You may not write " + file.string() + ".";
    }
    if (std::uint64_t{info.f_bavail} * info.f_frsize < kLittle) {
        return "The disk that " + folder.string() + " lies on is full.";
    }
    return {};
}

} // namespace dskd::store
