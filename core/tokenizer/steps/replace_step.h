#pragma once

#include "core/base/result.h"
#include "core/tokenizer/json_fields.h"
#include "core/tokenizer/steps/regex.h"

#include <memory>
#include <string>
#include <utility>

namespace dskd::tokenizer
{

// Appends the step "Replace" of a normalizer or decoder (`kind`): a ReplaceString where the pattern is a text, a
// ReplaceRegex where it is an expression, each made from it and the content. Fails without a pattern, also an empty
// text.
template <typename ReplaceString, typename ReplaceRegex, typename Steps>
Result<void> appendReplace(const std::string& kind, const nlohmann::json& step, Steps& steps)
{
    const std::string content = textField(step, "content").value_or("");
    const nlohmann::json* field = findField(step, "pattern");
    const nlohmann::json pattern = field != nullptr ? *field : nlohmann::json();
    if (const auto text = textField(pattern, "String"); text && !text->empty()) {
        steps.push_back(std::make_unique<ReplaceString>(*text, content));
        return {};
    }
    if (const auto expression = textField(pattern, "Regex")) {
        auto regex = Regex::compile(*expression);
        if (!regex) {
            return regex.failure();
        }
        steps.push_back(std::make_unique<ReplaceRegex>(std::move(*regex), content));
        return {};
    }
    return Failure{"The " + kind + " \"Replace\" has no pattern.", {}};
}

} // namespace dskd::tokenizer
