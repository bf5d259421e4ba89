#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dskd::score
{

// Lower case, ASCII punctuation deleted, white space collapsed to single spaces and removed at both ends. Lower case
// and white space are Unicode's; of text that is not valid UTF-8 only ASCII letters become lower case.
[[nodiscard]] std::string normalisedAnswer(std::string_view text);

// Whether the prediction equals any of the references after normalisation. An empty reference matches an empty
// prediction.
[[nodiscard]] bool exactMatch(std::span<const std::string> references, std::string_view prediction);

} // namespace dskd::score
