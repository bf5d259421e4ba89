#include "core/score/rouge.h"

#include "core/score/porter_stemmer.h"

#include <algorithm>
#include <utility>

namespace dskd::score
{
namespace
{

// The only characters outside ASCII whose lower case begins with one inside it.
constexpr std::string_view kKelvinSign = "\xe2\x84\xaa"; // K, U+212A -> k
constexpr std::string_view kDottedCapitalI = "\xc4\xb0"; // U+0130 -> i and a combining dot, which separates

std::size_t longestCommonSubsequence(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    std::vector<std::size_t> row(b.size() + 1, 0);
    for (const std::string& word : a) {
        std::size_t diagonal = 0; // row[j] as it was before this word
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            row[j + 1] = word == b[j] ? diagonal + 1 : std::max(above, row[j]);
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

std::vector<RougeWord> rougeWords(std::string_view text)
{
    std::vector<RougeWord> words;
    RougeWord word;
    const auto add = [&](char letter, std::size_t begin, std::size_t end) {
        word.begin = word.word.empty() ? begin : word.begin;
        word.end = end;
        word.word += letter;
    };
    const auto finishWord = [&] {
        if (!word.word.empty()) {
            word.word = word.word.size() > 3 ? porterStem(word.word) : word.word;
            words.push_back(std::move(word));
            word = {};
        }
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            add(c, at, at + 1);
        } else if (c >= 'A' && c <= 'Z') {
            add(static_cast<char>(c - 'A' + 'a'), at, at + 1);
        } else if (text.substr(at).starts_with(kKelvinSign)) {
            add('k', at, at + kKelvinSign.size());
            at += kKelvinSign.size() - 1;
        } else if (text.substr(at).starts_with(kDottedCapitalI)) {
            add('i', at, at + kDottedCapitalI.size());
            at += kDottedCapitalI.size() - 1;
            finishWord();
        } else {
            finishWord();
        }
    }
    finishWord();
    return words;
}

std::vector<std::string> rougeTokens(std::string_view text)
{
    std::vector<RougeWord> words = rougeWords(text);
    std::vector<std::string> tokens;
    tokens.reserve(words.size());
    for (RougeWord& word : words) {
        tokens.push_back(std::move(word.word));
    }
    return tokens;
}

RougeScore rougeL(std::string_view reference, std::string_view prediction)
{
    const std::vector<std::string> referenceTokens = rougeTokens(reference);
    const std::vector<std::string> predictionTokens = rougeTokens(prediction);
    if (referenceTokens.empty() || predictionTokens.empty()) {
        return {};
    }
    const auto common = static_cast<double>(longestCommonSubsequence(referenceTokens, predictionTokens));
    RougeScore score;
    score.precision = common / static_cast<double>(predictionTokens.size());
    score.recall = common / static_cast<double>(referenceTokens.size());
    if (common > 0) {
        score.f1 = 2 * score.precision * score.recall / (score.precision + score.recall);
    }
    return score;
}

RougeScore rougeL(std::span<const std::string> references, std::string_view prediction)
{
    RougeScore best;
    bool isFirst = true;
    for (const std::string& reference : references) {
        const RougeScore score = rougeL(reference, prediction);
        if (isFirst || score.f1 > best.f1) {
            best = score;
        }
        isFirst = false;
    }
    return best;
}

} // namespace dskd::score
