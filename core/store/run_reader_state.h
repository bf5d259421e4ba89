#pragma once

// The connection that the methods of RunReader share. Only for the sources of RunReader.

#include "core/base/result.h"
#include "core/store/database.h"
#include "core/store/read_access.h"
#include "core/store/run_reader.h"
#include "core/store/schema.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace dskd::store
{

struct RunReader::State {
    RunLayout run;
    std::chrono::milliseconds patience;
    std::optional<ReadAccess> access;
    std::optional<std::filesystem::file_time_type> readAt; // of a frozen file: as it was when it was opened
    std::int64_t dataVersion = -1;

    // Opens the database when it has come into being since the last call. Null: there is nothing to read yet.
    Result<const Database*> connect()
    {
        try {
            // A snapshot sees one state anyway, so what lies beside the file is looked at once for it.
            if (access && (access->database.inTransaction() || !isStale())) {
                return &access->database;
            }
            access.reset();
            dataVersion = -1; // of another connection
            std::error_code error;
            if (!std::filesystem::exists(run.database(), error)) {
                return nullptr;
            }
            readAt = lastWrite();
            ReadAccess opened = openToRead(run, patience);
            const Result<bool> ready = readable(opened.version, kRunSchema, run.database().string());
            if (!ready) {
                return ready.failure();
            }
            if (*ready) {
                access.emplace(std::move(opened));
                return &access->database;
            }
            return nullptr;
        } catch (const Error& failed) {
            return failed.failure();
        }
    }

    const Database* connected() { return connect().value(); }

private:
    [[nodiscard]] std::optional<std::filesystem::file_time_type> lastWrite() const
    {
        std::error_code error;
        const auto time = std::filesystem::last_write_time(run.database(), error);
        return error ? std::nullopt : std::optional(time);
    }

    // True when the connection cannot show what there is: a worker was killed within a change since it was opened, or a
    // file that was frozen has changed.
    [[nodiscard]] bool isStale() const
    {
        if (access->frozen) {
            return lastWrite() != readAt;
        }
        std::error_code error;
        if (!std::filesystem::exists(run.database().string() + "-journal", error)) {
            return false;
        }
        try {
            (void)access->database.pragma("user_version"); // a living worker's journal is no obstacle
            return false;
        } catch (const DatabaseError& failed) {
            if (failed.code() == SQLITE_READONLY_ROLLBACK) {
                return true;
            }
            throw;
        }
    }
};

} // namespace dskd::store
