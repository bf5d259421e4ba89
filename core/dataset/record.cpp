#include "core/dataset/record.h"

#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/dataset/json_line.h"
#include "core/dataset/prompt_template.h"
#include "core/dataset/record_parser.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ios>
#include <nlohmann/json.hpp>
#include <string_view>

namespace dskd::dataset
{
namespace
{
// A line longer than this is not a record; it bounds the memory that a file of another kind can take.
constexpr std::size_t kLongestLine = std::size_t{64} << 20;

Failure cannotRead(const std::filesystem::path& file, const std::string& why, std::string hint = {})
{
    return Failure{"The data file " + file.string() + " " + why, std::move(hint)};
}

// The next line without its end. What goes beyond kLongestLine is dropped, and `tooLong` set. False at the end.
bool nextLine(std::streambuf& in, std::string& line, bool& tooLong)
{
    line.clear();
    tooLong = false;
    constexpr auto kEnd = std::char_traits<char>::eof();
    auto c = in.sbumpc();
    if (c == kEnd) {
        return false;
    }
    for (; c != kEnd && c != '\n'; c = in.sbumpc()) {
        if (line.size() < kLongestLine) {
            line += static_cast<char>(c);
        } else {
            tooLong = true;
        }
    }
    return true;
}

Result<void> checkFile(const std::filesystem::path& file)
{
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return cannotRead(file, "does not exist.", "Check the path.");
    }
    return requireRegular(file); // data is read more than once, so a pipe cannot stand for it
}

// Reads one line into a record. The format is decided by the first line that has the fields of a known form.
Result<Record> readLine(std::string_view line, RecordFile& file, const config::DataConfig& config)
{
    const Result<nlohmann::json> object = parseJsonLine(line);
    if (!object) {
        return object.failure();
    }
    if (!object->is_object()) {
        return Failure{"The line is JSON but not an object in braces.", {}};
    }
    if (file.format == config::DataFormat::Auto) {
        file.format = detectFormat(*object);
    }
    Result<Record> record = parseRecord(*object, file.format, config);
    if (record) {
        for (const std::string_view field : unusedFields(*object, file.format, config)) {
            ++file.unused[std::string(field)];
        }
    }
    return record;
}

std::string linesText(std::size_t count)
{
    return std::to_string(count) + (count == 1 ? " line" : " lines");
}

Failure nothingUsable(const RecordFile& result, char firstCharacter)
{
    if (result.broken.empty()) {
        return cannotRead(result.path, "is empty.");
    }
    const BrokenLine& first = result.broken.front();
    return cannotRead(result.path, "has no usable line; line " + std::to_string(first.line) + ": " + first.why,
                      firstCharacter == '['
                          ? "It looks like one JSON list; write one record per line (jq -c '.[]' does it)."
                          : "Known forms, one JSON object per line: instruction and output, prompt and completion, "
                            "question and answer, messages.");
}

// Throws std::ios_base::failure where the system cannot read on.
Result<RecordFile> readLines(std::streambuf& in, const std::filesystem::path& file, const config::DataConfig& config,
                             std::int64_t limit, const std::atomic<bool>* cancelled)
{
    RecordFile result;
    result.path = file;
    result.format = config.format;
    std::string line;
    bool tooLong = false;
    char firstCharacter = '\0';
    for (std::int64_t number = 1; nextLine(in, line, tooLong); ++number) {
        if (cancelled != nullptr && *cancelled) {
            return Failure{"The reading of the data file " + file.string() + " was cancelled.", {}};
        }
        std::string_view text = line;
        if (number == 1) {
            if (const auto kind = recogniseFile(text.substr(0, kFileKindBytes))) {
                return cannotRead(file, "is " + std::string(kind->name) + ".", std::string(kind->cure));
            }
        }
        if (number == 1 && text.starts_with("\xef\xbb\xbf")) { // byte order mark
            text.remove_prefix(3);
        }
        const std::size_t start = text.find_first_not_of(" \t\r");
        if (start == std::string_view::npos) {
            continue; // blank lines are no records and no faults
        }
        firstCharacter = firstCharacter == '\0' ? text[start] : firstCharacter;
        if (tooLong) {
            result.broken.push_back({number, "The line is longer than 64 MiB."});
            continue;
        }
        Result<Record> record = readLine(text, result, config);
        if (!record) {
            result.broken.push_back({number, record.failure().what});
            continue;
        }
        record->line = number;
        result.records.push_back(*std::move(record));
        if (limit > 0 && static_cast<std::int64_t>(result.records.size()) == limit) {
            break;
        }
    }
    if (result.records.empty()) {
        return nothingUsable(result, firstCharacter);
    }
    return result;
}
} // namespace

std::vector<std::string> RecordFile::brokenLines(std::size_t most) const
{
    std::vector<std::string> sentences;
    for (std::size_t i = 0; i < std::min(most, broken.size()); ++i) {
        sentences.push_back(path.string() + ", line " + std::to_string(broken[i].line) + ": " + broken[i].why);
    }
    return sentences;
}

std::vector<std::string> RecordFile::leftOut() const
{
    std::vector<std::string> sentences;
    if (!broken.empty()) {
        sentences.push_back(std::to_string(records.size()) + " of " + linesText(records.size() + broken.size()) +
                            " used; " + std::to_string(broken.size()) + " skipped, the first (line " +
                            std::to_string(broken.front().line) + ") because: " + broken.front().why);
    }
    for (const auto& [field, count] : unused) {
        sentences.push_back("The field \"" + field + "\" of " + std::to_string(count) +
                            (count == 1 ? " record" : " records") + " is not used: " + whyUnused(field));
    }
    return sentences;
}

Result<RecordFile> readRecords(const std::filesystem::path& file, const config::DataConfig& config, std::int64_t limit,
                               const std::atomic<bool>* cancelled)
{
    if (const Result<void> usable = checkFile(file); !usable) {
        return usable.failure();
    }
    if (const Result<void> usable = checkTemplate(config); !usable) {
        return usable.failure();
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return cannotRead(file, "cannot be opened: " + std::string(std::strerror(errno)) + ".");
    }
    try {
        return readLines(*stream.rdbuf(), file, config, limit, cancelled);
    } catch (const std::ios_base::failure& problem) {
        return cannotRead(file, "cannot be read: " + problem.code().message() + ".");
    }
}

} // namespace dskd::dataset
