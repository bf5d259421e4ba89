#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::score
{

// A word as ROUGE compares it, and the bytes of the text that it was made of.
struct RougeWord {
    std::string word;
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The words that ROUGE compares: lower-cased, everything but a-z and 0-9 separates, words of more than three
// characters stemmed. As PyPI rouge_score 0.1.2 with use_stemmer=True.
[[nodiscard]] std::vector<RougeWord> rougeWords(std::string_view text);
[[nodiscard]] std::vector<std::string> rougeTokens(std::string_view text); // without their places

struct RougeScore {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
};

// ROUGE-L: the longest common subsequence of words, against the prediction's length (precision) and the reference's
// (recall). Between 0 and 1; 0 when either text has no word. Time is the product of both lengths.
[[nodiscard]] RougeScore rougeL(std::string_view reference, std::string_view prediction);

// The score against the reference that gives the highest F1. Zero for no references.
[[nodiscard]] RougeScore rougeL(std::span<const std::string> references, std::string_view prediction);

} // namespace dskd::score
