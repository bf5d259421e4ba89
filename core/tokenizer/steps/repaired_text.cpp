#include "core/tokenizer/steps/repaired_text.h"

#include "core/base/failure.h"
#include "core/base/utf8.h"

#include <limits>

namespace dskd::tokenizer
{

TextView repairedText(std::string_view text, AlignedText& buffer, std::uint32_t& replacedBytes)
{
    // Offsets have 32 bits and the libraries below count in int.
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) / 4) {
        throw Error("A text of " + std::to_string(text.size()) + " bytes is too long for a tokenizer.",
                    "Split it; 512 MiB at a time are possible.");
    }
    const TextView whole{text, nullptr, 0};
    if (isValidUtf8(text)) {
        return whole;
    }
    buffer.start(text.size() + 8);
    for (std::size_t position = 0; position < text.size();) {
        const Utf8Step step = utf8Step(text, position);
        if (step.valid) {
            buffer.keep(whole, position, position + step.length);
        } else {
            buffer.replace(whole, position, position + step.length, kReplacementCharacter);
            replacedBytes += static_cast<std::uint32_t>(step.length);
        }
        position += step.length;
    }
    return buffer.finish(whole);
}

} // namespace dskd::tokenizer
