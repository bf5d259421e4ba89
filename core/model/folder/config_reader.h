#pragma once

// Typed reads from a config.json with a sentence for what is wrong.

#include "core/base/failure.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace dskd::model
{

// The largest counts that are read: far above every published model, low enough that no product of sizes overflows.
constexpr std::int64_t kMaxLayers = 1 << 10;
constexpr std::int64_t kMaxHeads = 1 << 12;
constexpr std::int64_t kMaxHeadWidth = 1 << 14;
constexpr std::int64_t kMaxWidth = 1 << 18;
constexpr std::int64_t kMaxInnerWidth = 1 << 21;
constexpr std::int64_t kMaxVocabulary = 1 << 24;
constexpr std::int64_t kMaxPositions = 1 << 27;

// Remembers the first thing that was wrong and reads on with fallbacks. Absent and null fields are the
// same: transformers writes null for "use the default".
class ConfigReader
{
public:
    // `where` names the file, `object` outlives the reader.
    ConfigReader(const nlohmann::ordered_json& object, std::string where) : m_object(object), m_where(std::move(where))
    {
    }

    [[nodiscard]] bool has(const std::string& field) const;
    // True for null too: a few fields mean something else by null than by being absent.
    [[nodiscard]] bool mentions(const std::string& field) const { return m_object.contains(field); }
    // The field's value, or null.
    [[nodiscard]] const nlohmann::ordered_json& value(const std::string& field) const;

    // A required count from 1 to `limit`; 1 where it is missing. `alias` is a second name for the field, tried when the
    // first is absent.
    std::int64_t count(const std::string& field, std::int64_t limit, const std::string& alias = {});
    std::int64_t countOr(const std::string& field, std::int64_t limit, std::int64_t fallback);
    double numberOr(const std::string& field, double low, double high, double fallback);
    bool flagOr(const std::string& field, bool fallback);
    std::string textOr(const std::string& field, const std::string& fallback);
    // One token id or a list of them.
    std::vector<std::int64_t> ids(const std::string& field);

    void refuse(const std::string& why, const std::string& hint = {});
    void adopt(const Failure& failure); // of a reader of an inner object
    [[nodiscard]] const std::optional<Failure>& failure() const { return m_failure; }
    [[nodiscard]] const std::string& where() const { return m_where; }

private:
    void refuseValue(const std::string& field, const std::string& expected);

    const nlohmann::ordered_json& m_object;
    std::string m_where;
    std::optional<Failure> m_failure;
};

} // namespace dskd::model
