#pragma once

#include "core/base/failure.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

// Text that has been rewritten (normalised, spaces made visible) and still knows where its bytes came from.
namespace dskd::tokenizer
{

// A part of the input, or of a rewritten input. originAt(i) is the byte of the original text at which the text's
// byte boundary i lies; it never decreases, so consecutive pieces of the text have consecutive, disjoint origins.
struct TextView {
    std::string_view text;
    const std::uint32_t* origin = nullptr; // text.size() + 1 boundaries; null: the boundaries are base + i
    std::uint32_t base = 0;

    [[nodiscard]] std::uint32_t originAt(std::size_t i) const
    {
        return origin != nullptr ? origin[i] : base + static_cast<std::uint32_t>(i);
    }
    [[nodiscard]] TextView slice(std::size_t begin, std::size_t end) const
    {
        return {text.substr(begin, end - begin), origin != nullptr ? origin + begin : nullptr,
                base + static_cast<std::uint32_t>(begin)};
    }
};

// How long a text of `size` bytes may become. NFKD makes at most 18 bytes of one; steps of a hostile tokenizer.json
// that replace what others inserted make any number.
[[nodiscard]] inline std::size_t maxRewritten(std::size_t size)
{
    constexpr std::size_t kMaxGrowth = 64;
    return kMaxGrowth * (size + kMaxGrowth);
}

// Collects a rewritten text. Where a stretch is replaced, the new bytes take the old bytes one by one; what the
// new text has more than the old gets an empty origin at the end of the stretch.
class AlignedText
{
public:
    // A text of more than `maxSize` bytes is refused as Error.
    void start(std::size_t sizeHint, std::size_t maxSize = std::numeric_limits<std::size_t>::max())
    {
        m_maxSize = maxSize;
        m_text.clear();
        m_origin.clear();
        m_text.reserve(sizeHint);
        m_origin.reserve(sizeHint + 1);
    }
    void keep(const TextView& source, std::size_t begin, std::size_t end)
    {
        m_text.append(source.text, begin, end - begin);
        for (std::size_t i = begin; i < end; ++i) {
            m_origin.push_back(source.originAt(i));
        }
    }
    void replace(const TextView& source, std::size_t begin, std::size_t end, std::string_view content)
    {
        if (content.size() > m_maxSize || m_text.size() > m_maxSize - content.size()) {
            throw Error("The steps of the tokenizer make more than " + std::to_string(m_maxSize) +
                            " bytes of a text of " + std::to_string(source.text.size()) + " bytes.",
                        "Its tokenizer.json is damaged or hostile.");
        }
        m_text += content;
        const std::uint32_t first = source.originAt(begin);
        const std::uint32_t last = source.originAt(end);
        for (std::size_t i = 0; i < content.size(); ++i) {
            m_origin.push_back(std::min(first + static_cast<std::uint32_t>(i), last));
        }
    }
    // The view is valid until this object changes.
    TextView finish(const TextView& source)
    {
        m_origin.push_back(source.originAt(source.text.size()));
        return {m_text, m_origin.data(), 0};
    }
    [[nodiscard]] std::size_t size() const { return m_text.size(); }
    [[nodiscard]] std::string_view text() const { return m_text; }

private:
    std::string m_text;
    std::vector<std::uint32_t> m_origin;
    std::size_t m_maxSize = std::numeric_limits<std::size_t>::max();
};

} // namespace dskd::tokenizer
