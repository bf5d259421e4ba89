#pragma once

#include "core/base/result.h"
#include "core/tokenizer/steps/aligned_text.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace dskd::tokenizer
{

class RegexMatcher;

// One rewriting step before words are split. Immutable; any thread.
class NormalizerStep
{
public:
    virtual ~NormalizerStep() = default;
    // False when apply would surely leave the text as it is.
    [[nodiscard]] virtual bool changes(std::string_view text) const = 0;
    // Appends the rewritten source to `target`, which has been started.
    virtual void apply(const TextView& source, AlignedText& target, RegexMatcher& matcher) const = 0;
};

// The "normalizer" of a tokenizer.json. Immutable; any thread.
class Normalizer
{
public:
    // The memory a run of the steps works in; views returned by apply point into it.
    struct Buffers {
        AlignedText text[2];
    };

    Normalizer() = default;
    explicit Normalizer(std::vector<std::unique_ptr<const NormalizerStep>> steps) : m_steps(std::move(steps)) {}

    [[nodiscard]] TextView apply(TextView text, Buffers& buffers, RegexMatcher& matcher) const;

private:
    std::vector<std::unique_ptr<const NormalizerStep>> m_steps;
};

// Understands NFC, NFD, NFKC, NFKD, Prepend, Replace and Sequence of them; null is no
// normalizer. Fails naming the type that is not understood.
Result<Normalizer> parseNormalizer(const nlohmann::json& json);

} // namespace dskd::tokenizer
