#include "core/store/series_bytes.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace dskd::store
{
namespace
{

// How a column of whole numbers is written.
enum class Coding : std::uint8_t { Even, Differences, Plain };

template <typename T>
void put(std::string& to, const T& value)
{
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t at = to.size();
    to.resize(at + sizeof(T));
    std::memcpy(to.data() + at, &value, sizeof(T));
}

template <typename T>
void putAll(std::string& to, const std::vector<T>& values)
{
    const std::size_t at = to.size();
    to.resize(at + values.size() * sizeof(T));
    if (!values.empty()) {
        std::memcpy(to.data() + at, values.data(), values.size() * sizeof(T));
    }
}

// Takes numbers off the front of bytes. What is asked for beyond the end is 0, and `good` is false from then on.
class Cursor
{
public:
    explicit Cursor(std::string_view bytes) : m_bytes(bytes) {}
    [[nodiscard]] bool good() const { return m_good; }
    [[nodiscard]] bool atEnd() const { return m_good && m_bytes.empty(); }

    template <typename T>
    T take()
    {
        T value{};
        if (const std::string_view bytes = takeBytes(sizeof(T)); bytes.size() == sizeof(T)) {
            std::memcpy(&value, bytes.data(), sizeof(T));
        }
        return value;
    }
    std::string_view takeBytes(std::size_t count)
    {
        m_good = m_good && count <= m_bytes.size();
        if (!m_good) {
            return {};
        }
        const std::string_view bytes = m_bytes.substr(0, count);
        m_bytes.remove_prefix(count);
        return bytes;
    }
    // Appends `count` numbers.
    template <typename T>
    void takeAll(std::size_t count, std::vector<T>& to)
    {
        const std::string_view bytes = takeBytes(count * sizeof(T));
        if (!m_good || bytes.empty()) {
            return;
        }
        const std::size_t at = to.size();
        to.resize(at + count);
        std::memcpy(to.data() + at, bytes.data(), bytes.size());
    }

private:
    std::string_view m_bytes;
    bool m_good = true;
};

// In two's complement without overflow: what a damaged file holds may be anything.
std::int64_t plus(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t minus(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void putWhole(std::string& to, const std::vector<std::int64_t>& values)
{
    std::vector<std::int32_t> differences;
    differences.reserve(values.size());
    bool small = true;
    bool even = true;
    for (std::size_t i = 1; i < values.size(); ++i) {
        const std::int64_t difference = minus(values[i], values[i - 1]);
        small = small && difference >= std::numeric_limits<std::int32_t>::min() &&
                difference <= std::numeric_limits<std::int32_t>::max();
        even = even && difference == minus(values[1], values[0]);
        differences.push_back(small ? static_cast<std::int32_t>(difference) : 0);
    }
    const std::int64_t first = values.empty() ? 0 : values.front();
    if (even) {
        put(to, Coding::Even);
        put(to, first);
        put(to, values.size() < 2 ? std::int64_t{0} : minus(values[1], values[0]));
    } else if (small) {
        put(to, Coding::Differences);
        put(to, first);
        putAll(to, differences);
    } else {
        put(to, Coding::Plain);
        putAll(to, values);
    }
}

bool takeWhole(Cursor& from, std::size_t count, std::vector<std::int64_t>& to)
{
    switch (from.take<Coding>()) {
    case Coding::Even: {
        auto value = from.take<std::int64_t>();
        const auto difference = from.take<std::int64_t>();
        to.reserve(to.size() + count);
        for (std::size_t i = 0; i < count; ++i) {
            to.push_back(value);
            value = plus(value, difference);
        }
        return from.good();
    }
    case Coding::Differences: {
        auto value = from.take<std::int64_t>();
        std::vector<std::int32_t> differences;
        from.takeAll(count - 1, differences);
        if (!from.good()) {
            return false;
        }
        to.push_back(value);
        for (const std::int32_t difference : differences) {
            value = plus(value, difference);
            to.push_back(value);
        }
        return true;
    }
    case Coding::Plain: from.takeAll(count, to); return from.good();
    }
    return false;
}

void putBlock(std::string& to, const SeriesBlock& block)
{
    for (const std::uint64_t number : {block.offset, block.bytes, block.checksum}) {
        put(to, number);
    }
    for (const std::int64_t number : {block.firstStep, block.lastStep, block.bucket.count, block.bucket.notFinite}) {
        put(to, number);
    }
    put(to, block.bucket.least);
    put(to, block.bucket.greatest);
    for (const std::optional<MetricPoint>& point : block.nonFinite) {
        put(to, static_cast<std::uint8_t>(point ? 1 : 0));
        if (point) {
            put(to, *point);
        }
    }
}

SeriesBlock takeBlock(Cursor& from)
{
    SeriesBlock block;
    block.offset = from.take<std::uint64_t>();
    block.bytes = from.take<std::uint64_t>();
    block.checksum = from.take<std::uint64_t>();
    block.firstStep = from.take<std::int64_t>();
    block.lastStep = from.take<std::int64_t>();
    block.bucket.count = from.take<std::int64_t>();
    block.bucket.notFinite = from.take<std::int64_t>();
    block.bucket.least = from.take<MetricPoint>();
    block.bucket.greatest = from.take<MetricPoint>();
    for (std::optional<MetricPoint>& point : block.nonFinite) {
        if (from.take<std::uint8_t>() != 0) {
            point = from.take<MetricPoint>();
        }
    }
    return block;
}

bool isSound(const SeriesBlock& block, std::uint64_t endOfBlocks)
{
    return block.bucket.count > 0 && block.bucket.count <= static_cast<std::int64_t>(kSeriesBlockPoints) &&
           block.bucket.notFinite >= 0 && block.bucket.notFinite <= block.bucket.count && block.offset <= endOfBlocks &&
           block.bytes <= endOfBlocks - block.offset && block.firstStep <= block.lastStep;
}

} // namespace

std::uint64_t checksumOf(std::string_view bytes)
{
    constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15ULL;
    constexpr int kTurn = 29;
    std::uint64_t sum = bytes.size() * kPrime;
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const std::size_t count = std::min(bytes.size(), sizeof(word));
        std::memcpy(&word, bytes.data(), count);
        bytes.remove_prefix(count);
        sum = (sum ^ word) * kPrime;
        sum ^= sum >> kTurn;
    }
    return sum;
}

std::string bytesOf(const MetricColumns& points)
{
    std::string bytes;
    putWhole(bytes, points.steps);
    putWhole(bytes, points.tokens);
    putAll(bytes, points.times);
    putAll(bytes, points.values);
    return bytes;
}

bool pointsFrom(std::string_view bytes, std::size_t count, MetricColumns& to)
{
    Cursor cursor(bytes);
    MetricColumns points;
    if (count == 0 || !takeWhole(cursor, count, points.steps) || !takeWhole(cursor, count, points.tokens)) {
        return false;
    }
    cursor.takeAll(count, points.times);
    cursor.takeAll(count, points.values);
    if (!cursor.atEnd()) {
        return false;
    }
    to.append(points);
    return true;
}

std::string bytesOf(const SeriesDirectory& directory)
{
    std::string bytes;
    put(bytes, static_cast<std::uint64_t>(directory.attempts.size()));
    for (const AttemptKey& attempt : directory.attempts) {
        put(bytes, attempt);
    }
    put(bytes, directory.lastId);
    put(bytes, directory.last);
    put(bytes, directory.lastStep);
    put(bytes, directory.points);
    put(bytes, static_cast<std::uint64_t>(directory.metrics.size()));
    for (const auto& [name, blocks] : directory.metrics) {
        put(bytes, static_cast<std::uint64_t>(name.size()));
        bytes += name;
        put(bytes, static_cast<std::uint64_t>(blocks.size()));
        for (const SeriesBlock& block : blocks) {
            putBlock(bytes, block);
        }
    }
    return bytes;
}

std::optional<SeriesDirectory> directoryFrom(std::string_view bytes, std::uint64_t endOfBlocks)
{
    Cursor cursor(bytes);
    SeriesDirectory directory;
    for (auto count = cursor.take<std::uint64_t>(); count > 0 && cursor.good(); --count) {
        directory.attempts.push_back(cursor.take<AttemptKey>());
    }
    directory.lastId = cursor.take<std::int64_t>();
    directory.last = cursor.take<MetricPoint>();
    directory.lastStep = cursor.take<std::int64_t>();
    directory.points = cursor.take<std::int64_t>();
    for (auto count = cursor.take<std::uint64_t>(); count > 0 && cursor.good(); --count) {
        std::string name(cursor.takeBytes(cursor.take<std::uint64_t>()));
        std::vector<SeriesBlock> blocks;
        for (auto more = cursor.take<std::uint64_t>(); more > 0 && cursor.good(); --more) {
            blocks.push_back(takeBlock(cursor));
            if (!isSound(blocks.back(), endOfBlocks)) {
                return std::nullopt;
            }
        }
        directory.metrics.emplace(std::move(name), std::move(blocks));
    }
    return cursor.atEnd() ? std::optional(std::move(directory)) : std::nullopt;
}

} // namespace dskd::store
