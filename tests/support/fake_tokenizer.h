#pragma once

#include "core/tokenizer/tokenizer.h"

#include <string>
#include <utility>
#include <vector>

namespace dskd::test
{

// A tokenizer over a handful of tokens, given as they are spelled ("Ġlike", "▁like", "<0x0A>", "Ċ"). Encodes by taking
// the longest token that fits, bytes without a token become <unk> when there is one. For tests that need exact token
// boundaries and no files.
class FakeTokenizer final : public tokenizer::Tokenizer
{
public:
    FakeTokenizer(std::vector<std::string> pieces, const std::string& eos, const std::string& unk = "<unk>")
        : m_pieces(std::move(pieces))
    {
        m_special.eos = idOf(eos);
        m_special.unk = idOf(unk);
        m_special.bos = idOf("<s>");
        m_special.pad = idOf("<pad>");
    }

    [[nodiscard]] tokenizer::Encoding encode(std::string_view text, bool /*addSpecial*/ = false) const override
    {
        tokenizer::Encoding encoding;
        for (std::size_t at = 0; at < text.size();) {
            tokenizer::TokenId best = m_special.unk.value_or(-1);
            std::size_t length = 0;
            for (tokenizer::TokenId id = 0; id < size(); ++id) {
                const std::string content = bytes(id);
                if (content.size() > length && text.substr(at).starts_with(content)) {
                    best = id;
                    length = content.size();
                }
            }
            length = length == 0 ? 1 : length;
            if (best >= 0) {
                encoding.ids.push_back(best);
                encoding.offsets.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + length)});
            }
            at += length;
        }
        return encoding;
    }

    [[nodiscard]] std::string decode(std::span<const tokenizer::TokenId> ids, bool /*skipSpecial*/) const override
    {
        std::string text;
        for (const tokenizer::TokenId id : ids) {
            text += bytes(id);
        }
        return text;
    }

    [[nodiscard]] std::string_view piece(tokenizer::TokenId id) const override
    {
        return id >= 0 && id < size() ? std::string_view(m_pieces[static_cast<std::size_t>(id)]) : std::string_view();
    }

    [[nodiscard]] std::string bytes(tokenizer::TokenId id) const override
    {
        const std::string spelled(piece(id));
        if (isSpecial(id)) {
            return {};
        }
        if (spelled == "<0x0A>" || spelled == "Ċ") {
            return "\n";
        }
        std::string text;
        for (std::size_t at = 0; at < spelled.size();) {
            const std::string_view rest = std::string_view(spelled).substr(at);
            if (rest.starts_with("▁")) {
                text += ' ';
                at += std::string_view("▁").size();
            } else if (rest.starts_with("Ġ")) {
                text += ' ';
                at += std::string_view("Ġ").size();
            } else if (rest.starts_with("Ã©")) { // the bytes of é as byte-level BPE spells them
                text += "é";
                at += std::string_view("Ã©").size();
            } else {
                text += spelled[at++];
            }
        }
        return text;
    }

    [[nodiscard]] std::optional<tokenizer::TokenId> idOf(std::string_view wanted) const override
    {
        for (std::size_t id = 0; id < m_pieces.size(); ++id) {
            if (m_pieces[id] == wanted) {
                return static_cast<tokenizer::TokenId>(id);
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool isSpecial(tokenizer::TokenId id) const override
    {
        const std::string_view spelled = piece(id);
        return spelled == "</s>" || spelled == "<s>" || spelled == "<unk>" || spelled == "<pad>" ||
               spelled == "<|endoftext|>";
    }

    [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(m_pieces.size()); }
    [[nodiscard]] const tokenizer::SpecialTokens& special() const override { return m_special; }
    [[nodiscard]] std::string_view kind() const override { return "fake"; }

private:
    std::vector<std::string> m_pieces;
    tokenizer::SpecialTokens m_special;
};

} // namespace dskd::test
