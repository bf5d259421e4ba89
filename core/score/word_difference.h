#pragma once

// In which words an answer and its reference differ, as a tool that compares texts marks it.

#include <cstddef>
#include <string_view>
#include <vector>

namespace dskd::score
{

// Bytes of a text.
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const TextSpan&) const = default;
};

// Words as ROUGE compares them (rougeWords): neither case nor a word's ending is a difference, and what is no word of
// ROUGE's, such as punctuation and letters outside a-z, never differs. Common are the words of a longest common
// subsequence, those that ROUGE-L counts; of several such the one that has the reference's first words.
struct WordDifference {
    std::vector<TextSpan> notInReference; // words of the answer
    std::vector<TextSpan> notInAnswer;    // words of the reference
    std::size_t common = 0;               // words of both

    [[nodiscard]] std::size_t answerWords() const { return common + notInReference.size(); }
    [[nodiscard]] std::size_t referenceWords() const { return common + notInAnswer.size(); }
};

// What a comparison took.
struct DifferenceWork {
    std::size_t blocks = 0; // steps that treat 64 words of the answer at once
    std::size_t bytes = 0;  // held for them
};

// Takes a 32nd of the product of both lengths as steps, and a bit for each word of the answer and twice the root of the
// reference's words as memory: 0.7 MB for 20,000 words on each side. Any thread. `work`: gets what it took.
[[nodiscard]] WordDifference wordDifference(std::string_view reference, std::string_view answer,
                                            DifferenceWork* work = nullptr);

// A text cut at the borders of some of its spans.
struct TextPart {
    std::string_view text; // of the text that was cut
    bool marked = false;   // it is one of the spans
};

// All of the text, in order. REQUIRES: the spans are in order and do not overlap.
[[nodiscard]] std::vector<TextPart> cutAt(std::string_view text, const std::vector<TextSpan>& spans);

} // namespace dskd::score
