#include "core/dataset/conversation.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/tokenizer/chat/chat_recognition.h"
#include "core/tokenizer/chat/chat_tokenizer.h"

#include <algorithm>
#include <utility>

namespace dskd::dataset
{
namespace
{

using tokenizer::ChatFamily;
using tokenizer::ChatTemplate;
using tokenizer::KnownTemplate;

Result<KnownTemplate> templateFor(const std::filesystem::path& folder, config::Template asked)
{
    switch (asked) {
    case config::Template::ChatMl: return KnownTemplate{ChatFamily::ChatMl, {}};
    case config::Template::Llama2: return KnownTemplate{ChatFamily::Llama2, {}};
    case config::Template::Llama3: return KnownTemplate{ChatFamily::Llama3, {}};
    case config::Template::Gemma: return KnownTemplate{ChatFamily::Gemma, {}};
    case config::Template::Zephyr: return KnownTemplate{ChatFamily::Zephyr, {}};
    case config::Template::Chat:
    case config::Template::Alpaca:
    case config::Template::Plain:
    case config::Template::Custom: break;
    }
    return tokenizer::recogniseFolder(folder);
}

} // namespace

Result<std::unique_ptr<tokenizer::Tokenizer>> loadPromptTokenizer(const std::filesystem::path& folder,
                                                                  const config::DataConfig& config)
{
    auto loaded = tokenizer::loadTokenizer(folder);
    if (!loaded || !config::usesChatTemplate(config)) {
        return loaded;
    }
    const auto known = templateFor(folder, config.promptTemplate);
    if (!known) {
        return known.failure();
    }
    auto chat = ChatTemplate::make(known->family, **loaded);
    if (!chat) {
        return Failure{"data.template is " + std::string(config::name(config.promptTemplate)) +
                           ", which does not fit the tokenizer in " + folder.string() + ". " + chat.failure().what,
                       chat.failure().hint};
    }
    chat->defaultSystem = known->defaultSystem;
    return std::unique_ptr<tokenizer::Tokenizer>(
        std::make_unique<tokenizer::ChatTokenizer>(*std::move(loaded), *std::move(chat)));
}

std::string promptFor(const Record& record, const tokenizer::Tokenizer& tokenizer)
{
    const ChatTemplate* chat = tokenizer.chatTemplate();
    if (chat == nullptr || record.turns.empty()) { // plain text, or a prompt that is used as it is
        return record.prompt;
    }
    return chat->render(record.turns, !record.responses.empty() && tokenizer::holdsReasoning(record.responses.front()));
}

Result<void> keepRenderable(RecordFile& file, const tokenizer::Tokenizer& tokenizer)
{
    const ChatTemplate* chat = tokenizer.chatTemplate();
    if (chat == nullptr) {
        return {};
    }
    const std::size_t brokenBefore = file.broken.size();
    std::erase_if(file.records, [&](const Record& record) {
        const Result<void> fits = chat->check(record.turns);
        if (!fits) {
            file.broken.push_back({record.line, fits.failure().what});
        }
        return !fits;
    });
    if (file.records.empty() && file.broken.size() > brokenBefore) {
        const BrokenLine& first = file.broken[brokenBefore];
        return Failure{"The data file " + file.path.string() + " has no record that the " +
                           std::string(tokenizer::name(chat->family)) + " chat template can write; line " +
                           std::to_string(first.line) + ": " + first.why,
                       "Change the data, or set data.template to another template, to alpaca or to plain."};
    }
    std::stable_sort(file.broken.begin(), file.broken.end(),
                     [](const BrokenLine& a, const BrokenLine& b) { return a.line < b.line; });
    return {};
}

void renderPrompts(RecordFile& file, const tokenizer::Tokenizer& tokenizer)
{
    for (Record& record : file.records) {
        record.prompt = promptFor(record, tokenizer);
    }
}

bool sameTemplate(const tokenizer::Tokenizer& a, const tokenizer::Tokenizer& b)
{
    const ChatTemplate* first = a.chatTemplate();
    const ChatTemplate* second = b.chatTemplate();
    return first == nullptr || second == nullptr ? first == second : *first == *second;
}

} // namespace dskd::dataset
