#pragma once

// Texts with the words marked in which an answer and its reference differ, by colour and by shape. GUI thread only.

#include "core/score/word_difference.h"

#include <QString>
#include <string>
#include <vector>

namespace dskd::ui
{

enum class WordMark {
    NotInReference, // a word of the answer: underlined
    NotInAnswer,    // a word of the reference: struck through
};

// A label's rich text that reads as `text` does: whatever it holds is text, and its spaces and line ends stay.
[[nodiscard]] QString markedText(const std::string& text, const std::vector<score::TextSpan>& marked, WordMark mark);

// A few words that are marked so, for a legend.
[[nodiscard]] QString markedWords(const QString& words, WordMark mark);

} // namespace dskd::ui
