#include "core/model/folder/safetensors_header.h"

#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/base/utf8.h"
#include "core/model/folder/tensor_specs.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace dskd::model
{
namespace
{
constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000; // the limit of the reference reader
constexpr std::size_t kMaxDimensions = 32;
constexpr const char* kMetadataKey = "__metadata__";

// Names come from the file: shown shortened, at a character's end, and without control characters.
std::string inQuotes(std::string_view name)
{
    constexpr std::size_t kShown = 120;
    const std::size_t shown = codePointBegin(name, std::min(name.size(), kShown));
    std::string text = "\"";
    for (const char c : name.substr(0, shown)) {
        text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
    return text + (shown < name.size() ? "…\"" : "\"");
}

// Receives the JSON token by token. Only one nesting is legal, so there is no document tree, no recursion, and nothing
// is kept that a tensor does not need.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json>
{
public:
    std::vector<SafetensorsEntry> entries;
    std::map<std::string, std::string> metadata;
    std::string problem; // why parsing stopped, without a full stop

    bool null() override { return unexpected("null"); }
    bool boolean(bool) override { return unexpected("true or false"); }
    bool number_integer(number_integer_t value) override
    {
        return expectsNumber() ? stop(current() + " has the negative number " + std::to_string(value))
                               : unexpected("a number");
    }
    bool number_float(number_float_t, const string_t& text) override
    {
        return expectsNumber() ? stop(current() + " has the number " + text.substr(0, 40) +
                                      ", which is not an integer that can be a size")
                               : unexpected("a number");
    }
    bool number_unsigned(number_unsigned_t value) override
    {
        if (!expectsNumber()) {
            return unexpected("a number");
        }
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return stop(current() + " has the number " + std::to_string(value) + ", which is too large");
        }
        if (m_state == State::Shape) {
            if (m_entry.shape.size() == kMaxDimensions) {
                return stop(current() + " has more than " + std::to_string(kMaxDimensions) + " dimensions");
            }
            m_entry.shape.push_back(static_cast<std::int64_t>(value));
            return true;
        }
        if (m_numOffsets == 2) {
            return stop(current() + " has more than two data_offsets");
        }
        (m_numOffsets == 0 ? m_entry.begin : m_entry.end) = value;
        ++m_numOffsets;
        return true;
    }
    bool string(string_t& value) override
    {
        if (m_state == State::MetadataValue) {
            metadata[m_key] = value;
            m_state = State::MetadataKey;
            return true;
        }
        if (m_state == State::Dtype) {
            m_entry.dtype = value;
            m_state = State::Field;
            return true;
        }
        return unexpected("a string");
    }
    bool binary(binary_t&) override { return unexpected("binary data"); }

    bool start_object(std::size_t) override
    {
        if (m_state == State::Start) {
            m_state = State::Name;
            return true;
        }
        if (m_state == State::Entry) {
            m_state = State::Field;
            return true;
        }
        if (m_state == State::Metadata) {
            m_state = State::MetadataKey;
            return true;
        }
        return unexpected("an object");
    }
    bool key(string_t& value) override
    {
        if (m_state == State::Name) {
            if (!m_names.insert(value).second) {
                return stop("the name " + inQuotes(value) + " is given twice");
            }
            m_entry = SafetensorsEntry{value, {}, {}, 0, 0};
            m_fields.clear();
            m_numOffsets = 0;
            m_state = value == kMetadataKey ? State::Metadata : State::Entry;
            return true;
        }
        if (m_state == State::MetadataKey) {
            if (metadata.count(value) != 0) {
                return stop("the metadata " + inQuotes(value) + " is given twice");
            }
            m_key = value;
            m_state = State::MetadataValue;
            return true;
        }
        if (!m_fields.insert(value).second) { // State::Field: the only other place where keys occur
            return stop(current() + " has the field " + inQuotes(value) + " twice");
        }
        if (value == "dtype") {
            m_state = State::Dtype;
        } else if (value == "shape") {
            m_state = State::BeforeShape;
        } else if (value == "data_offsets") {
            m_state = State::BeforeOffsets;
        } else {
            return stop(current() + " has the unknown field " + inQuotes(value));
        }
        return true;
    }
    bool end_object() override
    {
        if (m_state == State::Field) {
            for (const char* field : {"dtype", "shape", "data_offsets"}) {
                if (m_fields.count(field) == 0) {
                    return stop(current() + " lacks the field \"" + field + "\"");
                }
            }
            entries.push_back(std::move(m_entry));
            m_state = State::Name;
            return true;
        }
        m_state = m_state == State::MetadataKey ? State::Name : State::End;
        return true;
    }
    bool start_array(std::size_t) override
    {
        if (m_state == State::BeforeShape) {
            m_state = State::Shape;
            return true;
        }
        if (m_state == State::BeforeOffsets) {
            m_state = State::Offsets;
            return true;
        }
        return unexpected("a list");
    }
    bool end_array() override
    {
        if (m_state == State::Offsets && m_numOffsets != 2) {
            return stop(current() + " has fewer than two data_offsets");
        }
        m_state = State::Field;
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override
    {
        return stop("the header is not JSON (byte " + std::to_string(position) + " of it)");
    }

private:
    enum class State {
        Start,
        Name,
        Entry,
        Field,
        Dtype,
        BeforeShape,
        Shape,
        BeforeOffsets,
        Offsets,
        Metadata,
        MetadataKey,
        MetadataValue,
        End,
    };

    [[nodiscard]] bool expectsNumber() const { return m_state == State::Shape || m_state == State::Offsets; }
    [[nodiscard]] std::string current() const { return "tensor " + inQuotes(m_entry.name); }
    bool stop(std::string why)
    {
        problem = std::move(why);
        return false;
    }
    bool unexpected(const std::string& token)
    {
        switch (m_state) {
        case State::Start: return stop("the header is not an object but " + token);
        case State::Metadata:
        case State::MetadataValue:
            return stop("the metadata holds " + token + " where " +
                        (m_state == State::Metadata ? "an object" : "a string") + " belongs");
        case State::Entry: return stop(current() + " is not an object but " + token);
        case State::Dtype: return stop(current() + " has " + token + " as its dtype");
        case State::BeforeShape:
        case State::Shape: return stop(current() + " has " + token + " in its shape");
        default: return stop(current() + " has " + token + " in its data_offsets");
        }
    }

    State m_state = State::Start;
    SafetensorsEntry m_entry;
    std::string m_key;
    std::set<std::string> m_fields;
    std::set<std::string> m_names;
    int m_numOffsets = 0;
};

// Elements times their size, unless that overflows. A dimension of 0 counts as 1 on the way, because the strides of an
// empty tensor are computed that way too.
std::optional<std::uint64_t> byteCount(const SafetensorsEntry& entry, std::uint64_t elementSize)
{
    std::uint64_t count = elementSize;
    bool empty = false;
    for (const std::int64_t dimension : entry.shape) {
        const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(dimension, 1));
        if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / factor) {
            return std::nullopt;
        }
        count *= factor;
        empty = empty || dimension == 0;
    }
    return empty ? 0 : count;
}

// Why the entries do not describe `dataBytes` bytes exactly; sorts them by their place.
std::optional<std::string> layoutProblem(std::vector<SafetensorsEntry>& entries, std::uint64_t dataBytes)
{
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t position = 0;
    for (const SafetensorsEntry& entry : entries) {
        const std::string tensor = "tensor " + inQuotes(entry.name);
        const auto elementSize = safetensorsElementSize(entry.dtype);
        if (!elementSize) {
            return tensor + " has the unknown dtype " + inQuotes(entry.dtype);
        }
        if (entry.end < entry.begin) {
            return tensor + " ends before it begins (data_offsets " + std::to_string(entry.begin) + ", " +
                   std::to_string(entry.end) + ")";
        }
        const auto bytes = byteCount(entry, *elementSize);
        if (!bytes) {
            return tensor + " has a shape that is too large, " + shapeText(entry.shape);
        }
        if (*bytes != entry.end - entry.begin) {
            return tensor + " of shape " + shapeText(entry.shape) + " and dtype " + entry.dtype + " needs " +
                   std::to_string(*bytes) + " bytes but its data_offsets span " +
                   std::to_string(entry.end - entry.begin);
        }
        if (entry.begin < position) {
            return tensor + " overlaps the tensor before it";
        }
        if (entry.begin > position) {
            return "there is a gap of " + std::to_string(entry.begin - position) + " bytes before " + tensor;
        }
        if (entry.end > dataBytes) {
            return "the file is truncated: " + tensor + " ends at byte " + std::to_string(entry.end) +
                   " of the data, which has " + std::to_string(dataBytes);
        }
        position = entry.end;
    }
    if (position != dataBytes) {
        return std::to_string(dataBytes - position) + " bytes after the last tensor belong to none";
    }
    return std::nullopt;
}
// REQUIRES: at least kLengthBytes bytes.
std::uint64_t headerLength(std::string_view begin)
{
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        length |= static_cast<std::uint64_t>(static_cast<unsigned char>(begin[i])) << (8 * i);
    }
    return length;
}
} // namespace

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view begin, std::uint64_t fileBytes,
                                                 const std::string& where)
{
    const auto refuse = [&where](const std::string& why) {
        return Failure{where + " is not a usable safetensors file: " + why + ".", "Download or export it again."};
    };
    // Only where the length makes no sense: a true one may begin with the bytes of another kind of file.
    const auto refuseLength = [&](const std::string& why) {
        const std::optional<Failure> kind = wrongFileKind(where, begin);
        return kind ? *kind : refuse(why);
    };
    if (fileBytes < kLengthBytes || begin.size() < kLengthBytes) {
        return refuse("it has " + std::to_string(fileBytes) + " bytes, not even the 8 of the header length");
    }
    const std::uint64_t length = headerLength(begin);
    if (length > kMaxHeaderBytes) {
        return refuseLength("its header claims " + std::to_string(length) + " bytes, more than the 100 MB allowed");
    }
    if (length > fileBytes - kLengthBytes) {
        return refuseLength("it is truncated: the header claims " + std::to_string(length) +
                            " bytes and the file has " + std::to_string(fileBytes - kLengthBytes) +
                            " after the length");
    }
    if (length > begin.size() - kLengthBytes) {
        return refuse("it was cut short while it was read");
    }
    const std::string_view json = begin.substr(kLengthBytes, length);
    HeaderReader reader;
    if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) {
        return refuse(reader.problem);
    }
    SafetensorsHeader header;
    header.entries = std::move(reader.entries);
    header.metadata = std::move(reader.metadata);
    header.dataStart = kLengthBytes + length;
    if (const auto problem = layoutProblem(header.entries, fileBytes - header.dataStart)) {
        return refuse(*problem);
    }
    return header;
}

Result<SafetensorsHeader> readSafetensorsHeader(const std::filesystem::path& file)
{
    const auto opened = RegularFile::open(file);
    if (!opened) {
        return opened.failure();
    }
    auto bytes = opened->read(0, kFileKindBytes);
    if (bytes && bytes->size() >= kLengthBytes && headerLength(*bytes) <= kMaxHeaderBytes) {
        bytes = opened->read(0, kLengthBytes + std::max<std::uint64_t>(headerLength(*bytes), kFileKindBytes));
    }
    if (!bytes) {
        return bytes.failure();
    }
    return parseSafetensorsHeader(*bytes, opened->size(), file.string());
}

} // namespace dskd::model
