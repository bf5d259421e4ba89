// Tokens that begin, end and fill texts: which each side has, and what the prompt's template makes of them.

#include "core/config/methods/fidelity_traits.h"
#include "core/dataset/conversation.h"
#include "core/dataset/sample.h"
#include "core/preflight/check_context.h"
#include "core/preflight/rules.h"

#include <string_view>

namespace dskd::preflight
{

namespace
{

// A model's files may name an id beyond its vocabulary.
std::string spelling(tokenizer::TokenId id, const tokenizer::Tokenizer& tokenizer)
{
    const std::string_view piece = tokenizer.piece(id);
    return piece.empty() ? "a token that the tokenizer does not have" : std::string(piece);
}

std::string tokenText(const char* role, const std::optional<tokenizer::TokenId>& id,
                      const tokenizer::Tokenizer& tokenizer)
{
    const std::string name = std::string(role) + " ";
    return id ? name + spelling(*id, tokenizer) + " (" + std::to_string(*id) + ")" : name + "none";
}

// What samples of this side begin and end with, looked up in the first one.
std::string usedText(const Context& context, const tokenizer::Tokenizer& tokenizer)
{
    const dataset::Record& record = context.train->records.front();
    const dataset::Sample sample = dataset::makeSample(record, tokenizer, context.experiment.data);
    const auto bos = tokenizer.special().bos;
    const bool begins = bos && sample.promptLength > 0 && sample.ids.front() == *bos && !sample.promptCut;
    std::string text = begins ? "Its prompts begin with bos" : "Its prompts begin without bos";
    if (sample.promptCut) {
        text = "The first prompt is cut";
    }
    if (!tokenizer.special().eos) {
        return text + ", its answers have no end.";
    }
    return text + ", its answers end with " + spelling(*tokenizer.special().eos, tokenizer) + ".";
}

} // namespace

void checkSpecialTokens(Context& context)
{
    std::string sentence;
    const auto add = [&](const std::string& part) { sentence += (sentence.empty() ? "" : " ") + part; };
    const std::pair<const char*, const tokenizer::Tokenizer*> sides[] = {{"Teacher", context.teacherTokenizer.get()},
                                                                         {"Student", context.studentTokenizer.get()}};
    for (const auto& [side, tokenizer] : sides) {
        if (tokenizer == nullptr) {
            continue;
        }
        const tokenizer::SpecialTokens& special = tokenizer->special();
        add(std::string(side) + ": " + tokenText("bos", special.bos, *tokenizer) + ", " +
            tokenText("eos", special.eos, *tokenizer) + ", " + tokenText("pad", special.pad, *tokenizer) + ".");
        if (context.train) {
            add(usedText(context, *tokenizer));
        }
    }
    if (sentence.empty()) {
        return;
    }
    add(config::seesPaddedBatch(context.experiment.method)
            ? "Samples are padded to data.max_length, as in the published code; padding is not learned."
            : "Nothing is padded: samples stand one behind the other.");
    context.report({"special", Level::Good, "Special tokens", std::move(sentence), "data.template", {}});
}

void checkEnds(Context& context)
{
    std::string sentence;
    const auto add = [&](const std::string& remark) { sentence += (sentence.empty() ? "" : " ") + remark; };
    const std::pair<const char*, const tokenizer::Tokenizer*> sides[] = {{"student", context.studentTokenizer.get()},
                                                                         {"teacher", context.teacherTokenizer.get()}};
    for (const auto& [field, tokenizer] : sides) {
        if (tokenizer == nullptr) {
            continue;
        }
        for (const std::string& remark : endRemarks(field, *tokenizer)) {
            add(remark);
        }
        if (context.train) {
            const std::string prompt = dataset::promptFor(context.train->records.front(), *tokenizer);
            if (const auto remark = beginRemark(field, *tokenizer, prompt)) {
                add(*remark);
            }
        }
    }
    if (!sentence.empty()) {
        context.report({"ends", Level::Note, "Begin and end of texts", std::move(sentence), "student.tokenizer", {}});
    }
}

} // namespace dskd::preflight
