#include "app/report/event_file.h"

#include <bit>
#include <boost/crc.hpp>
#include <utility>

namespace dskd::report
{
namespace
{

constexpr std::size_t kFlushAt = std::size_t{1} << 20;

// Little-endian, as both formats have it.
template <typename Unsigned>
void appendFixed(std::string& to, Unsigned value)
{
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
        to += static_cast<char>(value >> (8 * i) & 0xFFU);
    }
}

// ---- Protocol Buffers: a field is its key (number and kind), then its value

enum class Wire : unsigned { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

void appendVarint(std::string& to, std::uint64_t value)
{
    for (; value >= 0x80U; value >>= 7U) {
        to += static_cast<char>((value & 0x7FU) | 0x80U);
    }
    to += static_cast<char>(value);
}

void appendKey(std::string& to, unsigned field, Wire wire)
{
    appendVarint(to, field << 3U | static_cast<unsigned>(wire));
}

void appendBytes(std::string& to, unsigned field, std::string_view bytes)
{
    appendKey(to, field, Wire::Bytes);
    appendVarint(to, bytes.size());
    to += bytes;
}

// The fields of tensorflow.Event, Summary and Summary.Value that scalars need.
constexpr unsigned kEventTime = 1;
constexpr unsigned kEventStep = 2;
constexpr unsigned kEventVersion = 3;
constexpr unsigned kEventSummary = 5;
constexpr unsigned kSummaryValue = 1;
constexpr unsigned kValueTag = 1;
constexpr unsigned kValueNumber = 2;
constexpr std::string_view kVersion = "brain.Event:2";

std::string eventAt(double time)
{
    std::string event;
    appendKey(event, kEventTime, Wire::Fixed64);
    appendFixed(event, std::bit_cast<std::uint64_t>(time));
    return event;
}

// ---- records: length, its checksum, the event, its checksum

std::uint32_t maskedChecksum(std::string_view bytes)
{
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc; // CRC-32C
    crc.process_bytes(bytes.data(), bytes.size());
    return std::rotr(static_cast<std::uint32_t>(crc.checksum()), 15) + 0xA282EAD8U;
}

} // namespace

Result<EventFile> EventFile::create(const std::filesystem::path& path, double time)
{
    auto file = AtomicFile::create(path);
    if (!file) {
        return file.failure();
    }
    EventFile events(*std::move(file));
    std::string first = eventAt(time);
    appendBytes(first, kEventVersion, kVersion);
    const Result<void> added = events.addRecord(first);
    return added ? Result<EventFile>(std::move(events)) : Result<EventFile>(added.failure());
}

Result<void> EventFile::add(const Scalar& scalar)
{
    std::string value;
    appendBytes(value, kValueTag, scalar.tag);
    appendKey(value, kValueNumber, Wire::Fixed32);
    appendFixed(value, std::bit_cast<std::uint32_t>(scalar.value));
    std::string summary;
    appendBytes(summary, kSummaryValue, value);
    std::string event = eventAt(scalar.time);
    appendKey(event, kEventStep, Wire::Varint);
    appendVarint(event, static_cast<std::uint64_t>(scalar.step));
    appendBytes(event, kEventSummary, summary);
    return addRecord(event);
}

Result<void> EventFile::addRecord(std::string_view event)
{
    std::string length;
    appendFixed(length, std::uint64_t{event.size()});
    m_waiting += length;
    appendFixed(m_waiting, maskedChecksum(length));
    m_waiting += event;
    appendFixed(m_waiting, maskedChecksum(event));
    return m_waiting.size() < kFlushAt ? Result<void>() : flush();
}

Result<void> EventFile::flush()
{
    return m_file.write(std::exchange(m_waiting, {}));
}

Result<void> EventFile::commit()
{
    const Result<void> written = flush();
    return written ? m_file.commit() : written;
}

} // namespace dskd::report
