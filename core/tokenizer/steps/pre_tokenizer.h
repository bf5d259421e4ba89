#pragma once

#include "core/base/result.h"
#include "core/tokenizer/steps/aligned_text.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace dskd::tokenizer
{

class RegexMatcher;

struct TextRange {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// A text on its way to the model: what it says now, and the words it has been split into so far (never empty
// ones). Reused from text to text so that its memory is.
struct WordList {
    TextView text;
    std::vector<TextRange> words;

    AlignedText buffers[2]; // hold the text where a step has rewritten it
    std::size_t nextBuffer = 0;
    std::vector<TextRange> previousWords;
};

// One step that splits words further, or rewrites them. Immutable; any thread.
class PreTokenizerStep
{
public:
    virtual ~PreTokenizerStep() = default;
    virtual void apply(WordList& list, RegexMatcher& matcher) const = 0;
};

// The "pre_tokenizer" of a tokenizer.json. Immutable; any thread.
class PreTokenizer
{
public:
    PreTokenizer() = default;
    PreTokenizer(std::vector<std::unique_ptr<const PreTokenizerStep>> steps, bool byteLevel)
        : m_steps(std::move(steps)), m_byteLevel(byteLevel)
    {
    }

    // Splits `text` into list.words.
    void apply(const TextView& text, WordList& list, RegexMatcher& matcher) const;

    // The words' bytes are to be spelled in GPT-2's byte alphabet. They are left as they are here; the model does it.
    [[nodiscard]] bool byteLevel() const { return m_byteLevel; }

private:
    std::vector<std::unique_ptr<const PreTokenizerStep>> m_steps;
    bool m_byteLevel = false;
};

// Understands Split, ByteLevel (at the end), Metaspace, Digits and Sequence of them; null is one word.
// Fails naming the type that is not understood.
Result<PreTokenizer> parsePreTokenizer(const nlohmann::json& json);

} // namespace dskd::tokenizer
