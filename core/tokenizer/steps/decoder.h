#pragma once

#include "core/base/result.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace dskd::tokenizer
{

class RegexMatcher;

// One step from token spellings to text. Immutable; any thread.
class DecoderStep
{
public:
    virtual ~DecoderStep() = default;
    // Rewrites the tokens' strings; a step may join or drop them.
    virtual void apply(std::vector<std::string>& tokens, RegexMatcher& matcher) const = 0;
};

// The "decoder" of a tokenizer.json. Immutable; any thread.
class Decoder
{
public:
    enum class Kind { Steps, ByteLevel, None };

    Decoder() = default;
    explicit Decoder(std::vector<std::unique_ptr<const DecoderStep>> steps)
        : m_steps(std::move(steps)), m_kind(Kind::Steps)
    {
    }
    static Decoder byteLevel()
    {
        Decoder decoder;
        decoder.m_kind = Kind::ByteLevel;
        return decoder;
    }

    // ByteLevel alone is so simple (bytes side by side) that the tokenizer does it itself. None: tokens are joined
    // by spaces.
    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] std::string decode(std::vector<std::string> tokens) const;

private:
    std::vector<std::unique_ptr<const DecoderStep>> m_steps;
    Kind m_kind = Kind::None;
};

// Understands ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace and Sequence of them; null is None.
// Fails naming the type that is not understood.
Result<Decoder> parseDecoder(const nlohmann::json& decoder);

// The byte that a token like "<0x0A>" stands for; -1 for other tokens.
[[nodiscard]] int fallbackByte(std::string_view piece);

} // namespace dskd::tokenizer
