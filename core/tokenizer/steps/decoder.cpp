#include "core/tokenizer/steps/decoder.h"

#include "core/base/result.h"
#include "core/base/utf8.h"
#include "core/tokenizer/json_fields.h"
#include "core/tokenizer/steps/byte_alphabet.h"
#include "core/tokenizer/steps/regex.h"
#include "core/tokenizer/steps/replace_step.h"

#include <charconv>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

// What a decoder may make of one token, or of all of them fused: steps of a hostile tokenizer.json that replace what
// others inserted make any number of bytes.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

void append(std::string& text, std::string_view more)
{
    if (text.size() + more.size() > kMaxBytes) {
        throw Error("The decoder of the tokenizer makes more than " + std::to_string(kMaxBytes) + " bytes of a token.",
                    "Its tokenizer.json is damaged or hostile.");
    }
    text += more;
}

void replaceAll(std::string& text, std::string_view pattern, std::string_view content)
{
    std::size_t hit = text.find(pattern);
    if (hit == std::string::npos) {
        return;
    }
    std::string result;
    std::size_t done = 0;
    for (; hit != std::string::npos; hit = text.find(pattern, done)) {
        result.append(text, done, hit - done);
        append(result, content);
        done = hit + pattern.size();
    }
    result.append(text, done);
    text = std::move(result);
}

class ByteLevelStep final : public DecoderStep
{
public:
    void apply(std::vector<std::string>& tokens, RegexMatcher&) const override
    {
        std::string bytes;
        for (const std::string& token : tokens) {
            bytes += bytesOfSpelling(token).value_or(token);
        }
        tokens = {replaceInvalidUtf8(bytes)};
    }
};

class ReplaceString final : public DecoderStep
{
public:
    ReplaceString(std::string pattern, std::string content)
        : m_pattern(std::move(pattern)), m_content(std::move(content))
    {
    }
    void apply(std::vector<std::string>& tokens, RegexMatcher&) const override
    {
        for (std::string& token : tokens) {
            replaceAll(token, m_pattern, m_content);
        }
    }

private:
    std::string m_pattern;
    std::string m_content;
};

class ReplaceRegex final : public DecoderStep
{
public:
    ReplaceRegex(Regex regex, std::string content) : m_regex(std::move(regex)), m_content(std::move(content)) {}
    void apply(std::vector<std::string>& tokens, RegexMatcher& matcher) const override
    {
        for (std::string& token : tokens) {
            std::string result;
            std::size_t done = 0;
            while (done < token.size()) {
                const auto match = matcher.find(m_regex, token, done);
                if (!match || match->end == match->begin) {
                    break;
                }
                result.append(token, done, match->begin - done);
                append(result, m_content);
                done = match->end;
            }
            result.append(token, done);
            token = std::move(result);
        }
    }

private:
    Regex m_regex;
    std::string m_content;
};

// Runs of byte tokens become the characters they spell, or one U+FFFD per byte when they spell none.
class ByteFallback final : public DecoderStep
{
public:
    void apply(std::vector<std::string>& tokens, RegexMatcher&) const override
    {
        std::vector<std::string> result;
        result.reserve(tokens.size());
        std::string bytes;
        const auto flush = [&] {
            if (bytes.empty()) {
                return;
            }
            if (isValidUtf8(bytes)) {
                result.push_back(std::move(bytes));
            } else {
                result.insert(result.end(), bytes.size(), std::string(kReplacementCharacter));
            }
            bytes.clear();
        };
        for (std::string& token : tokens) {
            if (const int byte = fallbackByte(token); byte >= 0) {
                bytes += static_cast<char>(byte);
            } else {
                flush();
                result.push_back(std::move(token));
            }
        }
        flush();
        tokens = std::move(result);
    }
};

class Fuse final : public DecoderStep
{
public:
    void apply(std::vector<std::string>& tokens, RegexMatcher&) const override
    {
        std::string text;
        for (const std::string& token : tokens) {
            text += token;
        }
        tokens = {std::move(text)};
    }
};

