#include "core/align/spelling.h"

#include "core/base/utf8.h"
#include "core/tokenizer/steps/visible_space.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace dskd::align
{
namespace
{

using tokenizer::TokenId;
using tokenizer::Tokenizer;

constexpr char32_t kByteLevelSpace = 0x120;               // Ġ
constexpr char32_t kSentencePieceSpace = 0x2581;          // ▁
constexpr char32_t kFirstLoneByte = 0x110000;             // beyond every code point: bytes that are no character
constexpr std::string_view kByteLevelKind = "byte-level"; // how Tokenizer::kind of GPT-2's alphabet begins

class Alphabet
{
public:
    Alphabet() { m_letters.emplace(U' ', kSpaceLetter); }

    Letter of(char32_t code)
    {
        return m_letters.try_emplace(code, static_cast<Letter>(m_letters.size())).first->second;
    }
    [[nodiscard]] Letter size() const { return static_cast<Letter>(m_letters.size()); }

private:
    std::unordered_map<char32_t, Letter> m_letters;
};

std::vector<Letter> letters(std::string_view text, bool withMarks, Alphabet& alphabet)
{
    std::vector<Letter> result;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Step step = utf8Step(text, at);
        if (step.valid) {
            const bool mark = withMarks && (step.codePoint == kByteLevelSpace || step.codePoint == kSentencePieceSpace);
            result.push_back(mark ? kSpaceLetter : alphabet.of(step.codePoint));
        } else {
            for (std::size_t i = 0; i < step.length; ++i) {
                result.push_back(alphabet.of(kFirstLoneByte + static_cast<unsigned char>(text[at + i])));
            }
        }
        at += step.length;
    }
    return result;
}

Spellings spellings(const Tokenizer& tokenizer, bool asWritten, Alphabet& alphabet)
{
    Spellings result;
    for (TokenId id = 0; id < tokenizer.size(); ++id) {
        const std::string text = asWritten ? std::string() : tokenizer.bytes(id); // nothing for special tokens
        result.add(text.empty() ? letters(tokenizer.piece(id), true, alphabet) : letters(text, false, alphabet));
    }
    return result;
}

} // namespace

void Spellings::add(std::span<const Letter> spelling)
{
    m_letters.insert(m_letters.end(), spelling.begin(), spelling.end());
    m_begin.push_back(m_letters.size());
}

SpelledPair spell(const Tokenizer& teacher, const Tokenizer& student, SpellingRule rule)
{
    const bool oneAlphabet = teacher.kind().starts_with(kByteLevelKind) == student.kind().starts_with(kByteLevelKind);
    const bool asWritten = oneAlphabet || rule == SpellingRule::AsWritten;
    Alphabet alphabet;
    SpelledPair pair;
    pair.teacher = spellings(teacher, asWritten, alphabet);
    pair.student = spellings(student, asWritten, alphabet);
    pair.alphabet = alphabet.size();
    return pair;
}

} // namespace dskd::align