class Strip final : public DecoderStep
{
public:
    Strip(std::string content, std::int64_t atStart, std::int64_t atEnd)
        : m_content(std::move(content)), m_atStart(atStart), m_atEnd(atEnd)
    {
    }
    void apply(std::vector<std::string>& tokens, RegexMatcher&) const override
    {
        for (std::string& token : tokens) {
            std::string_view rest = token;
            for (std::int64_t i = 0; i < m_atStart && rest.starts_with(m_content); ++i) {
                rest.remove_prefix(m_content.size());
            }
            for (std::int64_t i = 0; i < m_atEnd && rest.ends_with(m_content); ++i) {
                rest.remove_suffix(m_content.size());
            }
            token = std::string(rest);
        }
    }

private:
    std::string m_content;
    std::int64_t m_atStart;
    std::int64_t m_atEnd;
};

class Metaspace final : public DecoderStep
{
public:
    Metaspace(std::string replacement, bool dropsFirst)
        : m_replacement(std::move(replacement)), m_dropsFirst(dropsFirst)
    {
    }
    void apply(std::vector<std::string>& tokens, RegexMatcher&) const override
    {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            replaceAll(tokens[i], m_replacement, i == 0 && m_dropsFirst ? "" : " ");
        }
    }

private:
    std::string m_replacement;
    bool m_dropsFirst;
};

using Steps = std::vector<std::unique_ptr<const DecoderStep>>;

Result<void> appendSteps(const json& step, Steps& steps)
{
    const std::string type = textField(step, "type").value_or("");
    if (type == "Sequence") {
        for (const json& inner : listField(step, "decoders")) {
            if (auto appended = appendSteps(inner, steps); !appended) {
                return appended;
            }
        }
    } else if (type == "ByteLevel") {
        steps.push_back(std::make_unique<ByteLevelStep>());
    } else if (type == "Replace") {
        return appendReplace<ReplaceString, ReplaceRegex>("decoder", step, steps);
    } else if (type == "ByteFallback") {
        steps.push_back(std::make_unique<ByteFallback>());
    } else if (type == "Fuse") {
        steps.push_back(std::make_unique<Fuse>());
    } else if (type == "Strip") {
        const std::string content = textField(step, "content").value_or(" ");
        if (content.empty()) {
            return Failure{"The decoder \"Strip\" has an empty content.", {}};
        }
        steps.push_back(std::make_unique<Strip>(content, integerField(step, "start").value_or(0),
                                                integerField(step, "stop").value_or(0)));
    } else if (type == "Metaspace") {
        const std::string replacement = textField(step, "replacement").value_or("\u2581");
        if (replacement.empty()) {
            return Failure{"The decoder \"Metaspace\" has an empty replacement.", {}};
        }
        const bool prefix = flagField(step, "add_prefix_space", true);
        const std::string scheme = textField(step, "prepend_scheme").value_or(prefix ? "always" : "never");
        steps.push_back(std::make_unique<Metaspace>(replacement, scheme != "never"));
    } else {
        return Failure{"The decoder \"" + type + "\" is not understood.",
                       "Known are ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace and Sequence."};
    }
    return {};
}

} // namespace

int fallbackByte(std::string_view piece)
{
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') {
        return -1;
    }
    int byte = 0;
    const char* end = piece.data() + 5;
    const auto [stop, error] = std::from_chars(piece.data() + 3, end, byte, 16);
    return error == std::errc() && stop == end && byte >= 0 ? byte : -1;
}

std::string Decoder::decode(std::vector<std::string> tokens) const
{
    RegexMatcher matcher;
    for (const auto& step : m_steps) {
        step->apply(tokens, matcher);
    }
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i > 0 && m_kind == Kind::None) {
            text += ' ';
        }
        text += tokens[i];
    }
    return text;
}

Result<Decoder> parseDecoder(const json& decoder)
{
    if (decoder.is_null()) {
        return Decoder();
    }
    if (textField(decoder, "type") == "ByteLevel") {
        return Decoder::byteLevel();
    }
    Steps steps;
    if (auto appended = appendSteps(decoder, steps); !appended) {
        return appended.failure();
    }
    return Decoder(std::move(steps));
}

} // namespace dskd::tokenizer
